"""Links by which customers see their query and write in it."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned


class CustomerLink(SellerOwned):
    """A link to one query, for one purpose, until a day. Only a hash of its token is kept."""

    class Purpose(models.TextChoices):
        QUERY = "query"  # To see what became of it, and to write in it.

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery")
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.QUERY)
    token_hash = models.CharField(max_length=64)  # SHA-256.
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="customer_link_leads_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "token_hash"], name="customer_link_token_unique"),
            CheckConstraint(condition=Q(purpose__in=["query"]), name="customer_link_purpose_known"),
            CheckConstraint(condition=Q(ends_at__gt=F("created_at")), name="customer_link_ends_after_it_began"),
        ]
        indexes = [
            Index(fields=["token_hash"], name="customer_link_by_token"),
            Index(fields=["seller", "query_id"], name="customer_link_of_query"),
        ]

"""What a customer is asked to declare about a parcel, and has signed."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned


class Declaration(SellerOwned):
    """A declaration that a parcel did not arrive: asked for once for each parcel of a query, signed once.

    The sentence is written down when it is asked for, so that what was signed is what was read. Sentence and name are
    deleted when their time is over; that it was signed stays.
    """

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="declarations")
    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel")
    language = models.CharField(max_length=2)
    sentence = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    asked_by_user_id = models.BigIntegerField(default=0)  # 0: a program.
    asked_by_name = models.CharField(max_length=200)
    signed_name = models.CharField(max_length=200, blank=True)
    signed_on = models.DateField(null=True)  # In the marketplace's calendar.
    signed_at = models.DateTimeField(null=True)
    content_deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="declaration_belongs_to_a_query_of_its_seller"),
            OwnedForeignKey("parcel_id", to="Parcel", name="declaration_is_about_a_parcel_of_its_seller"),
            UniqueConstraint(fields=["seller", "query_id", "parcel_id"], name="declaration_once_for_each_parcel"),
            CheckConstraint(condition=Q(language__in=["nl", "fr", "de", "en"]), name="declaration_language_known"),
            CheckConstraint(
                condition=Q(signed_at=None, signed_on=None, signed_name="")
                | Q(signed_at__isnull=False, signed_on__isnull=False),
                name="declaration_signed_has_its_day",
            ),
            CheckConstraint(
                condition=Q(content_deleted_at__isnull=False, sentence="", signed_name="")
                | Q(content_deleted_at=None) & ~Q(sentence="") & (Q(signed_at=None) | ~Q(signed_name="")),
                name="declaration_has_its_words_until_their_time_is_over",
            ),
        ]
        indexes = [
            Index(fields=["seller", "asked_at"], condition=Q(content_deleted_at=None), name="declaration_oldest_first"),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it can still be signed."""
        return self.signed_at is None and self.content_deleted_at is None

"""Requests to Partnerservice."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned


class PartnerserviceRequest(SellerOwned):
    """A seller's request to Partnerservice about units that the seller may not write off."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for Partnerservice")
        ANSWERED = "answered", _("Answered")

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="partnerservice_requests")
    parcel_unit_id = models.UUIDField()
    parcel_unit = owned("parcel_unit_id", "ParcelUnit", related_name="partnerservice_requests")
    reasons = models.JSONField()  # The refusals' codes at that moment.
    facts = models.JSONField()
    policy_version = models.PositiveIntegerField()
    sentence = models.CharField(max_length=1000)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    asked_by_user_id = models.BigIntegerField()
    asked_by_name = models.CharField(max_length=200)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_user_id = models.BigIntegerField(null=True)
    answered_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            OfItsSeller(name="partnerservice_request_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="request_belongs_to_a_query_of_its_seller"),
            OwnedForeignKey("parcel_unit_id", to="ParcelUnit", name="request_is_about_units_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "parcel_unit_id"],
                condition=Q(state="waiting"),
                name="request_waits_once_for_each_unit",
            ),
            CheckConstraint(
                condition=Q(state="waiting", answered_at=None)
                | Q(state="answered", answered_at__isnull=False) & ~Q(answer=""),
                name="request_answered_has_its_answer",
            ),
        ]
        indexes = [
            Index(fields=["seller", "query_id"], name="request_of_query"),
            Index(fields=["asked_at", "seller", "id"], condition=Q(state="waiting"), name="request_oldest_first"),
            Index(
                fields=["-answered_at", "seller", "-id"],
                condition=Q(state="answered"),
                name="request_answered_newest_first",
            ),
        ]

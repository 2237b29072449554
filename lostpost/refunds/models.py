"""Refunds: the payment to the customer, apart from the write-off that decided on it."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned


class Refund(SellerOwned):
    """One payment to one customer, on behalf of the seller and at the seller's expense."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SENT = "sent", _("Sent")
        CONFIRMED = "confirmed", _("Confirmed")
        FAILED = "failed", _("Failed")

    MOVES = {  # From each state, where a refund may go.
        State.REQUESTED: {State.SENT, State.CONFIRMED, State.FAILED},
        State.SENT: {State.CONFIRMED, State.FAILED},
        State.FAILED: {State.REQUESTED, State.CONFIRMED},  # Retried, or paid by a person after all.
        State.CONFIRMED: {State.FAILED},  # The customer's bank sent it back.
    }

    number = models.CharField(max_length=40)
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="refunds")
    query_id = models.UUIDField()  # The refund is on this query's timeline.
    query = owned("query_id", "CustomerQuery", related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    gateway = models.CharField(max_length=30)
    state = models.CharField(max_length=20, choices=State, default=State.REQUESTED)
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, blank=True)  # The provider's, or the bank's.
    problem = models.CharField(max_length=500, blank=True)  # Why it failed, or why it waits.
    problem_code = models.CharField(
        max_length=60, blank=True, db_default=""
    )  # A key of `problems.py`; "": a person's text.
    no_response_since = models.DateTimeField(null=True)  # First request without a response.
    payment_reference = models.CharField(max_length=200, blank=True, db_default="")  # The payment that is refunded.
    attempt = models.PositiveIntegerField(default=1, db_default=1)  # Part of the provider's key: a retry is a new one.
    asked_at = models.DateTimeField(null=True)  # From here on the provider may know this attempt.
    look_again_at = models.DateTimeField(null=True)  # A confirmed refund may still fail for weeks.

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="refund_belongs_to_an_order_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="refund_belongs_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="refund_number_unique"),
            CheckConstraint(condition=Q(amount_minor__gte=0), name="refund_amount_not_negative"),
            CheckConstraint(condition=Q(attempt__gte=1), name="refund_attempts_counted_from_one"),
            CheckConstraint(
                condition=Q(look_again_at=None) | Q(state="confirmed"), name="refund_looked_at_again_once_confirmed"
            ),
            CheckConstraint(
                condition=Q(state="requested", confirmed_at=None, failed_at=None)
                | Q(state="sent", sent_at__isnull=False, confirmed_at=None, failed_at=None)
                | Q(state="confirmed", sent_at__isnull=False, confirmed_at__isnull=False, failed_at=None)
                & ~Q(reference="")
                | Q(state="failed", failed_at__isnull=False, confirmed_at=None) & ~Q(problem=""),
                name="refund_state_has_its_evidence",
            ),
        ]
        indexes = [
            Index(fields=["seller", "order_id"], name="refund_of_order"),
            Index(
                fields=["requested_at", "seller", "id"],
                condition=Q(state__in=["requested", "sent", "failed"]),
                name="refund_not_yet_paid",
            ),
            Index(
                fields=["seller", "requested_at", "id"],
                condition=Q(state__in=["requested", "sent", "failed"]),
                name="refund_on_its_way",
            ),
            Index(
                fields=["-confirmed_at", "seller", "-id"],
                condition=Q(state="confirmed"),
                name="refund_paid_newest_first",
            ),
            Index(
                fields=["look_again_at", "seller", "id"],
                condition=Q(look_again_at__isnull=False),
                name="refund_to_look_at_again",
            ),
            Index(fields=["payment_reference"], condition=~Q(payment_reference=""), name="refund_of_payment"),
        ]


class RefundBounce(SellerOwned):
    """A refund that was paid and bounced. Its transfer is booked under this row, and so is the next payment's."""

    refund_id = models.UUIDField()
    refund = owned("refund_id", "Refund", related_name="bounces")
    number = models.PositiveIntegerField(default=1, db_default=1)  # Counts from 1: paid again, it can bounce again.
    attempt = models.PositiveIntegerField()
    reference = models.CharField(max_length=200)  # Of the payment that bounced.
    problem = models.CharField(max_length=500)
    bounced_at = models.DateTimeField()

    class Meta:
        constraints = [
            OwnedForeignKey("refund_id", to="Refund", name="bounce_belongs_to_a_refund_of_its_seller"),
            UniqueConstraint(fields=["seller", "refund_id", "number"], name="refund_bounces_numbered"),
        ]

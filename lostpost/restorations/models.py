"""Payments that customers who have the goods after all agreed to."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned


class Restoration(SellerOwned):
    """A customer who has the lost goods after all agreed to pay for them: what was refunded comes back, or part of it.

    The write-off stays as it is; money moves by new transfers once the customer's payment is there.
    """

    class State(models.TextChoices):
        AGREED = "agreed", _("Agreed, not yet paid")
        RECEIVED = "received", _("Paid by the customer")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES = {  # From each state, where a restoration may go.
        State.AGREED: {State.RECEIVED, State.WITHDRAWN},
        State.RECEIVED: frozenset[State](),
        State.WITHDRAWN: frozenset[State](),
    }

    number = models.CharField(max_length=50)  # The write-off's number, R and which restoration of it this is.
    write_off_id = models.UUIDField()
    write_off = owned("write_off_id", "WriteOff", related_name="restorations")
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="restorations")
    state = models.CharField(max_length=20, choices=State, default=State.AGREED)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()  # What the customer pays again: the lines and the delivery costs.
    delivery_minor = models.BigIntegerField(default=0)
    # Delivery costs that were agreed to, and are not paid again as not everything is kept.
    delivery_waived_minor = models.BigIntegerField(default=0)
    consent = models.CharField(max_length=1000)  # How and in which words the customer agreed.
    consented_at = models.DateTimeField()
    agreed_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)
    received_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, blank=True)  # Of the customer's payment.
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)  # Why it was withdrawn.

    class Meta:
        constraints = [
            OwnedForeignKey("write_off_id", to="WriteOff", name="restoration_of_a_write_off_of_its_seller"),
            OwnedForeignKey("order_id", to="Order", name="restoration_belongs_to_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="restoration_number_unique"),
            UniqueConstraint(
                fields=["seller", "write_off_id"],
                condition=Q(delivery_minor__gt=0) & ~Q(state="withdrawn"),
                name="restoration_restores_delivery_costs_once",
            ),
            CheckConstraint(
                condition=Q(delivery_minor__gte=0, amount_minor__gte=models.F("delivery_minor")),
                name="restoration_amount_covers_its_delivery_costs",
            ),
            CheckConstraint(
                condition=Q(delivery_waived_minor=0) | Q(delivery_waived_minor__gt=0, delivery_minor=0),
                name="restoration_pays_or_waives_delivery_costs",
            ),
            CheckConstraint(
                condition=Q(state="agreed", received_at=None, withdrawn_at=None)
                | Q(state="received", received_at__isnull=False, withdrawn_at=None) & ~Q(reference="")
                | Q(state="withdrawn", received_at=None, withdrawn_at__isnull=False) & ~Q(reason=""),
                name="restoration_state_has_its_evidence",
            ),
            CheckConstraint(condition=~Q(consent=""), name="restoration_has_the_customers_consent"),
        ]
        indexes = [
            Index(fields=["seller", "write_off_id"], name="restoration_of_write_off"),
            Index(fields=["seller", "order_id"], name="restoration_of_order"),
            Index(fields=["agreed_at", "seller", "id"], condition=Q(state="agreed"), name="restoration_not_yet_paid"),
        ]

    def __str__(self) -> str:
        return self.number


class RestorationLine(SellerOwned):
    """Units of one line of a write-off that the customer pays again."""

    restoration_id = models.UUIDField()
    restoration = owned("restoration_id", "Restoration", related_name="lines")
    write_off_line_id = models.UUIDField()
    write_off_line = owned("write_off_line_id", "WriteOffLine", related_name="restoration_lines")
    quantity = models.PositiveIntegerField()
    refund_minor = models.BigIntegerField()  # Of what was refunded; VAT included.
    commission_minor = models.BigIntegerField()
    commission_vat_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            OwnedForeignKey("restoration_id", to="Restoration", name="line_belongs_to_a_restoration_of_its_seller"),
            OwnedForeignKey("write_off_line_id", to="WriteOffLine", name="line_restores_a_line_of_its_seller"),
            UniqueConstraint(fields=["seller", "restoration_id", "write_off_line_id"], name="restoration_line_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="restoration_quantity_positive"),
            CheckConstraint(
                condition=Q(refund_minor__gte=0, commission_minor__gte=0, commission_vat_minor__gte=0),
                name="restoration_line_amounts_not_negative",
            ),
        ]
        indexes = [Index(fields=["seller", "write_off_line_id"], name="restoration_line_of_line")]

"""What was booked as sold."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned
from lostpost.core.vat import LONGEST, OF_COMMISSION, STANDARD


class Sale(SellerOwned):
    """What was booked for units of an item that were handed over, came back, or were corrected; never changed.

    A correction is a row of its own with the difference, so the rows of an item add up to what holds now. Delivery
    costs have a row without an item.
    """

    class Cause(models.TextChoices):
        HANDED_OVER = "handed_over"
        CHANGED = "changed"
        RETURNED = "returned"

    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="sales")
    item = models.CharField(max_length=64, blank=True)  # Its name and not its row: a corrected order may drop the row.
    parcel = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=300, blank=True)
    sku = models.CharField(max_length=64, blank=True)
    cause = models.CharField(max_length=20, choices=Cause)
    quantity = models.IntegerField()  # Negative: fewer than was booked before.
    turnover_minor = models.BigIntegerField()  # VAT included; signed, as the other amounts.
    commission_minor = models.BigIntegerField()  # VAT excluded.
    commission_vat_minor = models.BigIntegerField()
    commission_vat_rate_bp = models.PositiveIntegerField()
    commission_vat_category = models.CharField(max_length=LONGEST, db_default=STANDARD)
    vat_number = models.CharField(max_length=20, blank=True, db_default="")  # Of the shop, where VAT is reversed to it.
    currency = models.CharField(max_length=3)
    effective_at = models.DateTimeField()  # When the parcel was handed over; of corrections, when we received them.
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="sale_belongs_to_an_order_of_its_seller"),
            CheckConstraint(condition=Q(cause__in=["handed_over", "changed", "returned"]), name="sale_cause_known"),
            CheckConstraint(
                condition=~Q(quantity=0, turnover_minor=0, commission_minor=0, commission_vat_minor=0),
                name="sale_changes_something",
            ),
            CheckConstraint(
                condition=Q(cause="changed")
                | Q(cause="handed_over", quantity__gte=0, turnover_minor__gte=0, commission_minor__gte=0)
                | Q(cause="returned", quantity__lte=0, turnover_minor__lte=0, commission_minor__lte=0),
                name="sale_signed_as_its_cause",
            ),
            CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="sale_currency_iso_4217"),
            CheckConstraint(
                condition=Q(commission_vat_category="S")
                | Q(commission_vat_category__in=OF_COMMISSION, commission_vat_rate_bp=0, commission_vat_minor=0),
                name="sale_vat_category_known",
            ),
        ]
        indexes = [Index(fields=["seller", "order_id", "item"], name="sale_of_order")]

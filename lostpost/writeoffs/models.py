"""Write-offs and their lines."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned
from lostpost.core.vat import LONGEST, OF_COMMISSION, STANDARD, VatTreatment


class WriteOff(SellerOwned):
    """A seller's final decision that units were lost in the mail. It is never changed."""

    number = models.CharField(max_length=40)  # The query's number and which write-off of it this is.
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="write_offs")
    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="write_offs")
    refund_id = models.UUIDField()
    refund = owned("refund_id", "Refund", related_name="write_offs")
    currency = models.CharField(max_length=3)
    refund_minor = models.BigIntegerField()  # What the customer receives: the lines' refunds and the delivery costs.
    delivery_refund_minor = models.BigIntegerField(default=0)
    policy_version = models.PositiveIntegerField()
    confirmed_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="write_off_belongs_to_an_order_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="write_off_belongs_to_a_query_of_its_seller"),
            OwnedForeignKey("refund_id", to="Refund", name="write_off_has_a_refund_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="write_off_number_unique"),
            UniqueConstraint(fields=["seller", "refund_id"], name="write_off_refunded_by_its_own_refund"),
            CheckConstraint(
                condition=Q(delivery_refund_minor__gte=0, refund_minor__gte=models.F("delivery_refund_minor")),
                name="write_off_refund_covers_its_delivery_costs",
            ),
        ]
        indexes = [
            Index(fields=["seller", "query_id"], name="write_off_of_query"),
            Index(fields=["seller", "order_id"], name="write_off_of_order"),
            Index(fields=["seller", "-confirmed_at", "-id"], name="write_off_newest_first"),
            BrinIndex(fields=["confirmed_at"], name="write_off_by_day_of_all"),
        ]

    def __str__(self) -> str:
        return self.number


class WriteOffLine(SellerOwned):
    """Units of one item in one parcel that were written off, with the facts of that decision."""

    write_off_id = models.UUIDField()
    write_off = owned("write_off_id", "WriteOff", related_name="lines")
    parcel_unit_id = models.UUIDField()
    parcel_unit = owned("parcel_unit_id", "ParcelUnit", related_name="write_off_lines")
    order_item_id = models.UUIDField()
    order_item = owned("order_item_id", "OrderItem", related_name="write_off_lines")
    quantity = models.PositiveIntegerField()
    refund_minor = models.BigIntegerField()  # Minor units of the order's currency, VAT included.
    commission_minor = models.BigIntegerField()  # Given back, VAT excluded.
    commission_vat_minor = models.BigIntegerField()
    commission_vat_rate_bp = models.PositiveIntegerField()  # At which its commission was booked; 2100 = 21 %.
    commission_vat_category = models.CharField(max_length=LONGEST, db_default=STANDARD)  # Likewise; see `core.vat`.
    facts = models.JSONField()  # `eligibility.facts.facts_as_json`
    quantity_restored = models.PositiveIntegerField(default=0, db_default=0)  # Of which the customer has paid again.

    class Meta:
        constraints = [
            OwnedForeignKey("write_off_id", to="WriteOff", name="line_belongs_to_a_write_off_of_its_seller"),
            OwnedForeignKey("parcel_unit_id", to="ParcelUnit", name="line_writes_off_a_parcel_unit_of_its_seller"),
            OwnedForeignKey("order_item_id", to="OrderItem", name="line_writes_off_an_item_of_its_seller"),
            UniqueConstraint(fields=["seller", "write_off_id", "parcel_unit_id"], name="write_off_line_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="write_off_quantity_positive"),
            CheckConstraint(
                condition=Q(quantity__gte=models.F("quantity_restored")), name="write_off_restored_at_most_once"
            ),
            CheckConstraint(
                condition=Q(refund_minor__gte=0, commission_minor__gte=0, commission_vat_minor__gte=0),
                name="write_off_line_amounts_not_negative",
            ),
            CheckConstraint(
                condition=Q(commission_vat_category="S")
                | Q(commission_vat_category__in=OF_COMMISSION, commission_vat_rate_bp=0, commission_vat_minor=0),
                name="write_off_line_vat_category_known",
            ),
        ]
        indexes = [
            Index(fields=["seller", "parcel_unit_id"], name="write_off_line_of_unit"),
            Index(fields=["seller", "order_item_id"], name="write_off_line_of_item"),
        ]

    @property
    def commission_vat(self) -> VatTreatment:
        """How VAT was charged on the commission that it gives back."""
        return VatTreatment(self.commission_vat_category, self.commission_vat_rate_bp)

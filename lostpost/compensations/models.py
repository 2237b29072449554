"""Compensations, by the units that they are about."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned
from lostpost.core.vat import LONGEST, OF_COMMISSION, STANDARD, VatTreatment


class Compensation(SellerOwned):
    """What a customer gets back of what was paid, and keeps the units; two agents granted it. It is never changed."""

    number = models.CharField(max_length=40)  # The query's number and which compensation of it this is: 10001-C1.
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="compensations")
    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="compensations")
    refund_id = models.UUIDField()
    refund = owned("refund_id", "Refund", related_name="compensations")
    request_id = models.UUIDField()  # Of the seller, to which it is the answer.
    parcel_unit_id = models.UUIDField()
    parcel_unit = owned("parcel_unit_id", "ParcelUnit", related_name="compensations")
    order_item_id = models.UUIDField()
    order_item = owned("order_item_id", "OrderItem", related_name="compensations")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()  # What the customer receives, VAT included: both of the next.
    items_minor = models.BigIntegerField()  # Of what was paid for the units.
    delivery_minor = models.BigIntegerField()  # Of what was paid for delivery.
    commission_minor = models.BigIntegerField()  # Given back to the seller, VAT excluded.
    commission_vat_minor = models.BigIntegerField()
    commission_vat_rate_bp = models.PositiveIntegerField()  # At which its commission was booked; 2100 = 21 %.
    commission_vat_category = models.CharField(max_length=LONGEST, db_default=STANDARD)  # Likewise; see `core.vat`.
    facts = models.JSONField()  # `eligibility.facts.facts_as_json` of the units when it was granted.
    policy_version = models.PositiveIntegerField()
    reason = models.CharField(max_length=1000)
    granted_at = models.DateTimeField()
    proposed_by_user_id = models.BigIntegerField()
    proposed_by_name = models.CharField(max_length=200)
    by_user_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="compensation_belongs_to_an_order_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="compensation_belongs_to_a_query_of_its_seller"),
            OwnedForeignKey("refund_id", to="Refund", name="compensation_has_a_refund_of_its_seller"),
            OwnedForeignKey(
                "request_id", to="PartnerserviceRequest", name="compensation_answers_a_request_of_its_seller"
            ),
            OwnedForeignKey("parcel_unit_id", to="ParcelUnit", name="compensation_is_about_units_of_its_seller"),
            OwnedForeignKey("order_item_id", to="OrderItem", name="compensation_is_about_an_item_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="compensation_number_unique"),
            UniqueConstraint(fields=["seller", "refund_id"], name="compensation_refunded_by_its_own_refund"),
            UniqueConstraint(fields=["seller", "request_id"], name="compensation_granted_once_for_each_request"),
            CheckConstraint(
                condition=Q(amount_minor=F("items_minor") + F("delivery_minor"), amount_minor__gt=0)
                & Q(items_minor__gte=0, delivery_minor__gte=0),
                name="compensation_adds_up",
            ),
            CheckConstraint(
                condition=Q(commission_minor__gte=0, commission_vat_minor__gte=0),
                name="compensation_commission_not_negative",
            ),
            CheckConstraint(
                condition=Q(commission_vat_category="S")
                | Q(commission_vat_category__in=OF_COMMISSION, commission_vat_rate_bp=0, commission_vat_minor=0),
                name="compensation_vat_category_known",
            ),
            CheckConstraint(
                condition=~Q(by_user_id=F("proposed_by_user_id")), name="compensation_granted_by_another_agent"
            ),
            CheckConstraint(condition=~Q(reason=""), name="compensation_has_a_reason"),
        ]
        indexes = [
            Index(fields=["seller", "granted_at", "id"], name="compensation_newest_first"),
            Index(fields=["seller", "query_id"], name="compensation_of_query"),
            Index(fields=["seller", "order_id"], name="compensation_of_order"),
            Index(fields=["seller", "parcel_unit_id"], name="compensation_of_units"),
            Index(fields=["seller", "order_item_id"], name="compensation_of_item"),
        ]

    @property
    def commission_vat(self) -> VatTreatment:
        """How VAT was charged on the commission that it gives back."""
        return VatTreatment(self.commission_vat_category, self.commission_vat_rate_bp)

    def __str__(self) -> str:
        return self.number

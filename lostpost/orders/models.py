"""What was sold, what was sent, and what comes back."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Func, Index, Q, TextField, UniqueConstraint
from django.db.models.functions import Collate, Lower

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned
from lostpost.core.vat import LONGEST, STANDARD, VatTreatment
from lostpost.eligibility import facts

# How orders are found: each expression has an index behind it, compared byte by byte, whatever the database's own
# collation. What is constant in them is written out, as a parameter would be no part of the index.
# By the customer: the beginning of the name, of its last word or of the address.
BYTEWISE_NAME = Collate("customer_name_normalised", "C")
BYTEWISE_LAST_NAME = Collate(
    Func(F("customer_name_normalised"), template="substring(%(expressions)s, '[^ ]+$')", output_field=TextField()), "C"
)
BYTEWISE_EMAIL = Collate(Lower("customer_email"), "C")
# By the number without punctuation, reversed: 2398-4471 is found as 23984471 and by its end, 4471.
REVERSED_NUMBER = Collate(
    Func(Lower("number"), template="reverse(translate(%(expressions)s, '_.:-', ''))", output_field=TextField()), "C"
)
# By the words in a title, each with its seller before it, so that no search reads what others sell.
LONGEST_TITLE_WORD = 40  # Characters that count.
TITLE_WORDS = Func(
    F("title_normalised"),
    F("seller_id"),
    arg_joiner=f", '([^ ]{{1,{LONGEST_TITLE_WORD}}})[^ ]*', ",
    template="array_to_tsvector(string_to_array(regexp_replace(%(expressions)s::text || ':\\1', 'g'), ' '))",
    output_field=TextField(),
)


class Order(SellerOwned):
    """One seller's part of what a customer bought."""

    number = models.CharField(max_length=64)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)  # ISO 4217
    delivery_costs_minor = models.BigIntegerField(default=0)  # What the customer paid for delivery, VAT included.
    delivery_refunded_minor = models.BigIntegerField(default=0, db_default=0)  # By a write-off, and not paid again.
    customer_name = models.CharField(max_length=200)
    customer_name_normalised = models.TextField(blank=True, db_default="")  # `core.text.search_form` of it.
    customer_email = models.CharField(max_length=254)
    customer_language = models.CharField(max_length=10)
    customer_country = models.CharField(max_length=2)
    customer_postal_code = models.CharField(max_length=20, blank=True, db_default="")  # Where it was to be delivered.
    customer_postal_code_normalised = models.TextField(blank=True, db_default="")  # `core.text.compact_form` of it.
    # The original payment: which provider took it (a gateway's name), and what that calls it.
    payment_provider = models.CharField(max_length=30, blank=True, db_default="")
    payment_reference = models.CharField(max_length=200, blank=True, db_default="")
    # Where the customer got an invoice from the seller: number, issued_on; name, street, postal_code, city, vat_number.
    customer_invoice = models.JSONField(null=True)

    class Meta:
        constraints = [
            OfItsSeller(name="order_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="order_number_unique"),
            CheckConstraint(condition=Q(delivery_costs_minor__gte=0), name="order_delivery_costs_not_negative"),
            CheckConstraint(
                condition=Q(delivery_refunded_minor__gte=0, delivery_refunded_minor__lte=F("delivery_costs_minor")),
                name="order_delivery_refunded_at_most_what_was_paid",
            ),
            CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="order_currency_iso_4217"),
        ]
        indexes = [
            Index(fields=["seller", "-placed_at", "-id"], name="order_newest_first"),
            Index(F("seller"), BYTEWISE_NAME, name="order_by_customer_name"),
            Index(F("seller"), BYTEWISE_LAST_NAME, name="order_by_customer_last_name"),
            Index(F("seller"), BYTEWISE_EMAIL, name="order_by_customer_email"),
            Index(F("seller"), REVERSED_NUMBER, name="order_by_end_of_number"),
            # For the marketplace's desk, which searches all shops.
            Index(REVERSED_NUMBER, name="order_by_number_of_all"),
            Index(BYTEWISE_EMAIL, name="order_by_email_of_all"),
            Index(BYTEWISE_NAME, name="order_by_name_of_all"),
            BrinIndex(fields=["placed_at"], name="order_placed_at_of_all"),
            Index(
                fields=["customer_country", "customer_postal_code_normalised"],
                condition=~Q(customer_postal_code_normalised=""),
                name="order_by_postcode_of_all",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderItem(SellerOwned):
    """One line of an order: a number of equal units, and what was paid for them together."""

    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="items")
    item = models.CharField(max_length=64)  # The marketplace's name of the line, unique in its order.
    sku = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=300)
    title_normalised = models.TextField(blank=True, db_default="")  # `core.text.search_form` of it.
    quantity = models.PositiveIntegerField()
    quantity_cancelled = models.PositiveIntegerField(default=0)
    paid_minor = models.BigIntegerField()  # For all units, VAT included, after discounts.
    commission_minor = models.BigIntegerField()  # For all units, VAT excluded.
    vat_rate_bp = models.PositiveIntegerField(null=True)  # Of the goods, in basis points: 2100 = 21 %.
    commission_vat_rate_bp = models.PositiveIntegerField(null=True)  # Of the commission, as first booked for the item.
    commission_vat_category = models.CharField(max_length=LONGEST, blank=True, db_default="")  # Of before none: S.
    quantity_written_off = models.PositiveIntegerField(default=0)  # By every write-off; a unit may be lost again.
    quantity_paid_again = models.PositiveIntegerField(default=0, db_default=0)  # Of those, paid again.
    refunded_minor = models.BigIntegerField(default=0)  # By every write-off.
    paid_again_minor = models.BigIntegerField(default=0, db_default=0)  # Of which customers have paid again.
    # Commission that write-offs gave back, less what restored payments charged again.
    commission_back_minor = models.BigIntegerField(default=0, db_default=0)
    commission_vat_back_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="order_item_belongs_to_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "order_id", "item"], name="order_item_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="order_item_quantity_positive"),
            CheckConstraint(
                condition=Q(
                    quantity__gte=F("quantity_cancelled") + F("quantity_written_off") - F("quantity_paid_again")
                ),
                name="order_item_lost_at_most_once",
            ),
            CheckConstraint(
                condition=Q(quantity_written_off__gte=F("quantity_paid_again")),
                name="order_item_paid_again_only_what_was_written_off",
            ),
            CheckConstraint(condition=Q(paid_minor__gte=0), name="order_item_paid_not_negative"),
            CheckConstraint(condition=Q(commission_minor__gte=0), name="order_item_commission_not_negative"),
            CheckConstraint(
                condition=Q(
                    paid_again_minor__gte=0,
                    refunded_minor__gte=F("paid_again_minor"),
                    refunded_minor__lte=F("paid_minor") + F("paid_again_minor"),
                ),
                name="order_item_refund_at_most_what_the_customer_paid",
            ),
            CheckConstraint(
                condition=Q(
                    commission_back_minor__gte=0,
                    commission_back_minor__lte=F("commission_minor"),
                    commission_vat_back_minor__gte=0,
                ),
                name="order_item_commission_back_at_most_what_was_charged",
            ),
        ]
        indexes = [  # Each search reads all recent additions, so they must be few.
            GinIndex(TITLE_WORDS, name="order_item_by_title", gin_pending_list_limit=64)  # KiB
        ]

    @property
    def commission_vat(self) -> VatTreatment | None:
        """How VAT was charged when its commission was first booked; None: nothing of it was handed over yet."""
        rate_bp = self.commission_vat_rate_bp
        return None if rate_bp is None else VatTreatment(self.commission_vat_category or STANDARD, rate_bp)


class Parcel(SellerOwned):
    """A physical box of one order, handed to a carrier; its newest scan stands on it, so nothing has to be searched."""

    class ShippingMethod(models.TextChoices):
        OWN = facts.ShippingMethod.OWN.value
        LOGISTICS = facts.ShippingMethod.LOGISTICS_VIA_PLATFORM.value
        SHIPPING = facts.ShippingMethod.SHIPPING_VIA_PLATFORM.value
        LABEL = facts.ShippingMethod.LABEL_VIA_PLATFORM.value
        UNKNOWN = facts.ShippingMethod.UNKNOWN.value

    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="parcels")
    code = models.CharField(max_length=64)  # The marketplace's name of the parcel, unique in its shop.
    shipping_method = models.CharField(max_length=30, choices=ShippingMethod)
    carrier = models.CharField(max_length=64, blank=True)
    tracking_number = models.CharField(max_length=64, blank=True)  # Empty: sent without Track & Trace.
    # `core.text.compact_form` of both, by which scans and searches find the parcel; what is shown is as it came.
    carrier_normalised = models.TextField(blank=True, db_default="")
    tracking_number_normalised = models.TextField(blank=True, db_default="")
    tracking_number_changed_at = models.DateTimeField(null=True)  # A correction starts the clock again.
    shipped_at = models.DateTimeField()
    # The scan that says where the parcel is: `eligibility.facts.newest`.
    last_scanned_at = models.DateTimeField(null=True)
    last_status = models.CharField(max_length=30, blank=True)
    last_rank = models.SmallIntegerField(default=0)
    last_fingerprint = models.UUIDField(null=True)
    last_text = models.CharField(max_length=300, blank=True)
    last_location = models.CharField(max_length=100, blank=True)
    last_code = models.CharField(max_length=64, blank=True)
    # The last update as `mark_silent_parcels` found it once it was long ago, so that silent parcels are found in its
    # order. It stands until the next look: where it is not the last update any more, the parcel has moved since.
    silent_since = models.DateTimeField(null=True)
    delivered = models.BooleanField(default=False)
    written_off = models.BooleanField(default=False)  # All that was in it and is not returned was written off.
    any_written_off = models.BooleanField(
        default=False, db_default=False
    )  # Anything of it: a scan that moves it is news.

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="parcel_belongs_to_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "code"], name="parcel_code_unique"),
            CheckConstraint(
                condition=Q(shipping_method__in=[method.value for method in facts.ShippingMethod]),
                name="parcel_shipping_method_known",
            ),
        ]
        indexes = [
            Index(fields=["seller", "order_id"], name="parcel_of_order"),
            Index(
                fields=["tracking_number_normalised", "seller"],
                condition=~Q(tracking_number_normalised=""),
                name="parcel_by_number",
            ),
            Index(
                fields=["seller", "tracking_number_normalised"],
                condition=~Q(tracking_number_normalised=""),
                name="parcel_by_number_in_its_shop",
            ),
            Index(  # Holds no time of a scan, so that a scan changes no index; ends with what breaks ties.
                fields=["seller", "shipped_at", "id"],
                condition=Q(shipping_method="own", delivered=False, written_off=False),
                name="parcel_silent_candidates",
            ),
            Index(
                fields=["seller", "silent_since", "id"],
                condition=Q(shipping_method="own", delivered=False, written_off=False, silent_since__isnull=False),
                name="parcel_silent_in_its_shop",
            ),
            Index(
                fields=["silent_since", "id"],
                condition=Q(shipping_method="own", delivered=False, written_off=False, silent_since__isnull=False),
                name="parcel_silent_of_all",
            ),
        ]


class ParcelUnit(SellerOwned):
    """Units of one item in one parcel: what eligibility is judged on, and where the last judge counts."""

    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel", related_name="units")
    order_item_id = models.UUIDField()
    order_item = owned("order_item_id", "OrderItem", related_name="units")
    quantity = models.PositiveIntegerField()
    quantity_written_off = models.PositiveIntegerField(default=0)  # By every write-off; a unit may be lost again.
    quantity_paid_again = models.PositiveIntegerField(default=0, db_default=0)  # Of those, paid again.
    quantity_returned = models.PositiveIntegerField(default=0)  # Returned or in return.
    quantity_received = models.PositiveIntegerField(default=0, db_default=0)  # Of which have come back.
    # By write-offs and grants of Partnerservice, less what was paid again.
    given_back_minor = models.BigIntegerField(default=0, db_default=0)
    commission_back_minor = models.BigIntegerField(default=0, db_default=0)
    commission_vat_back_minor = models.BigIntegerField(default=0, db_default=0)
    # What Partnerservice lifts until the units are written off: `eligibility.facts.override_as_json`, and the item's
    # `paid_minor` and `ordered` and the parcel's `updated_at` that it was decided on: of others it says nothing.
    override = models.JSONField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("parcel_id", to="Parcel", name="parcel_unit_lies_in_a_parcel_of_its_seller"),
            OwnedForeignKey("order_item_id", to="OrderItem", name="parcel_unit_is_of_an_item_of_its_seller"),
            UniqueConstraint(fields=["seller", "parcel_id", "order_item_id"], name="parcel_unit_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="parcel_unit_quantity_positive"),
            CheckConstraint(
                condition=Q(
                    quantity__gte=F("quantity_written_off") - F("quantity_paid_again") + F("quantity_returned")
                ),
                name="parcel_unit_lost_or_returned_at_most_once",
            ),
            CheckConstraint(
                condition=Q(quantity_written_off__gte=F("quantity_paid_again")),
                name="parcel_unit_paid_again_only_what_was_written_off",
            ),
            CheckConstraint(
                condition=Q(quantity_returned__gte=F("quantity_received")),
                name="parcel_unit_received_only_what_was_returned",
            ),
            CheckConstraint(
                condition=Q(given_back_minor__gte=0, commission_back_minor__gte=0, commission_vat_back_minor__gte=0),
                name="parcel_unit_amounts_given_back_not_negative",
            ),
        ]
        indexes = [
            Index(fields=["seller", "order_item_id"], name="parcel_unit_of_item"),
            Index(
                fields=["seller", "parcel_id"], condition=Q(override__isnull=False), name="parcel_unit_with_override"
            ),
        ]


class Return(SellerOwned):
    """Units on their way back from the customer, or back already."""

    class Status(models.TextChoices):
        ANNOUNCED = "announced"
        IN_TRANSIT = "in_transit"
        RECEIVED = "received"
        CANCELLED = "cancelled"

    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="returns")
    code = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=Status)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="return_belongs_to_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "code"], name="return_code_unique"),
            CheckConstraint(
                condition=Q(status__in=["announced", "in_transit", "received", "cancelled"]), name="return_status_known"
            ),
        ]
        indexes = [Index(fields=["seller", "order_id"], name="return_of_order")]


class ReturnUnit(SellerOwned):
    """Units of one item of one parcel within a return."""

    return_id = models.UUIDField()
    return_of = owned("return_id", "Return", related_name="units")
    parcel_unit_id = models.UUIDField()
    parcel_unit = owned("parcel_unit_id", "ParcelUnit", related_name="returned_in")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            OwnedForeignKey("return_id", to="Return", name="return_unit_belongs_to_a_return_of_its_seller"),
            OwnedForeignKey("parcel_unit_id", to="ParcelUnit", name="return_unit_came_in_a_parcel_of_its_seller"),
            UniqueConstraint(fields=["seller", "return_id", "parcel_unit_id"], name="return_unit_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="return_unit_quantity_positive"),
        ]
        indexes = [Index(fields=["seller", "parcel_unit_id"], name="return_unit_of_parcel_unit")]

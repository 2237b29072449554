"""Sales invoices, credit notes to customers, and the number series of both."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned, uuid7
from lostpost.core.vat import LONGEST, OF_COMMISSION, STANDARD, TRANSFERRED, WITHOUT_VAT
from lostpost.ledger.models import InvoiceLineKind


class DocumentCounter(SellerOwned):
    """The last number of one of a shop's series. Held from numbering until commit, so a series has no gap."""

    class Series(models.TextChoices):
        SALES_INVOICE = "sales-invoice"
        CREDIT_NOTE = "credit-note"
        INVOICE_PAID_AGAIN = "invoice-paid-again"

    series = models.CharField(max_length=20, choices=Series)
    last = models.BigIntegerField()

    class Meta:
        constraints = [
            OfItsSeller(name="document_counter_of_its_seller"),
            UniqueConstraint(fields=["seller", "series"], name="document_counter_once_per_series"),
            CheckConstraint(
                condition=Q(series__in=["sales-invoice", "credit-note", "invoice-paid-again"]),
                name="document_series_known",
            ),
        ]


class SalesInvoice(SellerOwned):
    """What the marketplace settles with a seller for one period in one currency; of its amounts nothing ever changes.

    Signs as on real ones: what the seller owes is positive, what the seller is owed is negative. Which transfers stand
    on it, these say themselves (`Transfer.invoice_id`).
    """

    class State(models.TextChoices):
        ISSUED = "issued"
        PAID = "paid"
        CARRIED = "carried"  # Set off with a later invoice.
        SETTLED = "settled"

    MOVES = {  # From each state, where an invoice may go.
        State.ISSUED: {State.PAID, State.CARRIED},
        State.PAID: frozenset[State](),
        State.CARRIED: frozenset[State](),
        State.SETTLED: frozenset[State](),
    }

    number = models.CharField(max_length=90)
    currency = models.CharField(max_length=3)
    # Only what is outside the scope of VAT, beside the period's invoice over the rest (decision record 0039).
    apart = models.BooleanField(default=False, db_default=False)
    cadence = models.CharField(max_length=20)
    period_from_on = models.DateField()  # First and last day, in the marketplace's time zone.
    period_to_on = models.DateField()
    held_from_on = models.DateField()  # First and last day of what stands on it; reserves make them others.
    held_to_on = models.DateField()
    cut_off_at = models.DateTimeField()  # What happened before stands on it: the period's end, less the reserve.
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    due_on = models.DateField(null=True)  # Until when a debt is to be paid; none: of no debt, or as the policy has it.
    net_minor = models.BigIntegerField(default=0)  # VAT excluded.
    vat_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)  # VAT included.
    carried_minor = models.BigIntegerField(default=0)  # Of earlier invoices that are set off with it.
    payable_minor = models.BigIntegerField(default=0)  # Positive: by the seller. Negative: to the seller.
    state = models.CharField(max_length=20, choices=State, default=State.SETTLED)
    paid_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, blank=True)  # Of the payment.
    paid_by_name = models.CharField(max_length=200, blank=True, db_default="")  # Who recorded it.
    carried_to_id = models.UUIDField(null=True)  # The invoice with which this one was set off.
    # Its VAT in the marketplace's own currency, where the invoice is in another, and the rate: units for one of that.
    national_currency = models.CharField(max_length=3, blank=True, db_default="")
    national_vat_minor = models.BigIntegerField(default=0, db_default=0)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    exchange_rate_on = models.DateField(null=True)
    supplier = models.JSONField()  # The marketplace and the seller as they were called when it was issued.
    customer = models.JSONField()

    class Meta:
        constraints = [
            OfItsSeller(name="sales_invoice_of_its_seller"),
            OwnedForeignKey("carried_to_id", to="SalesInvoice", name="sales_invoice_carried_to_one_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="sales_invoice_number_unique"),
            UniqueConstraint(
                fields=["seller", "currency", "period_from_on", "apart"], name="sales_invoice_once_for_each_period"
            ),
            CheckConstraint(
                condition=Q(national_currency="", national_vat_minor=0, exchange_rate=None, exchange_rate_on=None)
                | Q(exchange_rate__gt=0, exchange_rate_on__lte=F("issued_on"))
                & ~Q(national_currency="")
                & ~Q(national_currency=F("currency")),
                name="sales_invoice_national_vat_has_its_rate",
            ),
            CheckConstraint(condition=Q(period_to_on__gte=F("period_from_on")), name="sales_invoice_period_in_order"),
            CheckConstraint(condition=Q(held_to_on__gte=F("held_from_on")), name="sales_invoice_held_days_in_order"),
            CheckConstraint(
                condition=Q(due_on=None) | Q(due_on__gte=F("issued_on"), payable_minor__gt=0),
                name="sales_invoice_due_only_of_a_debt",
            ),
            CheckConstraint(
                condition=Q(
                    total_minor=F("net_minor") + F("vat_minor"), payable_minor=F("total_minor") + F("carried_minor")
                ),
                name="sales_invoice_adds_up",
            ),
            CheckConstraint(
                condition=Q(state="issued", paid_at=None, carried_to_id=None) & ~Q(payable_minor=0)
                | Q(state="paid", paid_at__isnull=False, carried_to_id=None) & ~Q(payable_minor=0) & ~Q(reference="")
                | Q(state="carried", paid_at=None, carried_to_id__isnull=False) & ~Q(payable_minor=0)
                | Q(state="settled", paid_at=None, carried_to_id=None, payable_minor=0),
                name="sales_invoice_state_has_its_evidence",
            ),
        ]
        indexes = [
            Index(fields=["seller", "-issued_at", "-id"], name="sales_invoice_newest_first"),
            Index(fields=["seller", "currency", "-period_from_on"], name="sales_invoice_by_period"),
            Index(fields=["issued_at", "seller", "id"], condition=Q(state="issued"), name="sales_invoice_not_yet_paid"),
        ]

    def __str__(self) -> str:
        return self.number


class SalesInvoiceLine(SellerOwned):
    """One line of a sales invoice: everything of one kind with one category and rate of VAT."""

    invoice_id = models.UUIDField()
    invoice = owned("invoice_id", "SalesInvoice", related_name="lines")
    place = models.PositiveIntegerField()  # From 1.
    kind = models.CharField(max_length=30, choices=InvoiceLineKind)
    vat_category = models.CharField(max_length=LONGEST)  # One of `core.vat`.
    vat_rate_bp = models.PositiveIntegerField(default=0)
    transfers = models.PositiveIntegerField()  # How many stand behind it.
    net_minor = models.BigIntegerField()  # Signed as the invoice is.
    vat_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            OwnedForeignKey("invoice_id", to="SalesInvoice", name="line_belongs_to_an_invoice_of_its_seller"),
            UniqueConstraint(fields=["seller", "invoice_id", "place"], name="sales_invoice_line_place_unique"),
            UniqueConstraint(
                fields=["seller", "invoice_id", "kind", "vat_category", "vat_rate_bp"],
                name="sales_invoice_line_once_for_each_kind",
            ),
            CheckConstraint(condition=Q(kind__in=InvoiceLineKind.values), name="sales_invoice_line_kind_known"),
            CheckConstraint(
                condition=Q(vat_category__in=[TRANSFERRED, *OF_COMMISSION]),
                name="sales_invoice_line_vat_category_known",
            ),
            CheckConstraint(condition=Q(transfers__gt=0), name="sales_invoice_line_has_a_transfer"),
            CheckConstraint(
                condition=Q(vat_category="S") | Q(vat_rate_bp=0, vat_minor=0), name="sales_invoice_turnover_without_vat"
            ),
            CheckConstraint(
                condition=~Q(kind="TURNOVER", net_minor__gt=0) & ~Q(kind="COMMISSION", net_minor__lt=0),
                name="sales_invoice_line_signed_as_its_kind",
            ),
        ]


class ExchangeRate(models.Model):
    """How many units of a currency one euro was worth on a day; never changed: of one day the newest row counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    currency = models.CharField(max_length=3)
    on = models.DateField()
    per_euro = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(per_euro__gt=0), name="exchange_rate_positive"),
            CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="exchange_rate_currency_iso_4217"),
        ]
        indexes = [Index(fields=["currency", "-on", "-recorded_at"], name="exchange_rate_newest_first")]


class CreditNote(SellerOwned):
    """What a seller takes back of an invoice to a customer: units of it were written off, or a part was granted.

    Where a payment was restored it is the counter-document: an invoice over what was paid again (UBL type 380), which
    takes the credit back. Made on the seller's behalf, in series of the seller's own; amounts are positive.
    """

    number = models.CharField(max_length=90)
    write_off_id = models.UUIDField(null=True)
    write_off = owned("write_off_id", "WriteOff", related_name="credit_notes", null=True)
    compensation_id = models.UUIDField(null=True)
    compensation = owned("compensation_id", "Compensation", related_name="credit_notes", null=True)
    restoration_id = models.UUIDField(null=True)
    restoration = owned("restoration_id", "Restoration", related_name="invoices", null=True)
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="credit_notes")
    invoice_number = models.CharField(max_length=90)  # The customer's initial invoice.
    invoice_issued_on = models.DateField()
    # Amended beside it: the credit note of what was paid again, or the invoice over what is lost again; empty: none.
    amends_number = models.CharField(max_length=90, default="", db_default="")
    currency = models.CharField(max_length=3)
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    net_minor = models.BigIntegerField()
    vat_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()  # The refund of the write-off or the compensation, or what was paid again.
    # When the last of it was handed over, and where it went; not known of those of before.
    supplied_on = models.DateField(null=True)
    delivered_to = models.CharField(max_length=2, default="", db_default="")  # ISO 3166-1 alpha-2
    supplier = models.JSONField()  # The seller and the customer as they were called when it was issued.
    customer = models.JSONField()

    class Meta:
        constraints = [
            OwnedForeignKey("write_off_id", to="WriteOff", name="credit_note_for_a_write_off_of_its_seller"),
            OwnedForeignKey("compensation_id", to="Compensation", name="credit_note_for_a_compensation_of_its_seller"),
            OwnedForeignKey("restoration_id", to="Restoration", name="credit_note_for_a_restoration_of_its_seller"),
            OwnedForeignKey("order_id", to="Order", name="credit_note_belongs_to_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="credit_note_number_unique"),
            UniqueConstraint(fields=["seller", "write_off_id"], name="credit_note_once_for_each_write_off"),
            UniqueConstraint(fields=["seller", "compensation_id"], name="credit_note_once_for_each_compensation"),
            UniqueConstraint(fields=["seller", "restoration_id"], name="credit_note_once_for_each_restoration"),
            CheckConstraint(
                condition=Q(write_off_id__isnull=False, compensation_id=None, restoration_id=None)
                | Q(write_off_id=None, compensation_id__isnull=False, restoration_id=None)
                | Q(write_off_id=None, compensation_id=None, restoration_id__isnull=False) & ~Q(amends_number=""),
                name="credit_note_for_one_decision",
            ),
            CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("vat_minor"), net_minor__gte=0, vat_minor__gte=0),
                name="credit_note_adds_up",
            ),
        ]
        indexes = [
            Index(fields=["seller", "-issued_at", "-id"], name="credit_note_newest_first"),
            Index(fields=["seller", "order_id"], name="credit_note_of_order"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_invoice(self) -> bool:
        """Whether it is an invoice over what was paid again."""
        return self.restoration_id is not None


class CreditNoteLine(SellerOwned):
    """Units of one item, or the delivery costs, that are credited to the customer."""

    credit_note_id = models.UUIDField()
    credit_note = owned("credit_note_id", "CreditNote", related_name="lines")
    place = models.PositiveIntegerField()  # From 1.
    item = models.CharField(max_length=64, blank=True)  # Empty: delivery costs.
    sku = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=300, blank=True)
    quantity = models.PositiveIntegerField()
    vat_category = models.CharField(
        max_length=LONGEST, default="", db_default=""
    )  # One of `core.vat`; empty: of before.
    vat_rate_bp = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()
    vat_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            OwnedForeignKey("credit_note_id", to="CreditNote", name="line_belongs_to_a_credit_note_of_its_seller"),
            UniqueConstraint(fields=["seller", "credit_note_id", "place"], name="credit_note_line_place_unique"),
            CheckConstraint(condition=Q(quantity__gt=0), name="credit_note_quantity_positive"),
            CheckConstraint(
                condition=Q(net_minor__gte=0, vat_minor__gte=0), name="credit_note_line_amounts_not_negative"
            ),
            CheckConstraint(
                condition=Q(vat_category="")
                | Q(vat_category=STANDARD, vat_rate_bp__gt=0)
                | Q(vat_category__in=WITHOUT_VAT, vat_rate_bp=0, vat_minor=0),
                name="credit_note_line_vat_as_its_category",
            ),
        ]

"""Double-entry book-keeping: a transfer is one debit and one credit, never changed, corrected by another.

The chart of accounts stands in the code: every seller has each of these accounts in each currency that it sells in.
Refunds are made on behalf and for account of the seller, and are booked so (general terms of such a marketplace;
Dutch VAT Act art. 29(3): the seller keeps the right to correct its VAT only if the refund is the seller's own).
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned
from lostpost.core.vat import LONGEST, OF_COMMISSION, STANDARD, VatTreatment


class Account(models.TextChoices):
    """The accounts of one seller in the marketplace's books."""

    SELLER = "seller"  # What we owe the seller and no sales invoice says yet.
    PAYABLE = "payable"  # What they say; a debit is the seller's debt.
    CUSTOMER = "customer"
    PROVIDER = "provider"
    COMMISSION = "commission"
    COMMISSION_VAT = "commission_vat"


class Kind(models.TextChoices):
    """Why money moved; `INVOICE_LINES` has its line on sales invoices."""

    TURNOVER = "turnover", _("Turnover")  # Paid by the customer for units that were handed over to the carrier.
    COMMISSION = "commission", _("Commission")
    COMMISSION_VAT = "commission_vat", _("VAT on commission")
    TURNOVER_REVERSED = "turnover_reversed", _("Turnover reversed")  # Units came back, or the order was changed.
    COMMISSION_REVERSED = "commission_reversed", _("Commission reversed")
    COMMISSION_VAT_REVERSED = "commission_vat_reversed", _("VAT on commission reversed")
    CORRECTION_TURNOVER = "correction_turnover", _("Turnover corrected")
    CORRECTION_DELIVERY = "correction_delivery", _("Delivery costs corrected")
    CORRECTION_COMMISSION = "correction_commission", _("Commission given back")
    CORRECTION_COMMISSION_VAT = "correction_commission_vat", _("VAT on commission given back")
    REFUND_PAID = "refund_paid", _("Refund paid")
    REFUND_BOUNCED = "refund_bounced", _("Refund came back")  # Paid, and then returned to us: a closed account.
    RESTORED_TURNOVER = "restored_turnover", _("Payment restored")  # The customer has the lost goods and paid again.
    RESTORED_DELIVERY = "restored_delivery", _("Delivery costs restored")
    RESTORED_COMMISSION = "restored_commission", _("Commission on a restored payment")
    RESTORED_COMMISSION_VAT = "restored_commission_vat", _("VAT on commission on a restored payment")
    VAT_ROUNDED_UP = "vat_rounded_up", _("VAT rounded up on a sales invoice")  # VAT is rounded on its total only.
    VAT_ROUNDED_DOWN = "vat_rounded_down", _("VAT rounded down on a sales invoice")
    SETTLED = "settled", _("Sales invoice in the seller's favour")
    DEBT_SETTLED = "debt_settled", _("Sales invoice that the seller owes")
    PAID_OUT = "paid_out", _("Paid out to the seller")
    DEBT_PAID = "debt_paid", _("Paid by the seller")


class InvoiceLineKind(models.TextChoices):
    """What a line of a sales invoice is about, in the terms of the marketplace's invoices."""

    TURNOVER = "TURNOVER", _("Turnover")
    CORRECTION_TURNOVER = "CORRECTION_TURNOVER", _("Correction of turnover")
    COMMISSION = "COMMISSION", _("Commission")
    CORRECTION_COMMISSION = "CORRECTION_COMMISSION", _("Correction of commission")
    VAT_ROUNDING = "VAT_ROUNDING", _("Rounding of VAT")


# Where a transfer stands on the seller's sales invoice, and whether as net amount or as VAT; the others stand on none.
# Its sign there follows from its side: what the seller owes (a debit of its account) is positive, as on real ones.
INVOICE_LINES: dict[Kind, tuple[InvoiceLineKind, str]] = {
    Kind.TURNOVER: (InvoiceLineKind.TURNOVER, "net"),
    Kind.TURNOVER_REVERSED: (InvoiceLineKind.CORRECTION_TURNOVER, "net"),
    Kind.CORRECTION_TURNOVER: (InvoiceLineKind.CORRECTION_TURNOVER, "net"),
    Kind.CORRECTION_DELIVERY: (InvoiceLineKind.CORRECTION_TURNOVER, "net"),
    Kind.RESTORED_TURNOVER: (InvoiceLineKind.CORRECTION_TURNOVER, "net"),
    Kind.RESTORED_DELIVERY: (InvoiceLineKind.CORRECTION_TURNOVER, "net"),
    Kind.COMMISSION: (InvoiceLineKind.COMMISSION, "net"),
    Kind.COMMISSION_REVERSED: (InvoiceLineKind.CORRECTION_COMMISSION, "net"),
    Kind.CORRECTION_COMMISSION: (InvoiceLineKind.CORRECTION_COMMISSION, "net"),
    Kind.RESTORED_COMMISSION: (InvoiceLineKind.CORRECTION_COMMISSION, "net"),
    Kind.COMMISSION_VAT: (InvoiceLineKind.COMMISSION, "vat"),
    Kind.COMMISSION_VAT_REVERSED: (InvoiceLineKind.CORRECTION_COMMISSION, "vat"),
    Kind.CORRECTION_COMMISSION_VAT: (InvoiceLineKind.CORRECTION_COMMISSION, "vat"),
    Kind.RESTORED_COMMISSION_VAT: (InvoiceLineKind.CORRECTION_COMMISSION, "vat"),
    Kind.VAT_ROUNDED_UP: (InvoiceLineKind.VAT_ROUNDING, "vat"),
    Kind.VAT_ROUNDED_DOWN: (InvoiceLineKind.VAT_ROUNDING, "vat"),
}


class AppendOnly(models.QuerySet["Transfer"]):
    """Rows that can be added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: a transfer is countered by another, never changed."""
        raise TypeError("a transfer is never changed; post one that counters it")

    def delete(self) -> NoReturn:
        """Refuse: a transfer is countered by another, never removed."""
        raise TypeError("a transfer is never removed; post one that counters it")


class Transfer(SellerOwned):
    """Money moved from one account of a seller to another: debit and credit by the same amount.

    Only `invoice_id` changes, once: the sales invoice that it is on. That is never undone.
    """

    debit = models.CharField(max_length=20, choices=Account)
    credit = models.CharField(max_length=20, choices=Account)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=40, choices=Kind)
    source_id = models.UUIDField()  # The sale, write-off line, write-off, refund, restoration or invoice that it books.
    vat_rate_bp = models.PositiveIntegerField(null=True)  # Of commission and its VAT; in basis points, 2100 = 21 %.
    vat_category = models.CharField(max_length=LONGEST, blank=True, db_default="")  # Likewise; of before none: S.
    effective_at = models.DateTimeField()  # When it happened: a parcel is handed over before that is reported.
    booked_at = models.DateTimeField()  # When we booked it.
    invoice_id = models.UUIDField(null=True)  # None: it will stand on the next one, or on none (`INVOICE_LINES`).

    objects = AppendOnly.as_manager()

    class Meta:
        constraints = [
            OfItsSeller(name="transfer_of_its_seller"),
            OwnedForeignKey("invoice_id", to="SalesInvoice", name="transfer_on_an_invoice_of_its_seller"),
            UniqueConstraint(fields=["seller", "source_id", "kind"], name="transfer_booked_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0), name="transfer_amount_positive"),
            CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
            CheckConstraint(
                condition=Q(debit__in=Account.values, credit__in=Account.values), name="transfer_accounts_known"
            ),
            CheckConstraint(condition=Q(kind__in=Kind.values), name="transfer_kind_known"),
            CheckConstraint(
                condition=Q(invoice_id=None) | Q(kind__in=[kind.value for kind in INVOICE_LINES]),
                name="transfer_on_an_invoice_is_a_line_of_one",
            ),
            CheckConstraint(
                condition=Q(vat_category__in=["", "S"]) | Q(vat_category__in=OF_COMMISSION, vat_rate_bp=0),
                name="transfer_vat_category_known",
            ),
        ]
        indexes = [
            Index(fields=["seller", "booked_at", "id"], name="transfer_in_order"),
            Index(
                fields=["seller", "currency", "effective_at"],
                condition=Q(invoice_id=None, kind__in=[kind.value for kind in INVOICE_LINES]),
                name="transfer_to_be_invoiced",
            ),
            Index(
                fields=["seller", "invoice_id", "source_id"],
                condition=Q(invoice_id__isnull=False),
                name="transfer_of_invoice",
            ),
        ]

    @property
    def vat(self) -> VatTreatment | None:
        """How VAT is charged on the commission that it books; None: it books none, or did so before that was kept."""
        return None if self.vat_rate_bp is None else VatTreatment(self.vat_category or STANDARD, self.vat_rate_bp)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a transfer that exists is never changed."""
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a transfer is countered by another, never removed."""
        raise TypeError("a transfer is never removed; post one that counters it")


class ClosingBalance(SellerOwned):
    """What was booked from one account to another before a month ended: transfers of one kind, added up once.

    So a balance is the newest of these and the transfers booked since, however long the ledger. `lostpost verify`
    compares each with the transfers.
    """

    until_at = (
        models.DateTimeField()
    )  # Where the month ends, not included, by the calendar of the policy then in force.
    currency = models.CharField(max_length=3)
    debit = models.CharField(max_length=20)
    credit = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    transfers = models.BigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            OfItsSeller(name="closing_balance_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "until_at", "currency", "debit", "credit", "kind"],
                name="closing_balance_added_up_once",
            ),
            CheckConstraint(condition=Q(transfers__gt=0, amount_minor__gt=0), name="closing_balance_of_some_transfers"),
        ]

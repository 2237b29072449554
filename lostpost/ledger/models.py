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

from lostpost.core.ownership import OfItsSeller, SellerOwned


class Account(models.TextChoices):
    """The accounts of one seller, seen from the marketplace's books."""

    SELLER = "seller", _("Seller's current account")  # What we owe the seller; settled on the sales invoice.
    CUSTOMER = "customer", _("Refunds owed to customers")
    PROVIDER = "provider", _("Money at the payment provider")
    COMMISSION = "commission", _("Commission earned")
    COMMISSION_VAT = "commission_vat", _("VAT on commission")


class Kind(models.TextChoices):
    """Why money moved; the invoice-line names are those of real sales invoices."""

    CORRECTION_TURNOVER = "correction_turnover", _("Turnover corrected")
    CORRECTION_DELIVERY = "correction_delivery", _("Delivery costs corrected")
    CORRECTION_COMMISSION = "correction_commission", _("Commission given back")
    CORRECTION_COMMISSION_VAT = "correction_commission_vat", _("VAT on commission given back")
    REFUND_PAID = "refund_paid", _("Refund paid")


class AppendOnly(models.QuerySet["Transfer"]):
    """Rows that can be added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: a transfer is countered by another, never changed."""
        raise TypeError("a transfer is never changed; post one that counters it")

    def delete(self) -> NoReturn:
        """Refuse: a transfer is countered by another, never removed."""
        raise TypeError("a transfer is never removed; post one that counters it")


class Transfer(SellerOwned):
    """Money moved from one account of a seller to another: debit and credit by the same amount."""

    debit = models.CharField(max_length=20, choices=Account)
    credit = models.CharField(max_length=20, choices=Account)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=40, choices=Kind)
    source_id = models.UUIDField()  # The write-off line, write-off or refund that it books.
    booked_at = models.DateTimeField()

    objects = AppendOnly.as_manager()

    class Meta:
        constraints = [
            OfItsSeller(name="transfer_of_its_seller"),
            UniqueConstraint(fields=["seller", "source_id", "kind"], name="transfer_booked_once"),
            CheckConstraint(condition=Q(amount_minor__gt=0), name="transfer_amount_positive"),
            CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
            CheckConstraint(
                condition=Q(debit__in=Account.values, credit__in=Account.values), name="transfer_accounts_known"
            ),
            CheckConstraint(condition=Q(kind__in=Kind.values), name="transfer_kind_known"),
        ]
        indexes = [Index(fields=["seller", "booked_at", "id"], name="transfer_in_order")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a transfer that exists is never changed."""
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a transfer is countered by another, never removed."""
        raise TypeError("a transfer is never removed; post one that counters it")

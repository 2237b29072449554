"""What a write-off comes to, as its pages show it: for the customer, and on the seller's sales invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_percent
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.core.vat import OUTSIDE, REVERSE_CHARGE, VatTreatment
from lostpost.writeoffs.amounts import AmountsLine, WriteOffAmounts


@dataclass(frozen=True, slots=True)
class InvoiceEffect:
    """One line of the sales invoice to come; negative: less for the seller."""

    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All amounts of a write-off, in minor units of its currency."""

    currency: str
    lines: Sequence[AmountsLine]
    delivery_minor: int
    refund_minor: int
    invoice: Sequence[InvoiceEffect]
    vat_note: str  # How VAT is charged on the commission, where that is in no amount.

    @property
    def invoice_minor(self) -> int:
        """What the sales invoice changes by in all; negative: less for the seller."""
        return sum(effect.amount_minor for effect in self.invoice)


def figures_of(amounts: WriteOffAmounts) -> Figures:
    """Return amounts as shown: turnover out, commission and its VAT back, at the rates at which they were booked."""
    rates = sorted({line.commission_vat.rate_bp for line in amounts.lines if line.commission_vat_minor})
    treatments = {line.commission_vat for line in amounts.lines if line.commission_minor}
    effects = [
        InvoiceEffect(_("Turnover"), -amounts.refund_minor),
        InvoiceEffect(_("Commission"), amounts.commission_minor),
        InvoiceEffect(
            _("VAT on the commission, %(rate)s") % {"rate": " + ".join(map(rate_text, rates))},
            amounts.commission_vat_minor,
        ),
    ]
    return Figures(
        currency=amounts.currency,
        lines=amounts.lines,
        delivery_minor=amounts.delivery_minor,
        refund_minor=amounts.refund_minor,
        invoice=[effects[0], *(effect for effect in effects[1:] if effect.amount_minor)],
        vat_note=", ".join(sorted({vat_text(vat) for vat in treatments if not vat.rate_bp} - {""})),
    )


def vat_text(vat: VatTreatment) -> str:
    """Say how VAT is charged on commission: the rate, or why there is none."""
    if vat.category == REVERSE_CHARGE:
        return _("VAT reverse charged")
    if vat.category == OUTSIDE:
        return _("Outside the scope of VAT")
    return rate_text(vat.rate_bp) if vat.rate_bp else ""


def rate_text(basis_points: int) -> str:
    """Write a rate in basis points as readers do: 21 %."""
    locale = (get_language() or "en").replace("-", "_")
    return format_percent(basis_points / 10_000, "#,##0.##\N{NO-BREAK SPACE}%", locale=locale)

"""What a write-off comes to, as its pages show it: for the customer, and on the seller's sales invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_percent
from django.utils.translation import get_language
from django.utils.translation import gettext as _

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

    @property
    def invoice_minor(self) -> int:
        """What the sales invoice changes by in all; negative: less for the seller."""
        return sum(effect.amount_minor for effect in self.invoice)


def figures_of(amounts: WriteOffAmounts) -> Figures:
    """Return amounts as shown: turnover out, commission and its VAT back, at the rates at which they were booked."""
    rates = sorted({line.commission_vat_rate_bp for line in amounts.lines if line.commission_vat_minor})
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
    )


def rate_text(basis_points: int) -> str:
    """Write a rate in basis points as readers do: 21 %."""
    locale = (get_language() or "en").replace("-", "_")
    return format_percent(basis_points / 10_000, "#,##0.##\N{NO-BREAK SPACE}%", locale=locale)

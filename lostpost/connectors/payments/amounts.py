"""Amounts as payment providers write them."""

from __future__ import annotations

from decimal import Decimal

from lostpost.core.money import exponent

# Of Stripe's documentation ("Supported currencies"): these have no decimals there, and these have three.
WITHOUT_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
WITH_THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class AmountRefused(Exception):
    """The provider has no way to write this amount."""


def decimal_text(amount_minor: int, currency: str) -> str:
    """Write an amount with the currency's own decimals, as Mollie wants it: `25.00` EUR, `100` JPY."""
    digits = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f}"


def stripe_amount(amount_minor: int, currency: str) -> int:
    """Write an amount as an integer of Stripe's smallest unit, which is not everywhere the currency's own.

    Stripe writes ISK and UGX with two decimals that are always 00, and rounds three decimals to ten. Raises:
    AmountRefused if that would change the amount.
    """
    digits = 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE else 2
    amount = Decimal(amount_minor).scaleb(digits - exponent(currency))
    if amount != amount.to_integral_value() or (digits == 3 and amount % 10):
        raise AmountRefused(f"{amount_minor} {currency}")
    return int(amount)

"""Amounts as payment providers write them: in decimals of their own tables, not everywhere those of ISO 4217."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from lostpost.core.money import exponent

# Both tables: currencies with other than two decimals at the provider, or that ISO 4217 gives other than two.

# Stripe, "Supported currencies". Without decimals, except for ISK and UGX, which are written with two that are always
# 00. HUF and TWD have two for charges and refunds (only payouts to banks are whole there).
STRIPE_DECIMALS: Mapping[str, int] = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"], 0
    ),
    **dict.fromkeys(["ISK", "UGX"], 2),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3),
}
# Mollie, "Multicurrency": HUF and TWD have two there also where PayPal rounds them.
MOLLIE_DECIMALS: Mapping[str, int] = {"ISK": 0, "JPY": 0}
_USUAL_DECIMALS = 2


class AmountRefused(Exception):
    """The provider has no way to write this amount, or we do not know which."""


def mollie_amount(amount_minor: int, currency: str) -> str:
    """Write an amount as text in Mollie's decimals: `25.00` EUR, `100` JPY.

    Raises: AmountRefused if that would change the amount.
    """
    decimals = _decimals(MOLLIE_DECIMALS, currency)
    return f"{_scaled(amount_minor, currency, decimals).scaleb(-decimals):.{decimals}f}"


def stripe_amount(amount_minor: int, currency: str) -> int:
    """Write an amount as an integer of Stripe's smallest unit.

    Of three decimals, the last must be 0 there. Raises: AmountRefused if that would change the amount.
    """
    decimals = _decimals(STRIPE_DECIMALS, currency)
    amount = _scaled(amount_minor, currency, decimals)
    if decimals == 3 and amount % 10:
        raise AmountRefused(f"{amount_minor} {currency}")
    return int(amount)


def _decimals(table: Mapping[str, int], currency: str) -> int:
    """Look the currency up; one that the provider does not list is written with two decimals, if it has two at all."""
    decimals = table.get(currency, _USUAL_DECIMALS)
    if currency not in table and exponent(currency) != _USUAL_DECIMALS:
        raise AmountRefused(f"{currency} is not listed")
    return decimals


def _scaled(amount_minor: int, currency: str, decimals: int) -> Decimal:
    """Count the amount in units with so many decimals. Raises: AmountRefused if it is no whole number of them."""
    amount = Decimal(amount_minor).scaleb(decimals - exponent(currency))
    if amount != amount.to_integral_value():
        raise AmountRefused(f"{amount_minor} {currency}")
    return amount

"""Amounts in each provider's own units are the same money as in ISO 4217's."""

from decimal import Decimal

import iso4217
import pytest

from lostpost.connectors.payments.amounts import (
    MOLLIE_DECIMALS,
    STRIPE_DECIMALS,
    AmountRefused,
    mollie_amount,
    stripe_amount,
)
from lostpost.core.money import exponent

IN_USE = sorted(it.value for it in iso4217.Currency if it.exponent is not None)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "units"),
    [
        (25_00, "EUR", 2500),
        (1_000_000, "RSD", 1_000_000),  # CLDR shows people none of its two decimals.
        (200_00, "MGA", 200),  # Two decimals in ISO 4217, none at Stripe.
        (500, "ISK", 500_00),  # None in ISO 4217, two at Stripe.
        (500, "UGX", 500_00),
        (1331_66, "HUF", 1331_66),
        (1331_66, "TWD", 1331_66),
        (1500, "JPY", 1500),
        (12_340, "KWD", 12_340),
    ],
)
def test_stripe_is_asked_in_its_own_units(amount_minor, currency, units):
    assert stripe_amount(amount_minor, currency) == units


@pytest.mark.parametrize(
    ("amount_minor", "currency"),
    [
        (200_50, "MGA"),  # Half an ariary.
        (4_166, "KWD"),  # Three decimals, and the last is not 0.
        (1_000, "IQD"),  # Three decimals, and Stripe does not say how it counts them.
        (1_0000, "CLF"),
    ],
)
def test_amounts_that_stripe_cannot_represent_are_refused(amount_minor, currency):
    with pytest.raises(AmountRefused):
        stripe_amount(amount_minor, currency)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (25_00, "EUR", "25.00"),
        (7, "EUR", "0.07"),
        (1500, "JPY", "1500"),
        (500, "ISK", "500"),
        (1331_66, "HUF", "1331.66"),
        (1331_66, "TWD", "1331.66"),
    ],
)
def test_mollie_is_asked_in_its_own_decimals(amount_minor, currency, text):
    assert mollie_amount(amount_minor, currency) == text


@pytest.mark.parametrize("currency", ["KWD", "IQD", "CLF", "UGX"])
def test_currencies_that_mollie_does_not_list_and_have_no_usual_decimals_are_refused(currency):
    assert currency not in MOLLIE_DECIMALS
    with pytest.raises(AmountRefused):
        mollie_amount(10_000, currency)


def test_no_currency_changes_its_value_on_the_way_to_a_provider():
    for currency in IN_USE:
        amount = Decimal(120_000).scaleb(-exponent(currency))
        try:
            assert Decimal(stripe_amount(120_000, currency)).scaleb(-STRIPE_DECIMALS.get(currency, 2)) == amount
            assert Decimal(mollie_amount(120_000, currency)) == amount
        except AmountRefused:
            assert exponent(currency) != 2

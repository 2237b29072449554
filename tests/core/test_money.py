"""No cent is made or lost."""

from __future__ import annotations

import re

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.core.money import (
    LARGEST_MINOR,
    Money,
    exponent,
    format_money,
    format_with_code,
    is_currency_in_use,
    parse_minor,
    rounded_rate,
    share_of_units,
    split_amount,
)

amounts = st.integers(0, 10**12)
IN_USE = {it.value: it.exponent for it in iso4217.Currency if it.exponent is not None}
weight_lists = st.lists(st.integers(0, 10**6), min_size=1, max_size=50).filter(any)


def plain(text: str) -> str:
    return re.sub(r"\s", " ", text)


def test_money_of_one_currency_adds_up() -> None:
    assert Money(39_95, "EUR") + Money(5, "EUR") == Money(40_00, "EUR")
    assert Money(39_95, "EUR") - Money(40_00, "EUR") == Money(-5, "EUR")


def test_money_of_two_currencies_does_not_add_up() -> None:
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(1, "EUR") - Money(1, "USD")


def test_a_currency_has_its_own_decimals() -> None:
    assert [exponent(currency) for currency in ("EUR", "JPY", "BHD")] == [2, 0, 3]


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        *[("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("TWD", 2), ("ISK", 0), ("UGX", 0)],
        # CLDR, which says how people write amounts, has none for these.
        *[(currency, 2) for currency in ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP")],
        *[("YER", 2), ("IQD", 3)],
    ],
)
def test_decimals_are_those_of_iso_4217(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize("language", ["nl", "en", "fr", "de"])
def test_people_read_every_currency_with_its_decimals(language):
    for currency, decimals in IN_USE.items():
        for text in (format_money(123456, currency, language), format_with_code(123456, currency, language)):
            assert "".join(re.findall(r"[0-9]", text)) == "123456", text
            *_, fraction = re.split(r"[^0-9]+", re.sub(r"^[^0-9]+|[^0-9]+$", "", text)) if decimals else [""]
            assert len(fraction) == decimals, text


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (25_00, "EUR", "en", "25.00 EUR"),
        (1_234_50, "EUR", "nl", "1.234,50 EUR"),
        (1331_66, "RSD", "nl", "1.331,66 RSD"),
        (1500, "JPY", "en", "1,500 JPY"),
        (4166, "KWD", "en", "4.166 KWD"),
    ],
)
def test_amounts_with_the_currencys_letters_are_written_as_the_language_does(minor, currency, language, text):
    assert format_with_code(minor, currency, language) == text


@pytest.mark.parametrize("currency", ["DEM", "NLG", "XAU", "XTS", "XXX", "XDR", "", "eur", "EURO"])
def test_codes_that_are_withdrawn_or_no_money_are_not_in_use(currency):
    assert not is_currency_in_use(currency)


@pytest.mark.parametrize(("currency", "text"), [("DEM", "12.34 DEM"), ("ITL", "1,234 ITL"), ("XTS", "12.34 XTS")])
def test_amounts_in_withdrawn_currencies_can_still_be_formatted(currency, text):
    assert format_with_code(1234, currency, "en") == text
    assert format_money(1234, currency, "en")


@pytest.mark.parametrize("currency", ["XXQ", "eur", "", "€"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        exponent(currency)


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    assert plain(format_money(1_234_50, "EUR", "nl")) == "€ 1.234,50"
    assert plain(format_money(1_234_50, "EUR", "en")) == "€1,234.50"
    assert plain(format_money(-5, "EUR", "nl")) == "€ -0,05"
    assert plain(format_money(1_234_50, "EUR", "nl-be")) == "€ 1.234,50"
    assert format_money(1234, "JPY", "en") == "¥1,234"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("39.95", "EUR", 3995),
        ("39.9", "EUR", 3990),
        ("39", "EUR", 3900),
        (" 0.07 ", "EUR", 7),
        ("0", "EUR", 0),
        ("007.50", "EUR", 750),
        ("1.005", "BHD", 1005),
        ("1200", "JPY", 1200),
        ("10000000000.00", "EUR", LARGEST_MINOR),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("39.955", "EUR", "more decimals than EUR knows"),
        ("1.5", "JPY", "more decimals than JPY knows"),
        ("-1.00", "EUR", "is negative"),
        ("\N{MINUS SIGN}1.00", "EUR", "is negative"),
        ("NaN", "EUR", "is not an amount"),
        ("Infinity", "EUR", "is not an amount"),
        ("39,95", "EUR", "a point before the decimals, such as 39.95"),
        ("1e3", "EUR", "is not an amount"),
        ("1_000", "EUR", "is not an amount"),
        ("٣٩", "EUR", "is not an amount"),
        ("+1", "EUR", "is not an amount"),
        (".5", "EUR", "is not an amount"),
        ("", "EUR", "is not an amount"),
        ("10000000000.01", "EUR", "at most 10000000000.00"),
        ("1000000000001", "JPY", "at most 1000000000000"),
        ("9" * 100_000, "EUR", "at most 10000000000.00"),
    ],
)
def test_an_invalid_amount_is_refused_with_a_hint(text: str, currency: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        parse_minor(text, currency)
    assert len(str(refused.value)) < 200


@given(minor=st.integers(0, LARGEST_MINOR))
def test_an_amount_written_out_is_read_back(minor: int) -> None:
    assert parse_minor(f"{minor // 100}.{minor % 100:02}", "EUR") == minor


@given(total_minor=amounts, weights=weight_lists)
def test_the_parts_of_a_split_add_up_to_the_total(total_minor: int, weights: list[int]) -> None:
    assert sum(split_amount(total_minor, weights)) == total_minor


@given(total_minor=amounts, weights=weight_lists)
def test_only_the_last_positive_weight_gets_more_than_its_share_and_no_part_is_negative(
    total_minor: int, weights: list[int]
) -> None:
    parts, total_weight = split_amount(total_minor, weights), sum(weights)
    last = max(at for at, weight in enumerate(weights) if weight)
    for at, (part, weight) in enumerate(zip(parts, weights, strict=True)):
        if at == last:
            assert total_minor * weight // total_weight <= part < total_minor * weight / total_weight + len(weights)
        else:
            assert part == total_minor * weight // total_weight


@given(total_minor=amounts, weights=weight_lists)
def test_a_split_of_a_correction_mirrors_what_it_corrects(total_minor: int, weights: list[int]) -> None:
    assert split_amount(-total_minor, weights) == [-part for part in split_amount(total_minor, weights)]


def test_the_last_positive_weight_gets_the_rest() -> None:
    assert split_amount(100, [1, 1, 1, 0]) == [33, 33, 34, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        split_amount(100, weights)


@given(total_minor=amounts, counts=st.lists(st.integers(0, 20), min_size=1, max_size=20).filter(any), data=st.data())
def test_any_order_of_partial_amounts_adds_up_to_the_line(
    total_minor: int, counts: list[int], data: st.DataObject
) -> None:
    quantity, before, given_minor = sum(counts), 0, 0
    for count in data.draw(st.permutations(counts)):
        share = share_of_units(total_minor, quantity=quantity, before=before, count=count)
        before, given_minor = before + count, given_minor + share
        assert share >= 0
        assert given_minor <= total_minor
    assert given_minor == total_minor


def test_the_last_unit_gets_the_rest() -> None:
    assert share_of_units(100, quantity=3, before=0, count=1) == 33
    assert share_of_units(100, quantity=3, before=2, count=1) == 34
    assert share_of_units(100, quantity=3, before=1, count=2) == 67
    assert share_of_units(100, quantity=3, before=3, count=0) == 0
    assert share_of_units(-100, quantity=3, before=2, count=1) == -34


@pytest.mark.parametrize(("quantity", "before", "count"), [(0, 0, 0), (3, 2, 2), (3, -1, 1), (3, 0, -1), (3, 4, 0)])
def test_more_units_than_there_are_have_no_value(quantity: int, before: int, count: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        share_of_units(100, quantity=quantity, before=before, count=count)


@pytest.mark.parametrize(
    ("amount_minor", "rate_bp", "minor"),
    [
        (100, 2100, 21),
        (50, 2100, 11),
        (-50, 2100, -11),
        (2, 2100, 0),
        (5, 1000, 1),
        (-5, 1000, -1),
        (4, 1000, 0),
        (7, 0, 0),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(amount_minor: int, rate_bp: int, minor: int) -> None:
    assert rounded_rate(amount_minor, rate_bp) == minor


@given(amount_minor=amounts, rate_bp=st.integers(0, 10_000))
def test_a_refunded_rate_equals_the_charged_rate(amount_minor: int, rate_bp: int) -> None:
    share_minor = rounded_rate(amount_minor, rate_bp)
    assert rounded_rate(-amount_minor, rate_bp) == -share_minor
    assert abs(share_minor * 10_000 - amount_minor * rate_bp) <= 5_000


def test_a_negative_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        rounded_rate(100, -1)

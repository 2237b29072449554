"""Money as integers of minor units and its ISO 4217 currency, and the exact ways to divide it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

import iso4217
from babel import Locale
from babel.numbers import format_currency, list_currencies

LARGEST_MINOR = 10**12  # Far above any order; below it no sum of a shop's rows leaves 64 bits.

# Withdrawn codes without a minor unit; all other withdrawn ones had two decimals. Rows may hold them.
_WITHDRAWN_WITHOUT_DECIMALS = frozenset(
    ["ADP", "BEF", "BYB", "BYR", "ESP", "GRD", "ITL", "LUF", "MGF", "PTE", "TPE", "TRL"]
)
_DECIMALS_OF_PATTERN = re.compile(r"(?<=0)\.0+")  # In CLDR's pattern, such as "¤ #,##0.00;¤ -#,##0.00".
_PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; negative where it is owed the other way."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._minor_of(other), self.currency)

    def _minor_of(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added up; keep them apart")
        return other.minor


@cache
def _minor_units() -> dict[str, int]:
    """Return the decimals of every currency in use; ISO 4217 gives metals, test codes and units of account none."""
    return {currency.value: currency.exponent for currency in iso4217.Currency if currency.exponent is not None}


@cache
def _once_known() -> frozenset[str]:
    return frozenset(list_currencies("en"))


def is_currency_in_use(currency: str) -> bool:
    """Whether the code is a current currency of ISO 4217: not DEM (withdrawn), XAU (gold) or XTS (tests)."""
    return currency in _minor_units()


@cache
def exponent(currency: str) -> int:
    """Return the currency's decimals by ISO 4217: 2 for EUR and RSD, 0 for JPY, 3 for KWD.

    Not CLDR's, which follow how people write amounts. Withdrawn codes have decimals too.

    Raises: ValueError if there was never such a currency.
    """
    if (decimals := _minor_units().get(currency)) is not None:
        return decimals
    if currency not in _once_known():
        raise ValueError(f"{currency[:10]!r} is not a currency; write its three letters of ISO 4217, such as EUR")
    return 0 if currency in _WITHDRAWN_WITHOUT_DECIMALS else 2


def format_money(minor: int, currency: str, locale: str) -> str:
    """Format the amount for `locale`: Django's language codes (`nl-be`) or Babel's (`nl_BE`)."""
    pattern = _pattern(currency, locale.replace("-", "_"))
    return _written(minor, currency, pattern, locale)


def format_with_code(minor: int, currency: str, locale: str) -> str:
    """Write the amount and the currency's letters, which every program can show: `25.00 EUR`."""
    return _written(minor, currency, f"#,##0{_decimals_of_pattern(currency)} ¤¤", locale)


@lru_cache(maxsize=5000)
def _written(minor: int, currency: str, pattern: str, locale: str) -> str:
    amount = Decimal(minor).scaleb(-exponent(currency))
    return format_currency(amount, currency, pattern, locale=locale.replace("-", "_"), currency_digits=False)


@cache
def _pattern(currency: str, locale: str) -> str:
    """Return the locale's own way to write an amount, with the decimals of ISO 4217."""
    usual: str = Locale.parse(locale).currency_formats["standard"].pattern
    return _DECIMALS_OF_PATTERN.sub(_decimals_of_pattern(currency), usual)


def _decimals_of_pattern(currency: str) -> str:
    decimals = exponent(currency)
    return "." + "0" * decimals if decimals else ""


def parse_minor(text: str, currency: str) -> int:
    """Read "39.95" as 3995, exactly.

    Only digits and one decimal point are accepted: the meaning of a comma or a sign would be a guess.

    Raises: ValueError with a sentence on what is wrong and what to write.
    """
    decimals = exponent(currency)
    written = text.strip()
    quoted_text = repr(written if len(written) <= 40 else written[:40] + "…")
    example = Decimal(3995).scaleb(-decimals)
    if written.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError(f"{quoted_text} is negative; write an amount of 0 or more, such as {example}")
    if not _PLAIN_NUMBER.fullmatch(written):
        raise ValueError(
            f"{quoted_text} is not an amount; write digits with a point before the decimals, such as {example}"
        )
    units, _, fraction = written.partition(".")
    if len(fraction) > decimals:
        raise ValueError(f"{quoted_text} has more decimals than {currency} knows ({decimals}); write it like {example}")
    largest = Decimal(LARGEST_MINOR).scaleb(-decimals)
    if len(units.lstrip("0")) > 20 or (minor := int(Decimal(written).scaleb(decimals))) > LARGEST_MINOR:
        raise ValueError(f"{quoted_text} is more than we can book; write at most {largest:f}")
    return minor


def split_amount(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide the amount by the weights so that the parts add up exactly; the last positive weight gets the rest.

    A negative amount is divided like the positive one, so that a correction mirrors what it corrects.

    Raises: ValueError if a weight is negative, or none is positive.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    total_weight = sum(weights)
    if total_weight == 0:
        raise ValueError("no weight is positive")
    sign, size = _sign_and_size(total_minor)
    parts = [size * weight // total_weight for weight in weights]
    last = max(at for at, weight in enumerate(weights) if weight)
    parts[last] += size - sum(parts)
    return [sign * part for part in parts]


def share_of_units(total_minor: int, *, quantity: int, before: int, count: int) -> int:
    """Value `count` more units of a line of `quantity` units, when `before` of them went already.

    Every unit is worth the line's total divided by its units, rounded down; the last unit gets the rest. So partial
    amounts in any order add up to the total once all units are refunded, and never exceed it before.

    Raises: ValueError if the line has fewer units.
    """
    if quantity < 1 or before < 0 or count < 0 or before + count > quantity:
        raise ValueError(f"{count} after {before} does not fit in {quantity} units")
    sign, size = _sign_and_size(total_minor)
    share = size // quantity * count
    if count and before + count == quantity:
        share += size % quantity
    return sign * share


def rounded_rate(amount_minor: int, rate_bp: int) -> int:
    """Return a rate in basis points (2100 = 21 %) of the amount; half a cent is rounded away from zero.

    Raises: ValueError if the rate is negative.
    """
    if rate_bp < 0:
        raise ValueError("a rate is not negative")
    sign, size = _sign_and_size(amount_minor)
    return sign * ((size * rate_bp + _BASIS_POINTS // 2) // _BASIS_POINTS)


def net_of_gross(gross_minor: int, rate_bp: int) -> int:
    """Return the net of an amount with VAT, at a rate in basis points; half a cent is rounded away from zero.

    Raises: ValueError if the rate is negative.
    """
    if rate_bp < 0:
        raise ValueError("a rate is not negative")
    sign, size = _sign_and_size(gross_minor)
    gross_bp = _BASIS_POINTS + rate_bp
    return sign * ((2 * size * _BASIS_POINTS + gross_bp) // (2 * gross_bp))


def _sign_and_size(minor: int) -> tuple[int, int]:
    return (-1, -minor) if minor < 0 else (1, minor)

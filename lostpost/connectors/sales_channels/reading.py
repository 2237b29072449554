"""Read values of the platforms' answers, or say plainly what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from lostpost.connectors.sales_channels.platform import RecordUnreadable
from lostpost.core.clock import EARLIEST, LATEST
from lostpost.core.money import LARGEST_MINOR, exponent
from lostpost.core.text import quoted, trimmed

_NO_NAME_SIGN = re.compile(r"[^A-Za-z0-9_.:-]+")


def line_of(content: Mapping[str, Any], name: str, most: int) -> str:
    """Return a text or whole number as one line, as far as we can store it; else empty."""
    value = content.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return trimmed(" ".join(value.split()))[:most].strip() if isinstance(value, str) else ""


def reference_of(content: Mapping[str, Any], name: str) -> str:
    """Return the platform's name of something. Raises: RecordUnreadable."""
    reference = line_of(content, name, 64)
    if not reference:
        raise RecordUnreadable(_("no %(name)s") % {"name": name})
    return reference


def number_named(prefix: str, number: str) -> str:
    """Write the platform's number as one of ours, with the channel's prefix: "#1001" is 1001, "2026/7" is 2026-7."""
    return f"{prefix}{_NO_NAME_SIGN.sub('-', number).strip('-._:')}"[:64]


def quantity_of(content: Mapping[str, Any], name: str, line: int) -> int:
    """Return a number of units. Raises: RecordUnreadable."""
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecordUnreadable(_("no %(name)s of line %(n)d") % {"name": name, "n": line})
    return value


def decimal_of(value: object) -> Decimal | None:
    """Return an amount as it is written, as a number or in quotes; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < LARGEST_MINOR else None


def minor_of(amount: Decimal, currency: str, what: str) -> int:
    """Return an amount in minor units, to the cent: 25.0 EUR is 2500, and 25.001 is no amount that anybody paid.

    Raises: RecordUnreadable.
    """
    scaled = amount.scaleb(_exponent(currency))
    if scaled != scaled.to_integral_value():
        raise RecordUnreadable(_("%(what)s is %(amount)s: no amount in %(currency)s") % _said(what, amount, currency))
    if scaled < 0:
        raise RecordUnreadable(_("%(what)s is %(amount)s: less than nothing") % _said(what, amount, currency))
    return int(scaled)


def rounded_minor(amount: Decimal, currency: str, what: str) -> int:
    """Return a sum of exact parts in minor units, half a cent up. Raises: RecordUnreadable if it is negative."""
    digits = _exponent(currency)
    return minor_of(amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP), currency, what)


def instant_of(value: object, *, zoned: bool = True) -> datetime | None:
    """Read an instant in ISO 8601; None if it is none, or no year of ours.

    Args: `zoned`: without an offset it is none; else it is UTC, as in fields that say so in their name.
    """
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        if zoned:
            return None
        at = at.replace(tzinfo=UTC)
    offset = at.utcoffset()
    if offset is None or offset.total_seconds() % 60 or not EARLIEST.year <= at.year < LATEST.year:
        return None
    return at if at >= EARLIEST else None


def _said(what: str, amount: Decimal, currency: str) -> dict[str, str]:
    return {"what": what, "amount": f"{amount:f}", "currency": currency}


def _exponent(currency: str) -> int:
    try:
        return exponent(currency)
    except ValueError:
        raise RecordUnreadable(_("the currency “%(it)s” is none") % {"it": quoted(currency)}) from None

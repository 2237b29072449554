"""The European Central Bank's daily file of exchange rates: reading it, and fetching it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import httpx
from lxml import etree

CONNECT_SECONDS, ANSWER_SECONDS = 5, 30
FILE_BYTES_MAX = 1024 * 1024  # That of a day has two thousand.
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


class RatesUnavailable(Exception):
    """There is no file, or it is not one of exchange rates; says why in a short line."""


class DailyRates(NamedTuple):
    """Units of each currency for one euro, on a day."""

    on: date
    rates: dict[str, Decimal]


def fetch_rates(url: str) -> DailyRates:
    """Fetch the newest file. No transaction may be open. Raises: RatesUnavailable."""
    limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx.Client(timeout=limits, follow_redirects=False) as client:
            response = client.get(url)
    except httpx.HTTPError as error:
        raise RatesUnavailable(f"{type(error).__name__}: {error}"[:200]) from error
    if response.status_code != httpx.codes.OK:
        raise RatesUnavailable(f"HTTP {response.status_code}")
    return read_rates(response.content)


def read_rates(content: bytes) -> DailyRates:
    """Read a file of one day, as the bank publishes it (`eurofxref-daily.xml`). Raises: RatesUnavailable."""
    if len(content) > FILE_BYTES_MAX:
        raise RatesUnavailable("the file is too long for one of a day")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
        days = [cube for cube in root.iter(_CUBE) if cube.get("time")]
        (day,) = days
        on = date.fromisoformat(str(day.get("time")))
        rates = {
            str(cube.get("currency")): Decimal(str(cube.get("rate"))) for cube in day.iter(_CUBE) if cube is not day
        }
    except (etree.XMLSyntaxError, ValueError, InvalidOperation) as error:
        raise RatesUnavailable("the file is not the bank's, of one day") from error
    if not rates or not all(rate.is_finite() and rate > 0 for rate in rates.values()):
        raise RatesUnavailable("the file has no rates")
    return DailyRates(on, rates)

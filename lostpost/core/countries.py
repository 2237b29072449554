"""Countries by their codes of ISO 3166-1 alpha-2."""

from __future__ import annotations

from iso3166 import countries_by_alpha2

_KOSOVO = "XK"  # No code of ISO's, but the one that the European Union and every carrier use.


def is_country(code: str) -> bool:
    """Whether there is such a country: GB, but not UK (which ISO only reserves)."""
    return code in countries_by_alpha2


def is_country_on_invoices(code: str) -> bool:
    """Whether EN 16931 knows the country's code (BR-CL-14)."""
    return is_country(code) and code != _KOSOVO

"""Exchange rates, and VAT in the marketplace's own currency (Directive 2006/112/EC, articles 91 and 230).

Rates are the European Central Bank's: units of a currency for one euro. An invoice keeps the one that it was stated at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from babel.numbers import get_territory_currencies
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.core.errors import Conflict, Rejected
from lostpost.core.money import exponent, is_currency_in_use
from lostpost.invoicing.models import ExchangeRate

EURO = "EUR"
OLDEST_DAYS = 7  # Weekends and holidays have none; older ones are no rate of the day.
_DECIMALS = Decimal("1e-10")
_HIGHEST = Decimal("1e9")


class ExchangeRateMissing(Conflict):
    """VAT cannot be stated in the marketplace's own currency, so the invoice waits."""

    code = "exchange-rate-missing"


class NationalVat(NamedTuple):
    """The VAT of an invoice in the marketplace's own currency, and how it was converted."""

    currency: str
    vat_minor: int
    rate: Decimal  # Units of the invoice's currency for one of this.
    rate_on: date


def national_currency() -> str:
    """Return the currency of the marketplace's country, in which its VAT is declared."""
    return str(get_territory_currencies(settings.LOSTPOST_MARKETPLACE["country"].upper())[0])


def national_vat(vat_minor: int, currency: str, *, on: date) -> NationalVat | None:
    """Convert the VAT of an invoice of that day; None where there is none, or it is in that currency already.

    Half a cent is rounded away from zero. Raises: ExchangeRateMissing.
    """
    national = national_currency()
    if currency == national or not vat_minor:
        return None
    (foreign, foreign_on), (ours, ours_on) = _per_euro(currency, on), _per_euro(national, on)
    rate = (foreign / ours).quantize(_DECIMALS)
    return NationalVat(national, converted(vat_minor, currency, national, rate), rate, min(foreign_on, ours_on))


def converted(minor: int, currency: str, to: str, rate: Decimal) -> int:
    """Convert an amount. Args: `rate`: units of its currency for one of the other."""
    amount = Decimal(minor).scaleb(exponent(to) - exponent(currency)) / rate
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@transaction.atomic(durable=True)
def put_exchange_rates(*, rates: Mapping[str, Decimal], on: date, source: str, now: datetime) -> int:
    """Store rates of a day beside those of before, and return how many are new; of one day the newest counts.

    Args: `rates`: units for one euro, by currency. `source`: where they come from, for whoever asks later.
    Raises: Rejected for a currency or a rate that there cannot be.
    """
    for currency, rate in rates.items():
        if not is_currency_in_use(currency) or currency == EURO or not 0 < rate < _HIGHEST:
            raise Rejected(
                _("%(currency)s at %(rate)s is no rate for one euro.") % {"currency": currency, "rate": rate}
            )
    known = dict(ExchangeRate.objects.filter(on=on).order_by("recorded_at").values_list("currency", "per_euro"))
    rows = [
        ExchangeRate(currency=currency, on=on, per_euro=rate, source=source[:200], recorded_at=now)
        for currency, rate in rates.items()
        if known.get(currency) != rate
    ]
    ExchangeRate.objects.bulk_create(rows)
    return len(rows)


def _per_euro(currency: str, on: date) -> tuple[Decimal, date]:
    """Return the newest rate of a currency on a day, and its own day. Raises: ExchangeRateMissing."""
    if currency == EURO:
        return Decimal(1), on
    rows = ExchangeRate.objects.filter(currency=currency, on__lte=on, on__gte=on - timedelta(days=OLDEST_DAYS))
    newest = rows.order_by("-on", "-recorded_at").first()
    if newest is None:
        raise ExchangeRateMissing(
            _(
                "No exchange rate of %(currency)s is known for %(day)s or the %(days)d days before, and VAT must be "
                "stated in %(national)s as well. Import the European Central Bank's rates, then issue the invoice "
                "again."
            )
            % {"currency": currency, "day": on.isoformat(), "days": OLDEST_DAYS, "national": national_currency()}
        )
    return newest.per_euro, newest.on

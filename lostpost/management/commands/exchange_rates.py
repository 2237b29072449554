"""`lostpost exchange-rates`: import the European Central Bank's rates, give one by hand, or show what is known."""

from argparse import ArgumentParser
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.policy import current_policy
from lostpost.connectors.ecb.rates_file import DailyRates, RatesUnavailable, fetch_rates, read_rates
from lostpost.core.errors import Rejected
from lostpost.invoicing.exchange_rates import put_exchange_rates
from lostpost.invoicing.models import ExchangeRate

SHOWN = 40


class Command(BaseCommand):
    """Without an option, the newest rates are shown."""

    help = "Import exchange rates: units of a currency for one euro. Sales invoices state their VAT by them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the rates come from."""
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--fetch", action="store_true", help="from the European Central Bank, now")
        ways.add_argument("--file", type=Path, help="from its file of a day, eurofxref-daily.xml")
        ways.add_argument("--rate", action="append", default=[], metavar="USD=1.0832", help="by hand; with --on")
        parser.add_argument("--on", type=date.fromisoformat, help="the day of rates given by hand, such as 2026-03-31")

    def handle(self, *, fetch: bool, file: Path | None, rate: list[str], on: date | None, **options: Any) -> None:
        """Store rates and say how many are new, or show them."""
        if not (fetch or file or rate):
            self.show()
            return
        try:
            daily, source = _read(fetch=fetch, file=file, rate=rate, on=on)
            count = put_exchange_rates(rates=daily.rates, on=daily.on, source=source, now=timezone.now())
        except (RatesUnavailable, Rejected, OSError) as problem:
            raise CommandError(f"{problem}\nNo rate was stored.") from None
        self.stdout.write(f"{count} of {len(daily.rates)} rates of {daily.on} are new.")

    def show(self) -> None:
        """Print the newest rates, newest day first."""
        rows = ExchangeRate.objects.order_by("-on", "currency", "-recorded_at")[:SHOWN]
        for row in rows:
            self.stdout.write(f"{row.on} {row.currency} {row.per_euro.normalize():f} ({row.source})")
        if not rows:
            self.stdout.write("No exchange rates are known yet; --help says how to import them.")
        if not current_policy().fetch_exchange_rates:
            self.stdout.write("They are not fetched by themselves: the policy's fetch_exchange_rates is false.")


def _read(*, fetch: bool, file: Path | None, rate: list[str], on: date | None) -> tuple[DailyRates, str]:
    if fetch:
        return fetch_rates(settings.LOSTPOST_ECB_URL), settings.LOSTPOST_ECB_URL
    if file:
        return read_rates(file.read_bytes()), file.name
    if on is None:
        raise CommandError("Say of which day the rates are: --on 2026-03-31.")
    rates = {}
    for text in rate:
        currency, _is, number = text.partition("=")
        try:
            rates[currency.strip().upper()] = Decimal(number.strip())
        except InvalidOperation:
            raise CommandError(f"“{text}” is no rate; write it like USD=1.0832, units for one euro.") from None
    return DailyRates(on, rates), "by hand"

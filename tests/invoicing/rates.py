"""Exchange rates for invoices in other currencies."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lostpost.invoicing.exchange_rates import put_exchange_rates

RATES = {"BRL": Decimal("6.2314"), "JPY": Decimal("162.85"), "USD": Decimal("1.0832"), "SEK": Decimal("11.437")}


def rates_known(at: datetime) -> None:
    """Let the rates of a day be known."""
    on = at.astimezone(ZoneInfo("Europe/Amsterdam")).date()
    put_exchange_rates(rates=RATES, on=on, source="a test", now=at)

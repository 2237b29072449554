"""VAT of invoices in other currencies, stated in the marketplace's own."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from facturx.parse_xml import parse_ubl_cii_xml
from hypothesis import given
from hypothesis import strategies as st

from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.audit.verify import verify
from lostpost.connectors.ecb.rates_file import RatesUnavailable, read_rates
from lostpost.core.errors import Rejected
from lostpost.invoicing.documents.content import invoice_content
from lostpost.invoicing.documents.ubl import invoice_ubl
from lostpost.invoicing.documents.words import invoice_words
from lostpost.invoicing.exchange_rates import ExchangeRateMissing, converted, national_vat, put_exchange_rates
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.models import ExchangeRate, SalesInvoice
from tests.cast import row_counts
from tests.invoicing.documents.validators import problems
from tests.invoicing.selling import on, period, sold

ADDRESS = {"street": "Oudegracht 12", "postal_code": "3511 AB", "city": "Utrecht", "vat_number": "NL123456789B13"}
SHOP = SellerData("lampenhuis", "Lampenhuis", legal={**ADDRESS, "electronic_address": "0106:12345678"})
FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube><Cube time="2026-03-31"><Cube currency="USD" rate="1.0832"/><Cube currency="JPY" rate="162.85"/></Cube></Cube>
</gesmes:Envelope>"""


def issue(seller: Any, currency: str = "USD", days: int = 0) -> SalesInvoice | None:
    march = period("2026-03")
    return issue_invoice(seller=seller, period=march, currency=currency, now=march.ends_at + timedelta(days=days))


@pytest.mark.django_db
def test_vat_is_stated_in_euros_at_the_rate_that_was_imported(anna, tmp_path):
    seller = put_seller(seller=SHOP, now=on(1))
    sold(seller, on(3), commission_minor=123_45, currency="USD")
    (tmp_path / "eurofxref-daily.xml").write_bytes(FILE)
    before = row_counts()

    # Without a rate it waits, and says why
    with pytest.raises(ExchangeRateMissing, match="No exchange rate of USD is known for 2026-04-01"):
        issue(seller)
    assert row_counts() == before
    out = StringIO()
    call_command("exchange_rates", "--file", str(tmp_path / "eurofxref-daily.xml"), stdout=out)
    call_command("exchange_rates", "--file", str(tmp_path / "eurofxref-daily.xml"), stdout=out)
    assert out.getvalue() == "2 of 2 rates of 2026-03-31 are new.\n0 of 2 rates of 2026-03-31 are new.\n"
    invoice = issue(seller)

    assert invoice
    assert (invoice.vat_minor, invoice.national_currency, invoice.national_vat_minor) == (25_92, "EUR", 23_93)
    assert (invoice.exchange_rate, invoice.exchange_rate_on) == (Decimal("1.0832"), date(2026, 3, 31))
    assert list(verify(seller)) == []
    content = invoice_content(invoice)
    document = invoice_ubl(content)
    assert problems(document) == []
    read = parse_ubl_cii_xml(document, check_xsd=False)
    assert (read["BT-5"], read["BT-6"], read["BT-110"], read["BT-111"]) == ("USD", "EUR", "25.92", "23.93")
    SalesInvoice.objects.update(national_vat_minor=23_94)
    assert f"sales invoice {invoice.number}: its VAT in EUR" in [each.what for each in verify(seller)]
    assert ["VAT in EUR, at 1.0832 USD for 1 EUR on 31 March 2026", "23.93"] in [
        [total["words"], total["amount"]] for total in invoice_words(content, "en")["totals"]
    ]


@pytest.mark.django_db
def test_an_old_rate_is_none_and_no_vat_needs_none(anna):
    rates = {"USD": Decimal("1.08")}
    put_exchange_rates(rates=rates, on=date(2026, 3, 25), source="by hand", now=on(25))
    sold(anna.seller, on(3), commission_minor=1_00, currency="USD")
    sold(anna.seller, on(3), commission_minor=0, currency="BRL")

    with pytest.raises(ExchangeRateMissing):
        issue(anna.seller, days=1)
    without_vat = issue(anna.seller, "BRL")
    invoice = issue(anna.seller)

    assert without_vat
    assert invoice
    assert (without_vat.national_currency, invoice.exchange_rate_on) == ("", date(2026, 3, 25))


@pytest.mark.django_db
def test_of_one_day_the_newest_rate_counts_and_earlier_ones_stay():
    for hour, rate in enumerate(("1.08", "1.09", "1.09")):
        put_exchange_rates(rates={"USD": Decimal(rate)}, on=date(2026, 3, 31), source="by hand", now=on(31, hour=hour))
    assert ExchangeRate.objects.count() == 2

    vat = national_vat(109, "USD", on=date(2026, 3, 31))

    assert vat
    assert (vat.vat_minor, vat.rate) == (100, Decimal("1.09"))


@pytest.mark.django_db
def test_a_marketplace_without_the_euro_gets_its_own_currency(settings):
    settings.LOSTPOST_MARKETPLACE = {**settings.LOSTPOST_MARKETPLACE, "country": "SE"}
    rates = {"USD": Decimal("1.1"), "SEK": Decimal("11")}
    put_exchange_rates(rates=rates, on=date(2026, 3, 31), source="by hand", now=on(31))

    in_kronor = [national_vat(1_00, currency, on=date(2026, 3, 31)) for currency in ("USD", "EUR", "SEK")]

    assert [(it.currency, it.vat_minor, it.rate) if it else None for it in in_kronor] == [
        ("SEK", 10_00, Decimal("0.1")),
        ("SEK", 11_00, Decimal("0.0909090909")),
        None,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--rate", "USD=1.08"], "--on"),
        (["--rate", "USD", "--on", "2026-03-31"], "is no rate"),
        (["--rate", "USD=0", "--on", "2026-03-31"], "no rate for one euro"),
        (["--rate", "DEM=1.95", "--on", "2026-03-31"], "no rate for one euro"),
        (["--file", "/nowhere.xml"], "No rate was stored"),
    ],
)
def test_a_wrong_rate_is_refused(words, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("exchange_rates", *words)
    assert not ExchangeRate.objects.exists()


@pytest.mark.django_db
def test_nobody_gives_a_rate_of_the_euro():
    with pytest.raises(Rejected):
        put_exchange_rates(rates={"EUR": Decimal(1)}, on=date(2026, 3, 31), source="by hand", now=on(31))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html/>",
        FILE.replace(b"1.0832", b"dear"),
        FILE.replace(b"1.0832", b"-1"),
        FILE.replace(b"2026-03-31", b"today"),
        FILE.replace(b"Cube>", b"Cube >") * 2,
        b"x" * (2**20 + 1),
    ],
)
def test_what_is_no_file_of_rates_is_refused(content):
    with pytest.raises(RatesUnavailable):
        read_rates(content)


@given(
    minor=st.integers(-(10**9), 10**9),
    rate=st.decimals(Decimal("0.0001"), Decimal(20_000), places=4),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_a_conversion_is_never_more_than_half_a_cent_off_and_keeps_its_sign(minor, rate, currency):
    cents = converted(minor, currency, "EUR", rate)

    exact = Decimal(minor).scaleb({"USD": 0, "JPY": 2, "KWD": -1}[currency]) / rate
    assert abs(cents - exact) <= Decimal("0.5")
    assert cents == -converted(-minor, currency, "EUR", rate)

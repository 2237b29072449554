"""`lostpost invoice`: the invoices of a period, for all shops, as often as one likes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.invoicing.models import SalesInvoice
from tests.cast import NOW, row_counts
from tests.invoicing.rates import rates_known
from tests.invoicing.selling import an_invoice, on, sold

pytestmark = pytest.mark.django_db


def run(*words: str, status: int = 0) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    if status:
        with pytest.raises(SystemExit) as ended:
            call_command("invoice", *words, stdout=out, stderr=err)
        assert ended.value.code == status
    else:
        call_command("invoice", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_every_shop_with_such_periods_gets_an_invoice_in_each_currency(anna, carla):
    twice = put_seller(seller=SellerData("twice", "Twice", invoice_cadence="twice_a_month"), now=NOW)
    for shop in (anna.seller, carla.seller, twice):
        sold(shop, on(3))
    sold(anna.seller, on(4), currency="JPY")
    rates_known(timezone.now())

    assert run("--period", "2026-03") == (
        "3 invoices were issued, 0 were there already, 0 were refused.\n",
        "",
    )
    assert run("--period", "2026-03-1")[0] == "1 invoices were issued, 0 were there already, 0 were refused.\n"
    assert run("--period", "2026-03")[0] == "0 invoices were issued, 3 were there already, 0 were refused.\n"
    invoices = SalesInvoice.objects.order_by("number").values_list("number", "currency")
    assert list(invoices) == [
        ("INV-carlas-keramiek-00001", "EUR"),
        ("INV-lampenhuis-00001", "EUR"),
        ("INV-lampenhuis-00002", "JPY"),
        ("INV-twice-00001", "EUR"),
    ]


def test_one_shop_alone(anna, carla):
    for shop in (anna.seller, carla.seller):
        sold(shop, on(3))

    run("--period", "2026-03", "--seller", "lampenhuis")

    assert [it.number for it in SalesInvoice.objects.all()] == ["INV-lampenhuis-00001"]


def test_a_refused_shop_is_reported_and_does_not_stop_the_others(anna, carla):
    sold(anna.seller, on(3, 2))
    for shop in (anna.seller, carla.seller):
        sold(shop, on(3))

    out, err = run("--period", "2026-03", status=1)

    assert out == "1 invoices were issued, 0 were there already, 1 were refused.\n"
    assert err == "lampenhuis, EUR: Issue the invoice of 2026-02 first: there is something to invoice for it.\n"


def test_a_dry_run_shows_what_would_be_issued_and_changes_nothing(anna):
    sold(anna.seller, on(3), paid_minor=25_00, commission_minor=3_00)
    before = row_counts()

    out, _err = run("--period", "2026-03", "--dry-run")

    assert out.splitlines() == [
        "lampenhuis: 2 lines, to be paid -€21.37",
        "1 invoices would be issued. Nothing was changed.",
    ]
    assert row_counts() == before
    assert an_invoice(anna.seller, "2026-03").payable_minor == -21_37


def test_invalid_arguments_are_refused(anna):
    for words, sentence in (
        (["--period", "March"], "'March' is no period; write a month such as 2026-10"),
        (["--period", "2026-03", "--seller", "nobody"], "There is no shop nobody."),
        (["--period", "2199-03"], r"2199-03 ends on 2199-04-01 00:00; --dry-run shows what there is so far."),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("invoice", *words)
    _out, err = run("--period", "2026-03-1", "--seller", "lampenhuis", status=1)
    assert err == "lampenhuis: 2026-03-1 is no period of this shop; it is invoiced otherwise.\n"

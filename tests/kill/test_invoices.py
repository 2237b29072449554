"""Kill -9 while invoices are issued: after another run each period has one invoice, and no number is missing."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.utils import timezone

from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.invoicing.models import DocumentCounter, SalesInvoice
from lostpost.ledger.models import Account, Transfer
from tests.cast import NOW, a_parcel, an_item, an_order
from tests.invoicing.rates import rates_known
from tests.invoicing.selling import assert_explained, on, owed
from tests.kill.processes import Pause, kill, nobody_is_at_work, started, wait_for
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
SHOPS = 8
CURRENCIES = ("EUR", "JPY")
# Where a run is killed, how many such calls it makes before, and how many invoices are then there.
POINTS = [
    ("lostpost.management.commands.invoice:currencies_of", 2, 4),  # Two shops are done, and the next has not begun.
    ("django.db.backends.base.base:BaseDatabaseWrapper._commit", 6, 6),  # All is written, and not committed.
    ("lostpost.invoicing.issue_invoice:next_number", 2, 8),  # The series is locked, and nothing is written.
    ("lostpost.invoicing.issue_invoice:_claim", 1, 9),  # The invoice has number and sums, and no transfer is marked.
    ("lostpost.invoicing.issue_invoice:post_transfers", 3, 12),  # The transfers are marked, and nothing is settled.
]


def test_the_next_run_finishes_a_killed_one(tmp_path):
    log = tmp_path / "invoice.log"
    shops = []
    for n in range(SHOPS):
        shop = put_seller(seller=SellerData(f"shop-{n:02}", f"Shop {n}"), now=NOW)
        shops.append(shop)
        for currency in CURRENCIES:
            order = an_order(shop, an_item(), an_item("2"), currency=currency, now=on(9))
            a_parcel(order, shipped_days=1, now=on(9))
    rates_known(timezone.now())  # When the command runs.
    for at, calls, issued in POINTS:
        pause = Pause(at, after=calls, folder=tmp_path)
        with started("lostpost.cli", "invoice", "--period", "2026-03", log=log, pause=pause) as process:
            pause.wait(process, log=log)
            kill(process)
        wait_for(nobody_is_at_work, what="undone", log=log)
        assert SalesInvoice.objects.count() == issued, at
        for invoice in SalesInvoice.objects.all():
            assert_explained(invoice)

    with started("lostpost.cli", "invoice", "--period", "2026-03", log=log) as process:
        assert process.wait(WAIT_SECONDS) == 0, log.read_text()

    for shop in shops:
        invoices = SalesInvoice.objects.filter(seller_id=shop.id).order_by("number")
        assert sorted(it.currency for it in invoices) == sorted(CURRENCIES)
        assert [it.number for it in invoices] == [f"INV-{shop.code}-0000{n}" for n in (1, 2)]
        assert DocumentCounter.objects.get(seller_id=shop.id).last == len(invoices)
        assert {owed(shop, Account.SELLER, currency) for currency in CURRENCIES} == {0}
        for invoice in invoices:
            assert_explained(invoice)
    assert not Transfer.objects.filter(invoice_id=None, kind="turnover").exists()
    assert not SalesInvoice.objects.exclude(total_minor=F("payable_minor")).exists()

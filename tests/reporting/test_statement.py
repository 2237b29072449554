"""Balances and statements: every cent has its transfer."""

import pytest
from django.db.models import F

from lostpost.core.keyset import PageKey
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.ledger.close_months import close_months
from lostpost.ledger.models import Account, ClosingBalance, Kind, Transfer
from lostpost.reporting.statement import Standing, balances, statement
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel
from tests.invoicing.selling import ZONE, an_invoice, on, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid_invoice(anna, fien):
    """A shop with sales, a write-off and a payout in EUR, and a sale in JPY."""
    query = silent_parcel(anna, quiet_days=5, number="LOST-1")
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    sold(anna.seller, on(12), number="SOLD-1", paid_minor=40_00, commission_minor=5_00)
    sold(anna.seller, on(13), number="SOLD-2", paid_minor=1_000, commission_minor=0, currency="JPY")
    invoice = an_invoice(anna.seller, "2026-03")
    return mark_invoice_paid(seller_id=anna.seller_id, number=invoice.number, reference="B-7", by=fien, now=on(2, 4))


def pages(anna, **parameters):
    after: PageKey | None = None
    while True:
        page = statement(seller_id=anna.seller_id, currency="EUR", after=after, **parameters)
        yield page
        after = page.next
        if after is None:
            return


def test_a_balance_is_the_sum_of_its_transfers_and_all_sum_to_zero(anna, carla, paid_invoice):
    by_account = {(it.account, it.currency): it for it in balances(anna.seller_id)}

    assert by_account[Account.SELLER, "EUR"].balance_minor == 0
    assert by_account[Account.PAYABLE, "EUR"].balance_minor == 0
    assert by_account[Account.SELLER, "JPY"].balance_minor == 1_000
    assert by_account[Account.COMMISSION, "EUR"].balance_minor == 5_00
    assert by_account[Account.CUSTOMER, "EUR"].balance_minor == 25_00
    turnover = next(it for it in by_account[Account.SELLER, "EUR"].kinds if it.kind == Kind.TURNOVER)
    assert (turnover.transfers, turnover.amount_minor) == (2, 65_00)
    for currency in ("EUR", "JPY"):
        assert sum(it.balance_minor for it in by_account.values() if it.currency == currency) == 0
    assert balances(carla.seller_id) == []


def test_entries_lead_from_the_opening_to_the_closing_balance(anna, paid_invoice):
    (page,) = pages(anna, from_at=on(1, 1), size=100)

    assert (page.opening, page.closing) == (Standing(0, 0), Standing(0, 0))
    assert page.entries[-1].after == page.closing
    entries = [(it.kind.value, it.current_minor, it.payable_minor, it.source.order_number) for it in page.entries]
    assert sorted(entries[:-2]) == sorted([
        ("turnover", 25_00, 0, "LOST-1"),
        ("commission", -3_00, 0, "LOST-1"),
        ("commission_vat", -63, 0, "LOST-1"),
        ("correction_turnover", -25_00, 0, "LOST-1"),
        ("correction_commission", 3_00, 0, "LOST-1"),
        ("correction_commission_vat", 63, 0, "LOST-1"),
        ("turnover", 40_00, 0, "SOLD-1"),
        ("commission", -5_00, 0, "SOLD-1"),
        ("commission_vat", -1_05, 0, "SOLD-1"),
    ])  # fmt: skip
    assert entries[-2:] == [("settled", -33_95, 33_95, ""), ("paid_out", 0, -33_95, "")]
    assert [it.source.document for it in page.entries[-2:]] == [paid_invoice.number] * 2
    assert page.entries[0].invoice_id == paid_invoice.id


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_have_the_same_entries_and_a_running_balance(anna, paid_invoice, size):
    (complete,) = pages(anna, from_at=on(1, 1), size=100)

    statements = list(pages(anna, from_at=on(1, 1), size=size))

    assert [entry for page in statements for entry in page.entries] == list(complete.entries)
    assert {(page.opening, page.closing) for page in statements} == {(complete.opening, complete.closing)}


def test_a_statement_may_begin_and_end_on_any_date(anna, paid_invoice):
    (page,) = pages(anna, from_at=on(11), until_at=on(31, hour=0), size=100)

    assert [it.kind for it in page.entries] == [Kind.TURNOVER, Kind.COMMISSION, Kind.COMMISSION_VAT]
    assert (page.opening, page.closing) == (Standing(0, 0), Standing(33_95, 0))
    (empty,) = pages(anna, from_at=on(20, 4), size=5)
    assert (list(empty.entries), empty.opening) == ([], empty.closing)
    in_time = Transfer.objects.filter(seller_id=anna.seller_id, booked_at__gte=on(11), currency="EUR")
    assert in_time.count() == 5


def test_a_statement_reads_closed_months_from_their_balances(anna, carla, paid_invoice):
    def all_statements():
        periods = [(on(1, 1), None), (on(11), on(31, hour=0)), (on(20, 4), None), (on(31, hour=22), on(3, 4))]
        return balances(anna.seller_id), [
            list(pages(anna, from_at=from_at, until_at=until_at, size=2)) for from_at, until_at in periods
        ]

    before = all_statements()

    assert close_months(seller_id=anna.seller_id, zone=ZONE, now=on(2, 5)) == 2  # March and April.

    assert all_statements() == before
    ClosingBalance.objects.filter(seller_id=anna.seller_id).update(amount_minor=F("amount_minor") + 1)
    assert all_statements() != before
    (page,) = pages(anna, from_at=on(11), until_at=on(31, hour=0), size=100)  # Within a month: none is read.
    assert page.closing == Standing(33_95, 0)

"""Issuing invoices: every transfer is on exactly one, and every amount has its transfers."""

from datetime import timedelta

import pytest

from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.events.models import Event
from lostpost.invoicing.content_hash import content_hash
from lostpost.invoicing.figures import interim_figures
from lostpost.invoicing.issue_invoice import EarlierPeriodFirst, PeriodNotEnded, PeriodOfAnotherCadence
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.reads import interim_invoices, lines_of
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.ledger.models import Account, Kind, Transfer
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, row_counts, silent_parcel
from tests.invoicing.selling import an_invoice, issued, on, owed, period, shown, sold

pytestmark = pytest.mark.django_db


def test_an_invoice_has_the_lines_and_signs_of_the_format(anna):
    # Given turnover of 65.00 with 8.00 commission in March, of which 25.00 was lost and written off
    sold(anna.seller, on(3), paid_minor=40_00, commission_minor=5_00)
    query = silent_parcel(anna, quiet_days=5, paid_minor=25_00, commission_minor=3_00)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)

    invoice = an_invoice(anna.seller, "2026-03")

    assert invoice.number == "INV-lampenhuis-00001"
    assert shown(invoice) == [
        ("TURNOVER", "B", 0, -65_00, 0),
        ("CORRECTION_TURNOVER", "B", 0, 25_00, 0),
        ("COMMISSION", "S", 2100, 8_00, 1_68),
        ("CORRECTION_COMMISSION", "S", 2100, -3_00, -63),
    ]
    assert (invoice.net_minor, invoice.vat_minor, invoice.total_minor) == (-35_00, 1_05, -33_95)
    assert (invoice.payable_minor, invoice.state) == (-33_95, SalesInvoice.State.ISSUED)
    assert (invoice.supplier["name"], invoice.customer["name"]) == ("Marktplein B.V. (demo)", "Lampenhuis")
    assert (str(invoice.period_from_on), str(invoice.period_to_on), str(invoice.issued_on)) == (
        "2026-03-01",
        "2026-03-31",
        "2026-04-01",
    )
    # And the ledger moved it from the current account to what is to be paid
    assert (owed(anna.seller, Account.SELLER), owed(anna.seller, Account.PAYABLE)) == (0, 33_95)


def test_issuing_again_returns_the_same_invoice_and_changes_nothing(anna):
    sold(anna.seller, on(3))
    first = an_invoice(anna.seller, "2026-03")
    before = row_counts()

    assert an_invoice(anna.seller, "2026-03", now=on(9, 4)) == first
    assert row_counts() == before


def test_an_issued_invoice_is_announced(anna):
    sold(anna.seller, on(3))

    invoice = an_invoice(anna.seller, "2026-03")

    events = Event.objects.filter(seller_id=anna.seller_id, type="invoice.issued")
    assert [event.data for event in events] == [
        {
            "number": invoice.number,
            "period": "2026-03",
            "currency": "EUR",
            "payable_minor": invoice.payable_minor,
            "sha256": content_hash(invoice, lines_of(invoice)),
        }
    ]


def test_an_empty_period_has_no_invoice_and_uses_no_number(anna):
    assert issued(anna.seller, "2026-02") is None
    sold(anna.seller, on(3))
    assert issued(anna.seller, "2026-03", currency="JPY") is None

    assert an_invoice(anna.seller, "2026-03").number == "INV-lampenhuis-00001"


def test_a_running_period_is_refused_with_its_end(anna):
    sold(anna.seller, on(3))
    before = row_counts()

    with pytest.raises(PeriodNotEnded, match=r"The period 2026-03 ends on 2026-04-01 00:00"):
        issued(anna.seller, "2026-03", now=period("2026-03").ends_at - timedelta(microseconds=1))

    assert row_counts() == before


def test_a_period_of_another_cadence_is_refused(anna):
    sold(anna.seller, on(3))
    before = row_counts()

    with pytest.raises(PeriodOfAnotherCadence, match="was invoiced monthly then"):
        issued(anna.seller, "2026-03-1")

    assert row_counts() == before


def test_periods_are_invoiced_in_their_order(anna):
    sold(anna.seller, on(3, 2))
    sold(anna.seller, on(3, 3))
    before = row_counts()

    with pytest.raises(EarlierPeriodFirst, match="Issue the invoice of 2026-02 first"):
        issued(anna.seller, "2026-03")
    assert row_counts() == before

    assert [an_invoice(anna.seller, name).number[-1] for name in ("2026-02", "2026-03")] == ["1", "2"]


def test_a_sale_reported_after_its_period_is_on_the_next_invoice(anna):
    sold(anna.seller, on(3, 2))
    february = an_invoice(anna.seller, "2026-02")
    sold(anna.seller, on(27, 2), paid_minor=10_00, commission_minor=0, reported_days=9)

    assert an_invoice(anna.seller, "2026-02") == february
    assert shown(an_invoice(anna.seller, "2026-03")) == [("TURNOVER", "B", 0, -10_00, 0)]


def test_a_period_is_not_invoiced_after_a_later_one(anna):
    sold(anna.seller, on(3, 3))
    an_invoice(anna.seller, "2026-03")
    sold(anna.seller, on(27, 2), reported_days=60)

    assert issued(anna.seller, "2026-02") is None
    assert an_invoice(anna.seller, "2026-04").net_minor == -22_00


def test_vat_is_rounded_once_on_the_total_and_the_difference_is_booked(anna):
    for day in (3, 4, 5):  # VAT of 2.52 cents each, so 3 + 3 + 3; on the total it is 7.56, so 8.
        sold(anna.seller, on(day), paid_minor=1_00, commission_minor=12)

    invoice = an_invoice(anna.seller, "2026-03")

    assert shown(invoice)[1:] == [("COMMISSION", "S", 2100, 36, 9), ("VAT_ROUNDING", "S", 2100, 0, -1)]
    assert invoice.vat_minor == 8
    booked = Transfer.objects.get(seller_id=anna.seller_id, kind=Kind.VAT_ROUNDED_DOWN)
    assert (booked.amount_minor, booked.invoice_id, booked.vat_rate_bp) == (1, invoice.id, 2100)
    assert (owed(anna.seller, Account.SELLER), owed(anna.seller, Account.COMMISSION_VAT)) == (0, 8)


def test_vat_is_rounded_up_as_well_and_each_rate_by_itself(anna):
    for day in (3, 4, 5):  # 2.31 cents each: 2 + 2 + 2 against 6.93.
        sold(anna.seller, on(day), paid_minor=1_00, commission_minor=11)
    change_policy(values={"commission_vat_rate_bp": 900}, reason="Another rate", by="Olga", now=on(6))
    for day in (7, 8):  # 0.36 cents each: 0 + 0 against 0.72.
        sold(anna.seller, on(day), paid_minor=1_00, commission_minor=4)

    invoice = an_invoice(anna.seller, "2026-03")

    assert shown(invoice)[1:] == [
        ("COMMISSION", "S", 900, 8, 0),
        ("COMMISSION", "S", 2100, 33, 6),
        ("VAT_ROUNDING", "S", 900, 0, 1),
        ("VAT_ROUNDING", "S", 2100, 0, 1),
    ]
    assert owed(anna.seller, Account.SELLER) == 0


def test_a_debt_is_carried_over_by_the_next_invoice_of_its_currency(anna, fien):
    # Given an invoice in the seller's favour, and then one with a write-off alone
    query = silent_parcel(anna, quiet_days=12, paid_minor=25_00, commission_minor=0)  # Shipped in February.
    an_invoice(anna.seller, "2026-02")
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    february = SalesInvoice.objects.get(seller=anna.seller)
    mark_invoice_paid(seller_id=anna.seller_id, number=february.number, reference="NL-1", by=fien, now=on(3))
    debt = an_invoice(anna.seller, "2026-03")
    assert (debt.payable_minor, debt.state) == (25_00, SalesInvoice.State.ISSUED)

    # When nothing happens in April, and something is sold in May
    assert issued(anna.seller, "2026-04") is None
    sold(anna.seller, on(6, 5), paid_minor=20_00, commission_minor=0)
    sold(anna.seller, on(7, 5), paid_minor=100_00, commission_minor=0, currency="BRL")
    brazil, may = (an_invoice(anna.seller, "2026-05", currency=currency) for currency in ("BRL", "EUR"))

    # Then the debt stands on May's invoice, and is no longer to be paid by itself
    debt.refresh_from_db()
    assert (debt.state, debt.carried_to_id) == (SalesInvoice.State.CARRIED, may.id)
    assert (may.total_minor, may.carried_minor, may.payable_minor) == (-20_00, 25_00, 5_00)
    assert brazil.carried_minor == 0
    assert owed(anna.seller, Account.PAYABLE) == -5_00


def test_each_currency_has_its_own_invoice_right_to_the_last_unit(anna):
    for currency, paid, commission in (("EUR", 99_99, 7_77), ("BRL", 1, 1), ("JPY", 12_345, 333)):
        sold(anna.seller, on(3), paid_minor=paid, commission_minor=commission, currency=currency)

    invoices = {it: an_invoice(anna.seller, "2026-03", currency=it) for it in ("EUR", "BRL", "JPY")}

    assert {it: (invoice.net_minor, invoice.vat_minor) for it, invoice in invoices.items()} == {
        "EUR": (-99_99 + 7_77, 1_63),
        "BRL": (0, 0),
        "JPY": (-12_345 + 333, 70),
    }
    assert invoices["BRL"].state == SalesInvoice.State.SETTLED
    assert sorted(invoice.number[-5:] for invoice in invoices.values()) == ["00001", "00002", "00003"]
    assert {owed(anna.seller, Account.SELLER, it) for it in invoices} == {0}


def test_half_months_reserve_the_last_week_and_a_change_of_cadence_invoices_it(db):
    # Given a shop that is invoiced twice a month until the end of June
    shop = put_seller(seller=SellerData("twice", "Twice", invoice_cadence="twice_a_month"), now=on(1, 4))
    put_seller(seller=SellerData("twice", "Twice", invoice_cadence="monthly"), now=on(1, 5))
    for day, month in ((7, 6), (8, 6), (23, 6), (30, 6), (2, 7)):
        sold(shop, on(day, month), paid_minor=month * 100 + day, commission_minor=0)

    nets = [an_invoice(shop, name).net_minor for name in ("2026-06-1", "2026-06-2", "2026-07")]

    assert nets == [-607, -608 - 623, -630 - 702]


def test_an_interim_invoice_has_the_amounts_of_the_invoice(anna):
    sold(anna.seller, on(3), paid_minor=1_00, commission_minor=12)
    sold(anna.seller, on(4), paid_minor=1_00, commission_minor=12)
    before = row_counts()

    (interim,) = interim_invoices(anna.seller, now=on(9))

    assert row_counts() == before
    assert (interim.period.name, interim.period.cut_off_at) == ("2026-03", period("2026-03").cut_off_at)
    invoice = an_invoice(anna.seller, "2026-03")
    figures = [
        (it.kind.value, it.vat_category, it.vat_rate_bp, it.net_minor, it.vat_minor) for it in interim.figures.lines
    ]
    assert figures == shown(invoice)
    assert [it.transfers for it in interim.figures.lines] == [it.transfers for it in lines_of(invoice)]
    assert (interim.figures.total_minor, interim.figures.payable_minor) == (invoice.total_minor, invoice.payable_minor)
    left = interim_figures(seller_id=anna.seller_id, currency="EUR", until_at=on(1, 5))
    assert (list(left.lines), left.payable_minor) == ([], 0)


def test_an_interim_invoice_is_of_the_ended_period_until_that_is_issued(anna):
    sold(anna.seller, on(3))
    assert [it.period.name for it in interim_invoices(anna.seller, now=on(2, 4))] == ["2026-03"]

    an_invoice(anna.seller, "2026-03")

    assert [it.period.name for it in interim_invoices(anna.seller, now=on(2, 4))] == ["2026-04"]

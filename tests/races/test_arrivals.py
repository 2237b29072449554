"""A scan, a return or a correction concurrent with a write-off: one is first, and the other reads it."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction

from lostpost.audit.verify import verify
from lostpost.core.sql import fetch
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.facts import facts_from_json
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel, put_parcels
from lostpost.intake.put_returns import ReturnContradicts, put_return
from lostpost.orders.data import OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.models import OrderItem, Parcel, ParcelUnit
from lostpost.tracking.models import Scan
from lostpost.tracking.put_scans import put_scans
from lostpost.tracking.scan_months import ensure_months
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import NotEligible, QuantityUnavailable, SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import KLAAS, NOW, a_parcel, a_query, all_of, an_item, an_order, row_counts, silent_parcel
from tests.races.together import CallResult, Gate, together, while_held
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25
JITTER_SECONDS = 0.012
WRITE_OFF, PUT_SCANS = "lostpost.writeoffs.write_off", "lostpost.tracking.put_scans"


def confirm(anna, query, *, quantity=0):
    selection = [SelectedUnits(units.parcel, units.item, quantity or units.quantity) for units in all_of(query)]
    return lambda: write_off(query=query.number, selection=selection, by=anna, key=f"confirm-{query.number}", now=NOW)


def scan(anna, query, *, hours=1.0):
    """Return a call that stores a scan of the query's parcel, so many hours old."""
    parcel = parcel_of(query)
    news = ScanData(parcel.code, NOW - timedelta(hours=hours), "in_transit", text="Found again", location="Breda")

    def send():
        outcome = put_scans(seller=anna.seller, scans=[news], now=NOW)
        assert not outcome.rejected
        return outcome

    return send


def parcel_of(query: CustomerQuery) -> Parcel:
    return Parcel.objects.get(seller_id=query.seller_id, order_id=query.order_id)


def line_of(query: CustomerQuery) -> WriteOffLine | None:
    return WriteOffLine.objects.filter(seller_id=query.seller_id, write_off__query_id=query.id).first()


# A scan ------------------------------------------------------------------------------------------------------------


def assert_scan_and_confirmation_agree(query: CustomerQuery, scanned: CallResult, confirmed: CallResult) -> None:
    parcel, line = parcel_of(query), line_of(query)
    assert scanned.done, "the scan is stored in any case"
    assert parcel.last_scanned_at == NOW - timedelta(hours=1)
    if confirmed.done:
        assert line is not None
        facts = facts_from_json(line.facts)
        assert facts.parcel is not None
        assert facts.parcel.updated_at == NOW - timedelta(days=30), "decided before the scan came, on what was known"
        assert not scanned.ended < confirmed.began, "the scan was stored before the write-off"
    else:
        assert isinstance(confirmed.refusal, NotEligible)
        assert [it.code for it in confirmed.refusal.refused[0].refusals] == ["recent-update"]
        assert line is None
        assert not confirmed.ended < scanned.began, "the scan was not stored when this was refused"


def test_a_scan_and_a_confirmation_come_one_after_the_other(anna):
    for _round in range(ROUNDS):
        query = silent_parcel(anna, quiet_days=30)

        scanned, confirmed = together(scan(anna, query), confirm(anna, query), jitter_seconds=JITTER_SECONDS)

        assert_scan_and_confirmation_agree(query, scanned, confirmed)
    assert list(verify(anna.seller)) == []


def test_a_scan_waits_for_a_write_off_in_progress(anna, monkeypatch):
    query, gate = silent_parcel(anna, quiet_days=30), Gate()
    gate.after(monkeypatch, WRITE_OFF, "assess_rows")

    confirmed, scanned, waited = while_held(gate, confirm(anna, query), scan(anna, query))

    assert waited, "the scan was stored between the reading of the facts and the decision"
    assert confirmed.done
    assert_scan_and_confirmation_agree(query, scanned, confirmed)


def test_a_write_off_waits_for_a_scan_in_progress(anna, monkeypatch):
    query, gate = silent_parcel(anna, quiet_days=30), Gate()
    gate.after(monkeypatch, PUT_SCANS, "ingest_scans")

    scanned, confirmed, waited = while_held(gate, scan(anna, query), confirm(anna, query))

    assert waited, "the decision was made without the scan that came first"
    assert not confirmed.done
    assert_scan_and_confirmation_agree(query, scanned, confirmed)


def test_scans_at_once_leave_the_newest_on_the_parcel(anna):
    query = silent_parcel(anna, quiet_days=30)

    for _round in range(5):
        ran = together(*[scan(anna, query, hours=hours) for hours in range(1, 13)] * 2)

        assert all(result.done for result in ran)
    assert parcel_of(query).last_scanned_at == NOW - timedelta(hours=1)
    assert Scan.objects.filter(seller_id=anna.seller_id).count() == 1 + 12
    assert list(verify(anna.seller)) == []


# A return ----------------------------------------------------------------------------------------------------------


def give_back(anna, query, quantity, status="announced"):
    parcel = parcel_of(query)
    data = ReturnData(f"R-{parcel.code}", query.order.number, status, [UnitData("1", quantity, parcel.code)])
    return lambda: put_return(seller=anna.seller, data=data, now=NOW)


@pytest.mark.parametrize(("shipped", "returned", "confirmed"), [(1, 1, 1), (3, 2, 2), (3, 3, 1)])
def test_a_unit_is_returned_or_written_off_but_never_both(anna, shipped, returned, confirmed):
    for _round in range(ROUNDS // 3):
        query = silent_parcel(anna, quantity=shipped, paid_minor=1000 * shipped + 1)

        back, lost = together(
            give_back(anna, query, returned),
            confirm(anna, query, quantity=confirmed),
            jitter_seconds=JITTER_SECONDS,
        )

        assert back.done != lost.done, "both of more units than there are, or neither"
        unit = ParcelUnit.objects.get(seller_id=anna.seller_id, parcel_id=parcel_of(query).id)
        if back.done:
            assert isinstance(lost.refusal, NotEligible | QuantityUnavailable)
            assert (unit.quantity_returned, unit.quantity_written_off) == (returned, 0)
        else:
            assert isinstance(back.refusal, ReturnContradicts)
            assert (unit.quantity_returned, unit.quantity_written_off) == (0, confirmed)
    assert list(verify(anna.seller)) == []


@pytest.mark.parametrize("status", ["announced", "received"])
def test_a_return_and_a_write_off_of_other_units_both_happen(anna, status):
    for _round in range(ROUNDS // 3):
        query = silent_parcel(anna, quantity=2, paid_minor=10_01, delivery_costs_minor=4_95)

        back, lost = together(
            give_back(anna, query, 1, status), confirm(anna, query, quantity=1), jitter_seconds=JITTER_SECONDS
        )

        assert back.done
        assert lost.done
        # Delivery costs went with it only if the other unit was known to have come back.
        line = line_of(query)
        assert line is not None
        known = facts_from_json(line.facts).returned
        assert lost.value.delivery_refund_minor == (4_95 if known and status == "received" else 0)
    assert list(verify(anna.seller)) == []


# Corrections -------------------------------------------------------------------------------------------------------


def correct_number(anna, query):
    parcel = parcel_of(query)
    data = ParcelData(
        parcel.code, query.order.number, "own", parcel.shipped_at, [UnitData("1", 1)], "DPD", "THE-RIGHT-ONE"
    )
    return lambda: put_parcel(seller=anna.seller, parcel=data, now=NOW)


def test_a_corrected_tracking_number_and_a_confirmation_come_one_after_the_other(anna):
    for _round in range(ROUNDS):
        query = silent_parcel(anna, quiet_days=30)

        corrected, confirmed = together(
            correct_number(anna, query), confirm(anna, query), jitter_seconds=JITTER_SECONDS
        )

        assert corrected.done
        assert parcel_of(query).tracking_number == "THE-RIGHT-ONE"
        line = line_of(query)
        if confirmed.done:
            assert line is not None
            facts = facts_from_json(line.facts)
            assert facts.parcel is not None
            assert facts.parcel.tracking_number != "THE-RIGHT-ONE"
            assert not corrected.ended < confirmed.began
        else:
            assert isinstance(confirmed.refusal, NotEligible)
            assert [it.code for it in confirmed.refusal.refused[0].refusals] == ["recent-update"]
            assert line is None
    assert list(verify(anna.seller)) == []


def test_a_corrected_price_counts_or_is_refused(anna):
    for _round in range(ROUNDS // 3):
        query = silent_parcel(anna, paid_minor=25_00)
        order = query.order
        data = OrderData(order.number, order.placed_at, "EUR", "Klaas de Vries", KLAAS, [an_item(paid_minor=20_00)])

        corrected, confirmed = together(
            partial(put_order, seller=anna.seller, order=data, now=NOW),
            confirm(anna, query),
            jitter_seconds=JITTER_SECONDS,
        )

        assert confirmed.done
        assert confirmed.value.refund_minor == (20_00 if corrected.done else 25_00)
        item = OrderItem.objects.get(seller_id=anna.seller_id, order_id=order.id)
        assert item.paid_minor == item.refunded_minor == confirmed.value.refund_minor
    assert list(verify(anna.seller)) == []


def test_a_parcel_that_grows_does_not_hide_what_was_written_off(anna):
    """The marketplace moves a unit into the parcel while the seller writes off all of it."""
    for _round in range(ROUNDS // 3):
        order = an_order(anna.seller, an_item(quantity=2, paid_minor=10_01), placed_days=20)
        parcel = a_parcel(order, units={"1": 1}, shipped_days=19)
        query = a_query(order, anna)
        more = ParcelData(
            parcel.code, order.number, "own", parcel.shipped_at, [UnitData("1", 2)], "DPD", parcel.tracking_number
        )

        grown, confirmed = together(
            partial(put_parcel, seller=anna.seller, parcel=more, now=NOW),
            confirm(anna, query),
            jitter_seconds=JITTER_SECONDS,
        )

        assert grown.done
        assert confirmed.done
        unit = ParcelUnit.objects.get(seller_id=anna.seller_id, parcel_id=parcel.id)
        assert (unit.quantity, unit.quantity_written_off) == (2, 1)
        assert not Parcel.objects.get(seller_id=anna.seller_id, id=parcel.id).written_off
    assert list(verify(anna.seller)) == []


# Nobody waits in a circle ------------------------------------------------------------------------------------------


def test_batches_and_write_offs_do_not_deadlock(anna):
    queries = [silent_parcel(anna, quiet_days=30) for _n in range(8)]
    parcels = [parcel_of(query) for query in queries]
    scans = [ScanData(parcel.code, NOW - timedelta(hours=2), "in_transit", text="Sorted") for parcel in parcels]
    corrected = [
        ParcelData(it.code, query.order.number, "own", it.shipped_at, [UnitData("1", 1)], "DPD", f"NEW-{it.code}")
        for it, query in zip(parcels, queries, strict=True)
    ]

    for _round in range(4):
        ran = together(
            lambda: put_scans(seller=anna.seller, scans=scans, now=NOW),
            lambda: put_scans(seller=anna.seller, scans=scans[::-1], now=NOW),
            lambda: put_parcels(seller=anna.seller, parcels=corrected, now=NOW),
            lambda: put_parcels(seller=anna.seller, parcels=corrected[::-1], now=NOW),
            *[confirm(anna, query) for query in queries],
        )
        assert all(result.done for result in ran[:4])
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() <= len(queries)
    assert list(verify(anna.seller)) == []


def test_a_new_partition_of_scans_is_created_during_other_commands(anna):
    """The first scan of a month creates a partition; others write off, scan and correct meanwhile."""
    queries = [silent_parcel(anna, quiet_days=30) for _n in range(4)]
    parcels = [parcel_of(query) for query in queries]

    def of_month(months: int) -> list[ScanData]:
        at = NOW - timedelta(days=31 * months)
        return [ScanData(parcel.code, at, "in_transit", text=f"Sorted {months}") for parcel in parcels]

    for months in range(12, 24, 2):
        ran = together(
            partial(put_scans, seller=anna.seller, scans=of_month(months), now=NOW),
            partial(put_scans, seller=anna.seller, scans=of_month(months)[::-1], now=NOW),
            partial(put_scans, seller=anna.seller, scans=of_month(months + 1), now=NOW),
            partial(put_scans, seller=anna.seller, scans=of_month(0), now=NOW),
            *[correct_number(anna, query) for query in queries],
            *[confirm(anna, query) for query in queries],
            jitter_seconds=0.005,
        )
        assert all(result.done for result in ran[:8])
    assert list(verify(anna.seller)) == []


def test_a_new_partition_of_scans_waits_for_nobody_who_reads_scans(anna):
    """Or it deadlocks with those who have changed a parcel, which its foreign key locks, before they read."""
    gate, month = Gate(), date(2001, 7, 1)

    def read_scans() -> None:
        with transaction.atomic():
            assert not Scan.objects.filter(seller_id=anna.seller_id).exists()
            gate.reached.set()
            assert gate.opened.wait(WAIT_SECONDS)

    _reading, creating, waited = while_held(gate, read_scans, lambda: ensure_months({month}))

    assert creating.done
    assert not waited
    a_month = "SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass('lostpost_scan_2001_07')"
    assert fetch(a_month, ()) == [(1,)]


def test_concurrent_equal_batches_are_stored_once(anna):
    order = OrderData("A-1", NOW - timedelta(days=5), "EUR", "Klaas", KLAAS, [an_item(quantity=2)])
    parcel = ParcelData("P-1", "A-1", "own", NOW - timedelta(days=4), [UnitData("1", 2)], "DPD", "T-1")
    back = ReturnData("R-1", "A-1", "announced", [UnitData("1", 1, "P-1")])
    news = ScanData("P-1", NOW - timedelta(days=3), "in_transit", text="Sorted")

    states = [
        sorted(result.value.state for result in together(*[call] * 10))
        for call in (
            lambda: put_order(seller=anna.seller, order=order, now=NOW),
            lambda: put_parcel(seller=anna.seller, parcel=parcel, now=NOW),
            lambda: put_return(seller=anna.seller, data=back, now=NOW),
        )
    ]
    outcomes = [
        result.value for result in together(*[lambda: put_scans(seller=anna.seller, scans=[news], now=NOW)] * 10)
    ]

    assert states == [["created", *["unchanged"] * 9]] * 3
    assert sorted((it.accepted, it.duplicates) for it in outcomes) == [*[(0, 1)] * 9, (1, 0)]
    counts = row_counts()
    assert [counts[f"lostpost_{name}"] for name in ("order", "parcel", "return", "scan")] == [1, 1, 1, 1]

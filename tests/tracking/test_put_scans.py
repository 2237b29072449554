"""Scans: late, out of order, twice and from the future, with the same result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, permutations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lostpost.audit.claims import SCANS_AND_FLAGS_OF_PARCELS
from lostpost.audit.verify import verify
from lostpost.core.clock import rfc3339
from lostpost.eligibility.facts import DELIVERED, FUTURE_TOLERANCE, ScanFact, ScanStatus, newest
from lostpost.events.models import Event, EventCounter
from lostpost.orders.data import ScanData
from lostpost.orders.models import Order, Parcel
from lostpost.tracking.models import Scan
from lostpost.tracking.newest_scan import STATUSES, refresh_newest_scans
from lostpost.tracking.put_scans import ScanContradicts, put_scans
from lostpost.writeoffs.assess_order import assess_order
from tests.cast import NOW, a_parcel, an_order, row_counts
from tests.searching import examples

pytestmark = pytest.mark.django_db

SORTED = ScanData("P-1", NOW - timedelta(days=5), "in_transit", "S1", "Sorted", "Utrecht", "id-1")


def counts(parcel: Parcel) -> ScanFact:
    """Read the scan that counts, where there is one."""
    newest = last_scan(parcel)
    assert newest
    return newest


@pytest.fixture
def parcel(lampenhuis) -> Parcel:
    return a_parcel(an_order(lampenhuis), code="P-1", shipped_days=9)


def fact(scan: Scan) -> ScanFact:
    return ScanFact(scan.scanned_at, ScanStatus(scan.status), scan.text, scan.location, scan.code)


def last_scan(parcel: Parcel) -> ScanFact | None:
    """Return the scan that counts, as the policy reads it."""
    (unit,) = assess_order(parcel.order, now=NOW).units
    assert unit.facts.parcel
    return unit.facts.parcel.last_scan


def status_changes(parcel: Parcel) -> list[tuple[str | None, str | None]]:
    """Return what the shop's feed says of a parcel's status: before and after each change, in its order."""
    events = Event.objects.filter(seller_id=parcel.seller_id, type="parcel.status-changed", data__parcel=parcel.code)
    return [(event.data["previous_status"], event.data["status"]) for event in events.order_by("sequence")]


def test_the_feed_says_once_that_a_status_changed(lampenhuis, parcel):
    before = EventCounter.objects.get(seller_id=lampenhuis.id).last
    moved = ScanData("P-1", NOW - timedelta(days=2), "in_transit", text="Sorted again")
    put_scans(seller=lampenhuis, scans=[SORTED], now=NOW)
    put_scans(seller=lampenhuis, scans=[SORTED, moved], now=NOW)  # A repeat, and one of the same status.
    delivered, late = scanned(1, "delivered"), scanned(3, "at_pickup_point")
    put_scans(seller=lampenhuis, scans=[delivered, late], now=NOW)
    put_scans(seller=lampenhuis, scans=[scanned(0.5, "returning")], now=NOW)  # Worked out from all scans.

    events = Event.objects.filter(seller_id=lampenhuis.id, sequence__gt=before).order_by("sequence")
    assert [event.sequence - before for event in events] == [1, 2, 3]
    assert events[0].data == {
        "parcel": "P-1",
        "order_number": parcel.order.number,
        "status": "in_transit",
        "previous_status": None,
        "scanned_at": rfc3339(SORTED.scanned_at),
    }
    assert status_changes(parcel) == [
        (None, "in_transit"),
        ("in_transit", "delivered"),
        ("delivered", "returning"),
    ]
    assert EventCounter.objects.get(seller_id=lampenhuis.id).last == before + 3


def test_a_scan_is_stored_and_updates_its_parcel(lampenhuis, parcel):
    outcome = put_scans(seller=lampenhuis, scans=[SORTED], now=NOW)

    assert (outcome.accepted, outcome.duplicates, outcome.rejected) == (1, 0, {})
    row = Scan.objects.get(seller_id=lampenhuis.id, parcel_id=parcel.id)
    assert (row.scanned_at, row.received_at, row.from_future) == (SORTED.scanned_at, NOW, False)
    assert (row.status, row.code, row.text, row.location) == ("in_transit", "S1", "Sorted", "Utrecht")
    assert last_scan(parcel) == ScanFact(SORTED.scanned_at, ScanStatus.IN_TRANSIT, "Sorted", "Utrecht", "S1")


def test_a_late_scan_is_stored_and_does_not_change_the_newest(lampenhuis, parcel):
    put_scans(seller=lampenhuis, scans=[SORTED], now=NOW)

    late = replace(SORTED, scanned_at=NOW - timedelta(days=7), text="Taken over", id="id-0")
    outcome = put_scans(seller=lampenhuis, scans=[late], now=NOW)

    assert outcome.accepted == 1
    assert Scan.objects.count() == 2
    assert counts(parcel).text == "Sorted"


@pytest.mark.parametrize("scan_id", ["id-1", ""])
def test_a_repeated_scan_is_stored_once(lampenhuis, parcel, scan_id):
    scan = replace(SORTED, id=scan_id)
    first = put_scans(seller=lampenhuis, scans=[scan, scan], now=NOW)
    again = put_scans(seller=lampenhuis, scans=[scan], now=NOW + timedelta(hours=1))

    assert (first.accepted, first.duplicates) == (1, 1)
    assert (again.accepted, again.duplicates, again.rejected) == (0, 1, {})
    assert Scan.objects.get().received_at == NOW


def test_the_same_instant_in_another_zone_is_the_same_scan(lampenhuis, parcel):
    put_scans(seller=lampenhuis, scans=[SORTED], now=NOW)
    elsewhere = replace(SORTED, scanned_at=datetime.fromisoformat("2026-03-05T13:00:00+01:00"))
    assert elsewhere.scanned_at == SORTED.scanned_at

    assert put_scans(seller=lampenhuis, scans=[elsewhere], now=NOW).duplicates == 1


def test_an_id_with_another_status_is_a_contradiction(lampenhuis, parcel):
    put_scans(seller=lampenhuis, scans=[SORTED], now=NOW)
    other = replace(SORTED, status="delivered")
    new = replace(SORTED, id="id-2", text="On its way")

    outcome = put_scans(seller=lampenhuis, scans=[new, SORTED, other, replace(new, status="exception")], now=NOW)

    assert (outcome.accepted, outcome.duplicates, sorted(outcome.rejected)) == (1, 1, [2, 3])
    assert all(isinstance(refusal, ScanContradicts) for refusal in outcome.rejected.values())
    assert "scan “id-1” of parcel “P-1” was told before with another status" in str(outcome.rejected[2])
    assert not Parcel.objects.get().delivered
    assert Scan.objects.count() == 2


WRONG = [
    ({"parcel": "P\x001"}, "the parcel “P�1” must be"),
    ({"status": "lost"}, "the status “lost” is none of announced,"),
    ({"scanned_at": datetime(2026, 3, 1)}, "occurred_at has no time zone"),  # noqa: DTZ001
    ({"scanned_at": NOW + timedelta(days=367)}, "it must lie between 2000-01-01 and 2027-03-11"),
    ({"scanned_at": datetime.min.replace(tzinfo=UTC)}, "it must lie between 2000-01-01 and"),
    ({"scanned_at": datetime.max.replace(tzinfo=UTC)}, "it must lie between 2000-01-01 and"),
    ({"text": "x" * 301}, "the text is longer than 300 characters"),
    ({"code": "x" * 65}, "the code is longer than 64 characters"),
    ({"location": "x" * 101}, "the location is longer than 100 characters"),
    ({"id": "x" * 201}, "the id is longer than 200 characters"),
    ({"text": "NUL \x00"}, "a character in it that no database keeps"),
    ({"location": "half \ud83d"}, "a character in it that no database keeps"),
    ({"id": "\x00"}, "a character in it that no database keeps"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_an_invalid_scan_is_rejected_and_the_others_are_stored(lampenhuis, parcel, wrong, sentence):
    outcome = put_scans(seller=lampenhuis, scans=[replace(SORTED, **wrong), SORTED], now=NOW)

    assert outcome.accepted == 1
    assert list(outcome.rejected) == [0]
    assert sentence in str(outcome.rejected[0])
    assert len(str(outcome.rejected[0])) < 400
    assert Scan.objects.count() == 1


def test_a_batch_of_invalid_scans_leaves_no_row(lampenhuis, parcel):
    before = row_counts()

    outcome = put_scans(seller=lampenhuis, scans=[replace(SORTED, status="lost")], now=NOW)

    assert (outcome.accepted, outcome.duplicates, len(outcome.rejected)) == (0, 0, 1)
    assert row_counts() == before
    assert put_scans(seller=lampenhuis, scans=[], now=NOW).accepted == 0


def test_another_shops_parcel_is_not_found(carla, parcel):
    outcome = put_scans(seller=carla.seller, scans=[SORTED], now=NOW)

    assert (outcome.accepted, outcome.rejected, outcome.unmatched) == (0, {}, [0])
    assert not Scan.objects.exists()


def test_a_carriers_text_is_stored_unchanged(lampenhuis, parcel):
    odd = replace(
        SORTED, text='Zürich → “Łódź”; 包裹\t"5%s"\n{"a": 1} \\u0041 %(x)s', location="'; DROP TABLE--", code="é"
    )

    put_scans(seller=lampenhuis, scans=[odd], now=NOW)

    assert (counts(parcel).text, counts(parcel).location) == (odd.text, odd.location)


# From the future ----------------------------------------------------------------------------------------------------


def test_a_scan_from_the_future_is_stored_flagged_and_does_not_count(lampenhuis, parcel):
    put_scans(seller=lampenhuis, scans=[SORTED], now=NOW)
    ahead = replace(SORTED, scanned_at=NOW + FUTURE_TOLERANCE + timedelta(seconds=1), status="delivered", id="id-2")

    assert put_scans(seller=lampenhuis, scans=[ahead], now=NOW).accepted == 1

    assert Scan.objects.get(status="delivered").from_future
    assert counts(parcel).text == "Sorted"
    assert not Parcel.objects.get().delivered


def test_a_carriers_clock_may_be_a_quarter_of_an_hour_ahead(lampenhuis, parcel):
    ahead = replace(SORTED, scanned_at=NOW + FUTURE_TOLERANCE)

    put_scans(seller=lampenhuis, scans=[ahead], now=NOW)

    assert not Scan.objects.get().from_future
    assert counts(parcel).scanned_at == ahead.scanned_at


def test_a_scan_from_the_future_counts_once_it_is_sent_again_in_time(lampenhuis, parcel):
    # Given a scan of tomorrow, sent today twice
    tomorrow = NOW + timedelta(days=1)
    ahead = replace(SORTED, scanned_at=tomorrow, status="delivered", id="id-2")
    put_scans(seller=lampenhuis, scans=[ahead], now=NOW)
    early = put_scans(seller=lampenhuis, scans=[ahead], now=NOW + timedelta(hours=1))
    assert (early.accepted, early.duplicates) == (0, 1)
    assert last_scan(parcel) is None

    # When it is sent again tomorrow, and once more
    outcome = put_scans(seller=lampenhuis, scans=[ahead], now=tomorrow)
    again = put_scans(seller=lampenhuis, scans=[ahead], now=tomorrow + timedelta(hours=1))

    # Then it counts from then on, and is there once
    assert (outcome.accepted, again.accepted, again.duplicates) == (1, 0, 1)
    assert counts(parcel).status == "delivered"
    assert Parcel.objects.get().delivered
    row = Scan.objects.get()
    assert (row.from_future, row.received_at) == (False, tomorrow)


def test_a_contradiction_does_not_make_a_scan_from_the_future_count(lampenhuis, parcel):
    ahead = replace(SORTED, scanned_at=NOW + timedelta(days=1))
    put_scans(seller=lampenhuis, scans=[ahead], now=NOW)

    outcome = put_scans(seller=lampenhuis, scans=[replace(ahead, status="delivered")], now=NOW + timedelta(days=2))

    assert list(outcome.rejected) == [0]
    assert Scan.objects.get().from_future
    assert last_scan(parcel) is None


# What cannot go back -------------------------------------------------------------------------------------------------


def scanned(days, status, **more):
    return ScanData("P-1", NOW - timedelta(days=days), status, **more)


@pytest.mark.parametrize("end", ["delivered", "delivered_at_neighbours", "picked_up", "returned"])
@pytest.mark.parametrize("paper", ["announced", "exception"])
@pytest.mark.parametrize("together", [True, False])
def test_administrative_scans_after_the_end_are_stored_and_do_not_undo_it(lampenhuis, parcel, end, paper, together):
    sent = [scanned(5, end), scanned(4, paper), scanned(6, "in_transit")]
    for order in permutations(sent):
        Scan.objects.all().delete()
        refresh_newest_scans(lampenhuis.id, [parcel.id], NOW)
        for batch in [order] if together else [[scan] for scan in order]:
            put_scans(seller=lampenhuis, scans=batch, now=NOW)
        assert (counts(parcel).status, counts(parcel).scanned_at) == (end, NOW - timedelta(days=5))
        assert Scan.objects.count() == 3
        assert Parcel.objects.get().delivered == (end != "returned")


@pytest.mark.parametrize("together", [True, False])
def test_a_movement_after_the_end_undoes_it_and_administrative_scans_count_again(lampenhuis, parcel, together):
    sent = [scanned(6, "delivered"), scanned(5, "exception", text="Damaged"), scanned(5.5, "in_transit")]
    for order in permutations(sent):
        Scan.objects.all().delete()
        refresh_newest_scans(lampenhuis.id, [parcel.id], NOW)
        for batch in [order] if together else [[scan] for scan in order]:
            put_scans(seller=lampenhuis, scans=batch, now=NOW)
        assert counts(parcel).text == "Damaged"
        assert not Parcel.objects.get().delivered


def test_a_scan_from_before_the_order_is_stored_flagged_and_does_not_count(lampenhuis, parcel):
    old = scanned(400, "delivered")
    outcome = put_scans(seller=lampenhuis, scans=[old, SORTED], now=NOW)

    assert (outcome.accepted, outcome.rejected) == (2, {})
    assert Scan.objects.get(status="delivered").before_order
    assert not Scan.objects.get(status="in_transit").before_order
    assert counts(parcel).text == "Sorted"
    assert not Parcel.objects.get().delivered


def test_an_order_whose_day_is_corrected_judges_its_scans_again(lampenhuis, parcel):
    # Given an order that was said to be ten days old, and a delivery of twelve days ago
    put_scans(seller=lampenhuis, scans=[scanned(12, "delivered")], now=NOW)
    assert last_scan(parcel) is None

    # When it turns out to be older
    an_order(lampenhuis, number=Order.objects.get().number, placed_days=14)

    # Then the delivery counts, and not any more when that was wrong
    assert counts(parcel).status == "delivered"
    assert Parcel.objects.get().delivered
    an_order(lampenhuis, number=Order.objects.get().number, placed_days=11)
    assert last_scan(parcel) is None
    assert not Parcel.objects.get().delivered
    assert not list(verify(lampenhuis))


@pytest.mark.parametrize("offset", ["+16:00", "+23:59", "-18:00"])
def test_an_instant_with_any_offset_is_the_instant_that_it_is(lampenhuis, parcel, offset):
    far = datetime.fromisoformat(f"2026-03-05T13:00:00{offset}")

    assert put_scans(seller=lampenhuis, scans=[replace(SORTED, scanned_at=far)], now=NOW).accepted == 1

    assert Scan.objects.get().scanned_at == counts(parcel).scanned_at == far


# Any order ----------------------------------------------------------------------------------------------------------

# Few values, so that instants coincide, texts differ, and scans repeat; the orders were placed 240 hours before.
any_scan = st.builds(
    ScanData,
    parcel=st.sampled_from(["P-1", "P-2"]),
    scanned_at=st.sampled_from([-241, -49, -48, -47, -1, 0.2, 0.3, 24]).map(lambda h: NOW + timedelta(hours=h)),
    status=st.sampled_from([status.value for status in ScanStatus]),
    code=st.sampled_from(["", "S1", "é"]),
    text=st.sampled_from(["", "Sorted", "sorted", "Étage", "Zürich", "\U0001f4e6"]),
    location=st.sampled_from(["", "Utrecht"]),
)
# The end of a journey, what undoes it, and what does not, close together.
ends = st.builds(
    ScanData,
    parcel=st.just("P-1"),
    scanned_at=st.integers(1, 5).map(lambda days: NOW - timedelta(days=days)),
    status=st.sampled_from(["announced", "in_transit", "exception", "delivered", "returned"]),
)
_shops = count()


@pytest.mark.fuzz
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scans=st.lists(any_scan, max_size=12) | st.lists(ends, max_size=8), data=st.data())
def test_scans_in_any_order_and_repeated_give_the_same_newest_scan(lampenhuis, scans, data):
    # Given two new parcels, and scans of them
    number = next(_shops)
    order = an_order(lampenhuis, number=f"O-{number}")
    other = an_order(lampenhuis, number=f"X-{number}")
    parcels = {"P-1": a_parcel(order, code=f"P-1-{number}"), "P-2": a_parcel(other, code=f"P-2-{number}")}

    # When they come in any order, some of them again, in any batches
    sent = data.draw(
        st.permutations(scans + data.draw(st.lists(st.sampled_from(scans), max_size=4) if scans else st.just([])))
    )
    while sent:
        size = data.draw(st.integers(1, len(sent)))
        batch, sent = sent[:size], sent[size:]
        named = [replace(scan, parcel=parcels[scan.parcel].code) for scan in batch]
        outcome = put_scans(seller=lampenhuis, scans=named, now=NOW)
        assert not outcome.rejected
        assert outcome.accepted + outcome.duplicates == size

        # Then after each of them each parcel stands where the policy's own choice among its scans says
        for name, parcel in parcels.items():
            stored = Scan.objects.filter(parcel_id=parcel.id)
            chosen = newest([fact(scan) for scan in stored], NOW, placed_at=order.placed_at)
            assert last_scan(parcel) == chosen, name
            assert Parcel.objects.get(id=parcel.id).delivered == (chosen is not None and chosen.status in DELIVERED)
            said = [None, *(after for _before, after in status_changes(parcel))]
            assert said[-1] == (chosen.status.value if chosen else None)
            assert [before for before, _after in status_changes(parcel)] == said[:-1]

    # And every scan was stored once, and the self-check agrees
    for name, parcel in parcels.items():
        assert Scan.objects.filter(parcel_id=parcel.id).count() == len({scan for scan in scans if scan.parcel == name})
    with connection.cursor() as cursor:
        cursor.execute(SCANS_AND_FLAGS_OF_PARCELS, {"seller": lampenhuis.id, **STATUSES})
        assert cursor.fetchall() == []

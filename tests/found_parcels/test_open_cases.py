"""A parcel that turns up after its write-off opens one case by itself, whoever says so and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.accounts.actor import ReadOnly
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import CannotClose
from lostpost.customer_queries.timeline import lock_query
from lostpost.events.models import Event
from lostpost.found_parcels.models import FoundCase, FoundEvidence
from lostpost.found_parcels.reads import write_offs_of_query, written_off_parcels
from lostpost.found_parcels.report_came_back import NothingFound, report_came_back
from lostpost.found_parcels.states import MOVES, State, move
from lostpost.restorations.restore_payment import restore_payment
from lostpost.tracking.newest_scan import refresh_newest_scans
from lostpost.writeoffs.selection import SelectedUnits, WriteOffNotFound
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_scan, an_item, an_order, row_counts, silent_parcel
from tests.found_parcels.scene import (
    LATER,
    case_of,
    customer_says,
    do_jobs,
    entries,
    jobs_waiting,
    parcel_of,
    query_of,
    scanned,
    two_parcels_written_off,
    written_off,
)

pytestmark = pytest.mark.django_db


def evidence_of(case: FoundCase) -> list[tuple[str, str]]:
    rows = FoundEvidence.objects.filter(seller_id=case.seller_id, case_id=case.id)
    return list(rows.order_by("noted_at", "id").values_list("kind", "by_name"))


def test_a_delivery_after_the_write_off_opens_a_case_and_says_so_everywhere(anna):
    recorded = written_off(anna)
    close_query(number=query_of(recorded).number, by=anna, now=NOW)

    scanned(recorded)

    case, query = case_of(recorded), query_of(recorded)
    assert (case.number, case.state, case.query_id) == (f"{recorded.number}-F1", State.OPEN, query.id)
    assert (query.state, query.found_cases_open) == ("open", 1)
    assert entries(query) == ["found.opened"]
    event = Event.objects.get(seller_id=anna.seller_id, type="found-parcel.opened")
    assert event.data["number"] == case.number
    assert (event.data["by_what"], event.data["status"]) == ("scan", "delivered")
    with pytest.raises(CannotClose):
        close_query(number=query.number, by=anna, now=LATER)


def test_scans_again_late_and_together_with_the_customer_are_gathered_in_one_case(anna):
    recorded = written_off(anna)

    scanned(recorded, status="in_transit", days=2)
    scanned(recorded, status="in_transit", days=1.5)
    customer_says(query_of(recorded), wish="keep")
    customer_says(query_of(recorded), wish="keep")
    scanned(recorded, status="delivered")
    report_came_back(write_off=recorded.number, parcel=parcel_of(recorded).code, note="Wet", by=anna, now=LATER)
    before = row_counts()
    report_came_back(write_off=recorded.number, parcel=parcel_of(recorded).code, note="Dry", by=anna, now=LATER)
    do_jobs()

    case = case_of(recorded)
    assert row_counts() == before
    assert evidence_of(case) == [("scan", ""), ("customer", ""), ("scan", ""), ("came-back", "Anna")]
    assert entries(query_of(recorded)) == ["found.opened", "found.seen-again", "found.seen-again"]
    assert query_of(recorded).found_cases_open == 1


def test_what_the_decision_knew_and_what_moves_nothing_opens_no_case(anna):
    recorded = written_off(anna)
    parcel = parcel_of(recorded)

    refresh_newest_scans(anna.seller_id, [parcel.id], NOW)  # It is worked out again, and is what the decision knew.
    a_scan(parcel, status="exception", days=0.1, now=LATER)
    do_jobs()
    assert not FoundCase.objects.exists()

    a_scan(parcel, status="delivered", days=28, now=LATER)  # It was delivered before, and that comes late.
    do_jobs()
    assert case_of(recorded).state == State.OPEN


def test_a_scan_of_a_parcel_that_nobody_wrote_off_costs_no_job(anna):
    a_scan(a_parcel(an_order(anna.seller)), days=1)

    assert jobs_waiting() == []


def test_a_part_that_was_written_off_is_looked_at_and_each_parcel_has_its_case(anna):
    order = an_order(anna.seller, an_item("1", quantity=2, paid_minor=50_00), an_item("2"), placed_days=32)
    first, second = (
        a_parcel(order, units={"1": 2}, shipped_days=31),
        a_parcel(order, units={"2": 1}, shipped_days=31, code="P-2"),
    )
    for parcel in (first, second):
        a_scan(parcel, days=30)
    query = a_query(order, anna)
    selection = [SelectedUnits(first.code, "1", 1), SelectedUnits("P-2", "2", 1)]
    recorded = write_off(query=query.number, selection=selection, by=anna, key="write-off-1", now=NOW)

    a_scan(first, status="delivered", days=0.1, now=LATER)
    do_jobs()
    assert [case.parcel_id for case in FoundCase.objects.all()] == [first.id]
    customer_says(query)

    cases = FoundCase.objects.filter(write_off_id=recorded.id).order_by("number")
    assert [(case.number[-2:], case.parcel_id) for case in cases] == [("F1", first.id), ("F2", second.id)]
    assert query_of(recorded).found_cases_open == 2


def test_where_the_query_was_handled_long_ago_the_case_is_settled_in_the_one_that_goes_on(anna):
    recorded = written_off(anna)
    close_query(number=query_of(recorded).number, by=anna, now=NOW)
    long_after = NOW + timedelta(days=60)

    scanned(recorded, now=long_after)
    case = case_of(recorded)
    assert (case.query.earlier_query_id, case.query.state) == (recorded.query_id, "open")
    customer_says(query_of(recorded), now=long_after)

    assert evidence_of(case) == [("scan", ""), ("customer", "")]
    assert sum(query.found_cases_open for query in CustomerQuery.objects.all()) == 1


def test_parcels_that_turn_up_one_after_the_other_are_settled_in_one_query(anna, fien):
    recorded, first, second = two_parcels_written_off(anna, fien)
    close_query(number=query_of(recorded).number, by=anna, now=NOW)
    long_after = NOW + timedelta(days=60)

    cases = [
        report_came_back(write_off=recorded.number, parcel=parcel.code, by=anna, now=long_after)
        for parcel in (first, second)
    ]

    later = CustomerQuery.objects.exclude(id=recorded.query_id).get()
    assert [case.query_id for case in cases] == [later.id, later.id]
    assert (later.earlier_query_id, later.found_cases_open) == (recorded.query_id, 2)


def test_the_link_of_the_query_that_goes_on_is_about_the_same_write_off(anna, fien):
    recorded, first, second = two_parcels_written_off(anna, fien)
    close_query(number=query_of(recorded).number, by=anna, now=NOW)
    long_after = NOW + timedelta(days=60)
    case = report_came_back(write_off=recorded.number, parcel=first.code, by=anna, now=long_after)
    later = CustomerQuery.objects.get(id=case.query_id)
    assert later.id != recorded.query_id
    assert list(write_offs_of_query(later)) == [recorded] == list(write_offs_of_query(query_of(recorded)))
    assert [parcel.parcel for parcel in written_off_parcels(later)] == [second.code]

    customer_says(later, now=long_after)

    cases = FoundCase.objects.filter(seller_id=anna.seller_id).order_by("number")
    assert [(each.parcel_id, each.query_id) for each in cases] == [(first.id, later.id), (second.id, later.id)]
    assert evidence_of(case) == [("came-back", "Anna"), ("customer", "")]


def test_nothing_is_opened_for_what_was_paid_again_or_is_not_there(anna, carla, vera, pia, fien):
    recorded = written_off(anna, fien=fien)
    code = parcel_of(recorded).code
    with pytest.raises(NothingFound):
        report_came_back(write_off=recorded.number, parcel="P-none", by=anna, now=LATER)
    with pytest.raises(WriteOffNotFound):
        report_came_back(write_off=recorded.number, parcel=code, by=carla, now=LATER)
    with pytest.raises(ReadOnly):
        report_came_back(write_off=recorded.number, parcel=code, by=vera, now=LATER)
    consent = {"consent": "By telephone", "consented_at": LATER, "by": pia, "key": "restore-1", "now": LATER}
    restore_payment(seller_id=anna.seller_id, write_off=recorded.number, **consent)

    scanned(recorded)
    with pytest.raises(NothingFound):
        report_came_back(write_off=recorded.number, parcel=code, by=anna, now=LATER)
    assert not FoundCase.objects.exists()


def test_the_word_of_a_customer_without_a_write_off_is_a_message_alone(anna):
    query = silent_parcel(anna)

    customer_says(query)

    assert not FoundCase.objects.exists()


def test_every_state_goes_only_where_its_table_says(anna):
    recorded = written_off(anna)
    scanned(recorded)
    query = lock_query(query_of(recorded).number, seller_id=anna.seller_id)

    for state in State:
        for to in State:
            case = case_of(recorded)
            case.state = state
            query.found_cases_open = 1
            if to in MOVES[state] or to == state:
                move(case, query, to, now=LATER)
                assert query.found_cases_open == 1 + (to == State.OPEN) - (state == State.OPEN)
            else:
                with pytest.raises(AssertionError):
                    move(case, query, to, now=LATER)

"""The radar: what `assess` says about every parcel, found by an index, page by page; and as it was known earlier."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from lostpost.accounts.policy import change_policy
from lostpost.core.clock import rfc3339
from lostpost.eligibility.facts import DELIVERED, ScanStatus, ShippingMethod
from lostpost.eligibility.policy import Policy
from lostpost.eligibility.rules import OVERRIDABLE
from lostpost.eligibility.windows import Window
from lostpost.insight import radar_page as radar_page_module
from lostpost.insight.known_then import policy_then
from lostpost.insight.order_parcels import UnitState
from lostpost.insight.radar import RadarFilters
from lostpost.insight.radar_page import radar_page, radar_rows
from lostpost.insight.radar_report import radar_totals, whole_radar, whole_radar_then
from lostpost.orders.models import Order, Parcel, ParcelUnit
from lostpost.tracking.mark_silent_parcels import SILENT_AFTER, mark_silent_parcels, shops_with_new_silence
from lostpost.tracking.models import Scan
from lostpost.writeoffs.assess_order import assess_orders
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, a_scan, a_silent_feed, all_of, an_item, an_order, silent_parcel

pytestmark = pytest.mark.django_db

POLICY = Policy()
WINDOWS = (
    Window("quiet_days", 9, carrier="postnl"),
    Window("quiet_days", 1, country="NL", first_on=NOW.date() - timedelta(days=20), last_on=NOW.date()),
    Window("quiet_days_untracked", 20, country="NL"),
    Window("pickup_days", 2, carrier="DPD", country="NL"),
    Window("order_age_days_max", 70, country="NL"),
    Window("order_age_days_max", 5, first_on=NOW.date() - timedelta(days=9), last_on=NOW.date()),
)
ALL = [RadarFilters(state=state) for state in ("eligible", "not-yet", "paused")]


def look(policy=POLICY, now=NOW):
    """Mark what fell silent, as the job does."""
    for seller_id in shops_with_new_silence(policy, now=now):
        mark_silent_parcels(seller_id=seller_id, policy=policy, now=now)


def listed(member=None, policy=POLICY, now=NOW, **filters):
    rows = radar_rows(policy, RadarFilters.read(filters), now=now, seller_id=member.seller_id if member else None)
    return [row.parcel for row in rows]


def known_then(days_ago, policy=POLICY):
    then = NOW - timedelta(days=days_ago)
    return {parcel.parcel: parcel for parcel in whole_radar_then(policy, then=then)}


# The set ------------------------------------------------------------------------------------------------------------


def judged_one_by_one(member, policy, now=NOW) -> dict[str, str]:
    """Ask `assess` about every unit of every parcel of a shop; return the states of what is silent, by parcel."""
    orders = list(Order.objects.filter(seller_id=member.seller_id))
    states: dict[str, str] = {}
    for assessment in assess_orders(orders, policy, now=now).values():
        for unit in assessment.units:
            facts, answer = unit.facts.parcel, unit.assessment
            if facts is None:
                continue
            scan = facts.last_scan
            if scan and scan.status in DELIVERED and not answer.lifted:
                continue
            if answer.eligible:
                states[facts.parcel] = "eligible"
            elif answer.only_for_now and not answer.too_old_by_then:
                if states.get(facts.parcel) != "eligible":
                    states[facts.parcel] = "not-yet"
            elif answer.paused:
                states.setdefault(facts.parcel, "paused")
    return states


def a_random_marketplace(random, members):
    """Sell, send, scan, take back, write off and lift: with everything that the rules look at."""
    for member in members:
        for number in range(12):
            placed_days = random.choice([2, 5, 9, 30, 59, 60, 61, 75])
            items = [an_item(str(item), quantity=random.choice([1, 3])) for item in range(1, random.choice([2, 3]))]
            order = an_order(member.seller, *items, number=f"R-{number}", placed_days=placed_days)
            for count in range(random.choice([0, 1, 1, 2])):
                units = {item.item: 1 for item in items if item.quantity > count}
                if units:
                    a_random_parcel(random, order, units, placed_days)
            if random.random() < 0.3:
                a_query(order, member, leave_open=random.random() < 0.7)
        for unit in units_of(member):
            if random.random() < 0.1:
                order = Order.objects.get(seller_id=member.seller_id, id=unit.parcel.order_id)
                item = unit.order_item.item
                a_return(order, {(unit.parcel.code, item): 1}, code=f"B-{unit.parcel.code}-{item}")
        write_something_off(random, member)
        for unit in units_of(member):
            if random.random() < 0.2:
                lift(unit)


def units_of(member):
    """Return the units in one order, or chance would meet others each time."""
    units = ParcelUnit.objects.filter(seller_id=member.seller_id).select_related("parcel", "order_item")
    return units.order_by("parcel__code", "order_item__item")


def lift(unit):
    """Let Partnerservice allow everything that it may, as `confirm_override` does."""
    parcel = unit.parcel
    moments = [parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at]
    unit.override = {
        "id": "1",
        "codes": sorted(OVERRIDABLE),
        "quantity": unit.quantity,
        "until": rfc3339(NOW + timedelta(days=1)),
        "reason": "The carrier admits it.",
        "proposed_by": "Pia",
        "confirmed_by": "Otto",
        "ordered": unit.order_item.quantity,
        "paid_minor": unit.order_item.paid_minor,
        "updated_at": rfc3339(max(moment for moment in moments if moment)),
    }
    unit.save(update_fields=["override"])


def a_random_parcel(random, order, units, placed_days):
    shipped_days = max(0.1, placed_days - random.choice([-1, 0.5, 1, 2]))
    method = random.choice([ShippingMethod.OWN] * 5 + [ShippingMethod.LABEL_VIA_PLATFORM])
    parcel = a_parcel(
        order,
        units=units,
        shipped_days=shipped_days,
        shipping_method=method,
        carrier=random.choice(["DPD", "PostNL", ""]),
        tracking_number=random.choice([None, ""]),
    )
    for _scan in range(random.choice([0, 1, 1, 2])):
        days = random.uniform(-0.5, shipped_days)
        status = random.choice([*ScanStatus, *[ScanStatus.IN_TRANSIT] * 8])
        a_scan(parcel, days=random.choice([days, 3, 2.999, 14, 1]), status=status)


def write_something_off(random, member):
    orders = Order.objects.filter(seller_id=member.seller_id).order_by("number")
    assessments = assess_orders(list(orders), POLICY, now=NOW)
    for assessment in (assessments[order.id] for order in orders):
        if random.random() < 0.3 and assessment.units and all(unit.eligible for unit in assessment.units):
            query = a_query(assessment.order, member)
            write_off(query=query.number, selection=all_of(query), by=member, key=f"off-{query.number}", now=NOW)


@pytest.mark.parametrize(
    ("seed", "policy"),
    [
        (3, POLICY),
        (4, Policy(quiet_days=1, quiet_days_untracked=7, pickup_days=1, allow_after_delivery=True)),
        (5, Policy(windows=WINDOWS)),
    ],
)
def test_the_radar_is_what_assess_says_about_every_parcel(anna, carla, seed, policy):
    random = Random(seed)
    a_random_marketplace(random, [anna, carla])
    look(policy)
    a_silent_feed("DPD")
    a_silent_feed("PostNL", lifted_until=NOW + timedelta(hours=1))
    parcels = Parcel.objects.filter(seller_id__in=[anna.seller_id, carla.seller_id])
    for parcel in parcels.order_by("seller__code", "code"):  # Marks that are too old.
        if random.random() < 0.1:
            a_scan(parcel, days=0.01)

    everywhere: set[tuple[UUID, str, str]] = set()
    for member in (anna, carla):
        judged = judged_one_by_one(member, policy)
        found = whole_radar(policy, now=NOW, seller_id=member.seller_id)
        assert {row.parcel: row.state for row in found} == judged
        paged = [row for each in ALL for row in radar_rows(policy, each, now=NOW, seller_id=member.seller_id)]
        long_silent = NOW - min(SILENT_AFTER, timedelta(days=policy.bounds("quiet_days", "quiet_days_untracked")[0]))
        marked = [row for row in found if row.state == UnitState.ELIGIBLE or row.silent_since <= long_silent]
        assert {row.paused_since for row in found if row.state == UnitState.PAUSED} == {NOW - timedelta(days=1)}
        assert {row.parcel: row for row in paged if row in marked} == {row.parcel: row for row in marked}
        assert {row.parcel: row.state for row in paged}.items() <= judged.items()
        everywhere |= {(member.seller_id, row.parcel, row.state) for row in marked}
    of_all = [row for each in ALL for row in radar_rows(policy, each, now=NOW)]
    assert everywhere <= {(row.seller_id, row.parcel, row.state) for row in of_all}
    assert len({row.state for row in of_all}) == 3, "a marketplace in which every kind of answer occurs"


def test_pages_follow_each_other_without_gap_or_repeat(anna):
    for days in (4, 9, 5, 20, 12):
        a_scan(a_parcel(an_order(anna.seller, placed_days=30), shipped_days=25), days=days)
    same = an_order(anna.seller, an_item("1"), an_item("2"), placed_days=30)
    for item in ("1", "2"):
        a_scan(a_parcel(same, units={item: 1}, shipped_days=25), days=9)
    look()

    silent, after = [], None
    for _page in range(4):
        page = radar_page(POLICY, RadarFilters(), now=NOW, size=2, after=after, seller_id=anna.seller_id)
        silent += page.rows
        after = page.next
    assert after is None
    assert [(NOW - row.silent_since).days for row in silent] == [4, 5, 9, 9, 9, 12, 20]
    assert len({row.parcel for row in silent}) == 7


def test_what_is_shown_of_a_silent_parcel(anna):
    query = silent_parcel(anna, quiet_days=5, quantity=2, paid_minor=39_95, placed_days=8)
    look()
    (row,) = radar_page(POLICY, RadarFilters(), now=NOW, size=25, seller_id=anna.seller_id).rows
    assert (row.order_number, row.carrier, row.value_minor, row.quantity) == (query.order.number, "DPD", 39_95, 2)
    assert (row.silent_since, row.eligible_from) == (NOW - timedelta(days=5), NOW - timedelta(days=2))
    assert (row.last_on.isoformat(), row.claim_on and row.claim_on.isoformat()) == ("2026-05-01", "2026-04-03")
    assert row.query
    assert (row.query.number, row.query.handled) == (query.number, False)


def test_filters_leave_what_they_say(anna):
    old = a_parcel(an_order(anna.seller, placed_days=56), shipped_days=50, carrier="PostNL")
    asked = a_parcel(an_order(anna.seller), shipped_days=9)
    recent = a_parcel(an_order(anna.seller), shipped_days=2)
    a_query(asked.order, anna)
    look()
    assert listed(anna) == [asked.code, old.code]
    assert listed(anna, state="not-yet") == [recent.code]
    assert listed(anna, carrier="post nl") == [old.code]
    assert listed(anna, query="none") == [old.code]
    assert listed(anna, query="open") == [asked.code]
    assert listed(anna, query="handled") == []
    assert listed(anna, due="soon") == [old.code]


def test_a_page_that_filters_leave_empty_is_cut_short(anna, monkeypatch):
    for _parcel in range(5):
        a_parcel(an_order(anna.seller), shipped_days=9)
    last = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=19, carrier="GLS")
    look()
    monkeypatch.setattr("lostpost.insight.radar_page.LOOKS_MOST", 1)
    gls = RadarFilters(carrier="GLS")
    page = radar_page(POLICY, gls, now=NOW, size=2, seller_id=anna.seller_id)
    assert (page.rows, page.cut_short) == ([], True)
    page = radar_page(POLICY, gls, now=NOW, size=2, seller_id=anna.seller_id, after=page.next)
    assert [row.parcel for row in page.rows] == [last.code]


def test_another_shops_parcels_are_left_out_and_the_desk_sees_all(anna, carla):
    annas, carlas = (a_parcel(an_order(member.seller), shipped_days=9).code for member in (anna, carla))
    look()
    assert listed(anna) == [annas]
    assert listed(carla) == [carlas]
    assert sorted(listed()) == sorted([annas, carlas])


# As it was known ----------------------------------------------------------------------------------------------------


def test_a_scan_counts_from_when_it_was_received(anna):
    order = an_order(anna.seller, placed_days=20, now=NOW - timedelta(days=20))
    parcel = a_parcel(order, shipped_days=1, now=NOW - timedelta(days=18))
    a_scan(parcel, days=11, status="delivered", now=NOW)  # Told now, made eleven days ago.
    assert known_then(10)[parcel.code].silent_since == NOW - timedelta(days=19)
    assert known_then(18) == {parcel.code: known_then(18)[parcel.code]}
    assert known_then(18)[parcel.code].only_too_recent
    assert known_then(0) == {}


def test_a_day_without_a_time_counted_on_that_day_already(anna):
    parcel = a_parcel(an_order(anna.seller, placed_days=20, now=NOW), shipped_days=19, now=NOW - timedelta(days=5))
    Scan.objects.create(
        seller_id=anna.seller_id,
        parcel_id=parcel.id,
        scanned_at=NOW + timedelta(hours=10),
        received_at=NOW,
        status="in_transit",
        time_certainty="day-only",
        fingerprint=parcel.id,
    )
    assert known_then(0.5)[parcel.code].silent_since == parcel.shipped_at
    assert known_then(0)[parcel.code].silent_since == NOW + timedelta(hours=10)


def test_a_scan_of_a_history_put_in_later_counts_from_its_own_time(anna):
    parcel = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=19)
    a_scan(parcel, days=15)
    a_scan(parcel, days=9, status="delivered")
    assert known_then(10)[parcel.code].silent_since == NOW - timedelta(days=15)
    assert known_then(8) == {}


def test_what_was_written_off_or_returned_since_was_still_there(anna):
    query = silent_parcel(anna, quiet_days=20, quantity=2, paid_minor=50_01)
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    back = an_order(anna.seller, placed_days=20)
    a_return(back, {(a_parcel(back, shipped_days=19).code, "1"): 1}, now=NOW - timedelta(days=2))

    then = known_then(3)

    lost = next(row for row in then.values() if row.order_number == query.order.number)
    assert (lost.quantity, lost.value_minor, lost.query) == (2, 50_01, None)
    assert {row.order_number for row in then.values()} == {query.order.number, back.number}
    assert known_then(-0.001) == {}


def test_a_parcel_handed_over_since_was_not_under_way(anna):
    parcel = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=9)
    assert known_then(10) == {}
    assert list(known_then(5)) == [parcel.code]


def test_the_policy_is_that_of_then(anna):
    change_policy(values={"quiet_days": 9}, reason="Christmas", by="an operator", now=NOW - timedelta(days=5))
    change_policy(values={"quiet_days": 4}, reason="It is over", by="an operator", now=NOW - timedelta(days=1))
    assert [policy_then(NOW - timedelta(days=days)).quiet_days for days in (0, 1, 3, 30)] == [4, 4, 9, 4]


def test_totals_add_up_by_currency(anna):
    for number, currency in enumerate(["EUR", "SEK", "EUR"]):
        a_parcel(an_order(anna.seller, number=f"T-{number}", currency=currency), shipped_days=9)
    a_parcel(an_order(anna.seller, placed_days=3), shipped_days=2)
    totals = radar_totals(whole_radar(POLICY, now=NOW, seller_id=anna.seller_id))
    assert (totals.eligible, totals.value_minor, totals.only_too_recent) == (3, {"EUR": 50_00, "SEK": 25_00}, 1)


def test_a_page_reads_its_part_of_an_index_however_large_the_shop(anna):
    order = an_order(anna.seller, placed_days=20)
    parcel = a_parcel(order, shipped_days=19)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO lostpost_parcel (seller_id, id, order_id, code, shipping_method, carrier, tracking_number,
                                         shipped_at, last_status, last_rank, last_text, last_location, last_code,
                                         delivered, written_off, silent_since)
            SELECT %(seller)s, gen_random_uuid(), %(order)s, 'P-' || n, 'own', 'DPD', 'TT-' || n,
                   %(now)s - interval '9 days' - n * interval '1 minute', '', 0, '', '', '', n > 2000, false,
                   CASE WHEN n < 2000 THEN %(now)s - interval '9 days' - n * interval '1 minute' END
              FROM generate_series(1, 5000) n
            """,
            {"seller": anna.seller_id, "order": order.id, "now": NOW},
        )
        cursor.execute("ANALYZE lostpost_order, lostpost_parcel, lostpost_parcelunit")
        key: dict[str, Any] = {"before_at": NOW - timedelta(days=9, hours=10), "before_id": parcel.id, "most": 50}
        span = {"silent_from": NOW - timedelta(days=90), "silent_until": NOW - timedelta(days=3)}
        for statement in (radar_page_module._OF_SHOP, radar_page_module._OF_ALL):
            cursor.execute(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) {statement}", {**key, **span, "seller": anna.seller_id}
            )
            ((plan,),) = cursor.fetchall()[0]
            used = set(re.findall(r'"Index Name": "(parcel_silent_\w+)"', json.dumps(plan)))
            assert used <= {"parcel_silent_in_its_shop", "parcel_silent_of_all"}, used
            assert used
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 120

"""Polling: which parcels, when again, within which budget, and never one parcel twice at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.db import connection
from django.utils import timezone

from lostpost.connector_accounts.calls import BudgetSpent, CallsPaused, polling_budget, reserve_call
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers import poll_parcels
from lostpost.connectors.carriers.poll_parcels import enrol_silent_parcels, poll_account
from lostpost.connectors.carriers.polling_plan import PolledParcel, next_poll
from lostpost.core.ownership import uuid7
from lostpost.eligibility.policy import Policy
from lostpost.eligibility.windows import Window
from lostpost.jobs.carriers import enrol_parcels_of_all, look_whom_to_ask, poll_carrier
from lostpost.orders.models import Parcel
from lostpost.tracking.models import ParcelPoll, Scan, UnmappedScan
from lostpost.writeoffs.assess_order import assess_order
from tests.cast import AMSTERDAM, NOW, a_query, a_scan
from tests.connectors.carriers.asking import a_silent_parcel
from tests.connectors.carriers.test_clients import gls_answer, postnl_answer, with_token

pytestmark = pytest.mark.django_db


def ago(**span):
    at = (timezone.now() - timedelta(**span)).astimezone(AMSTERDAM)
    return at.strftime("%d-%m-%Y %H:%M:%S")


def poll(account, **more):
    enrol_silent_parcels([account])
    return poll_account(account, shops_with_own=[], seconds=30, **more)


def fresh(account):
    return ConnectorAccount.objects.get(id=account.id)


def test_a_silent_parcel_is_asked_about_and_its_scans_count(lampenhuis, carrier, account_of):
    parcel = a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    a_silent_parcel(lampenhuis, "GLS", "0001")
    carrier.says(200, postnl_answer(("B01", ago(days=2)), ("J01", ago(hours=5)), ("Q99", ago(hours=4))))
    account = account_of("postnl")

    assert poll(account) == 1

    parcel.refresh_from_db()
    assert parcel.last_status == "in_transit"
    assert Scan.objects.count() == 2
    assert UnmappedScan.objects.get().source == "postnl"
    row = ParcelPoll.objects.get()
    assert timedelta(hours=18) < row.next_poll_at - timezone.now() < timedelta(hours=50)
    assert poll(account) == 0  # Not before its time.
    assert (fresh(account).problem, fresh(account).calls) == ("", 1)
    assert fresh(account).answered_at


def test_the_shops_own_account_asks_about_its_parcels_and_the_marketplaces_about_the_others(
    lampenhuis, carla, carrier, account_of
):
    a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    a_silent_parcel(carla.seller, "TNT", "3SVASE01")
    ours, own = account_of("postnl"), account_of("postnl", lampenhuis)
    enrol_silent_parcels([ours, own])
    assert poll_account(ours, shops_with_own=[lampenhuis.id], seconds=30) == 1
    assert "3SVASE01" in carrier.asked[0].path
    assert poll_account(own, shops_with_own=[], seconds=30) == 1
    assert "3SLAMP01" in carrier.asked[1].path


def test_a_parcel_that_moved_meanwhile_is_not_asked_about(lampenhuis, carrier, account_of):
    parcel = a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    a_scan(parcel, days=0.25, now=timezone.now())  # Delivered by somebody else; the mark stands until the next look.
    assert poll(account_of("postnl")) == 0
    assert carrier.asked == []
    row = ParcelPoll.objects.get()
    assert row.claimed_until is None
    assert (row.next_poll_at - timezone.now()) / timedelta(hours=1) == pytest.approx(18, abs=0.1)


def test_what_came_is_asked_about_no_more(lampenhuis, carrier, account_of):
    parcel = a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    carrier.says(200, postnl_answer(("I01", ago(hours=5))))
    assert poll(account_of("postnl")) == 1
    parcel.refresh_from_db()
    assert (parcel.last_status, ParcelPoll.objects.count()) == ("delivered", 0)


def test_a_parcel_that_nobody_knows_is_asked_about_ever_more_seldom(lampenhuis, carrier, account_of):
    a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    carrier.says(404, {})
    account, waits = account_of("postnl"), []
    for _turn in range(4):
        ParcelPoll.objects.update(next_poll_at=timezone.now())
        assert poll(account) == 1
        waits.append((ParcelPoll.objects.get().next_poll_at - timezone.now()) / timedelta(hours=1))
    assert [round(each / 6) for each in waits] == pytest.approx([1, 2, 4, 8], abs=1)
    assert ParcelPoll.objects.get().not_found == 4
    assert not Scan.objects.exists()


# What goes wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "problem", "pause_seconds"),
    [
        (429, {"Retry_After": "7200"}, "too-many-calls", 7200),
        (429, {"Retry_After": "soon"}, "too-many-calls", 30),
        (503, {}, "unreachable", 30),
        (401, {}, "key-refused", 30),
    ],
)
def test_an_account_pauses_as_long_as_the_carrier_asks(
    lampenhuis, carrier, account_of, status, headers, problem, pause_seconds
):
    for number in ("3SLAMP01", "3SLAMP02"):
        a_silent_parcel(lampenhuis, "PostNL", number)
    carrier.says(status, {}, **headers)
    account = account_of("postnl")

    assert poll(account) == 0

    row = fresh(account)
    assert len(carrier.asked) == 1
    assert row.problem == problem
    assert (row.next_call_at - timezone.now()).total_seconds() == pytest.approx(pause_seconds, abs=5)
    assert ParcelPoll.objects.filter(next_poll_at__lte=timezone.now()).count() == 2  # Nobody has lost their turn.
    with pytest.raises(CallsPaused):
        reserve_call(account=row, most=100, now=timezone.now(), patience=timedelta(seconds=1))


def test_a_strange_answer_about_one_parcel_keeps_no_other_out(lampenhuis, carrier, account_of):
    for number in ("3SLAMP01", "3SLAMP02"):
        a_silent_parcel(lampenhuis, "PostNL", number)
    good = postnl_answer(("J01", ago(hours=5)), number="3SLAMP02")
    carrier.answer = lambda request: (200, good if "3SLAMP02" in request.path else "rubbish")
    assert poll(account_of("postnl")) == 1
    assert Scan.objects.count() == 1
    strange = ParcelPoll.objects.get(parcel__tracking_number="3SLAMP01")
    assert (strange.not_found, strange.next_poll_at > timezone.now() + timedelta(hours=5)) == (1, True)


def test_a_parcel_laid_in_a_shop_waits_for_its_customer(lampenhuis, anna, carrier, account_of):
    """GLS's “delivered to a ParcelShop”, 10 days ago: not delivered, and not to be written off for 14 days."""
    parcel = a_silent_parcel(lampenhuis, "GLS", "36301917596", days=12)
    at = (timezone.now() - timedelta(days=10)).isoformat(timespec="seconds")
    event = ("DELIVD.PARCELSHOP", at)
    carrier.answer = with_token(200, gls_answer(event, status="DELIVEREDPS", statusDateTime=at))
    assert poll(account_of("gls")) == 1
    (unit,) = assess_order(parcel.order, now=timezone.now()).units
    assert [each.code for each in unit.assessment.refusals] == ["awaiting-pickup"]


def test_a_carrier_that_hangs_is_left_in_time(lampenhuis, carrier, account_of, monkeypatch):
    monkeypatch.setattr(poll_parcels, "ANSWER_SECONDS", 0.3)
    a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    carrier.hold.clear()
    account, began = account_of("postnl"), monotonic()
    assert poll(account) == 0
    assert monotonic() - began < 10
    assert fresh(account).problem == "unreachable"


def test_a_carrier_that_lies_about_times_or_changes_a_scan_moves_nothing_back(lampenhuis, carrier, account_of):
    parcel = a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    account, newest = account_of("postnl"), ago(hours=25)
    carrier.says(200, postnl_answer(("J01", newest), ("J05", ago(days=-9)), ("I01", "31-02-2026 10:00:00")))
    poll(account)
    carrier.says(200, postnl_answer(("J05", newest), ("B01", newest), ("J01", ago(hours=40))))
    ParcelPoll.objects.update(next_poll_at=timezone.now())
    poll(account)

    parcel.refresh_from_db()
    assert parcel.last_status == "in_transit"
    assert parcel.last_scanned_at
    assert timezone.now() - parcel.last_scanned_at < timedelta(hours=26)
    assert Scan.objects.filter(from_future=True).count() == 1
    assert Scan.objects.count() == 5


def test_10000_scans_of_one_parcel_are_taken_in(lampenhuis, carrier, account_of):
    a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01", days=10)
    begin = datetime.now(UTC) - timedelta(days=9)
    times = [(begin + timedelta(seconds=each)).strftime("%d-%m-%Y %H:%M:%S") for each in range(10_000)]
    carrier.says(200, postnl_answer(*[("J01", at) for at in times]))
    assert poll(account_of("postnl")) == 1
    assert Scan.objects.count() == 10_000


# Budget --------------------------------------------------------------------------------------------------------------


def test_polling_spreads_its_calls_over_the_day_and_leaves_some_for_people():
    account = ConnectorAccount(calls_a_day=240)
    assert [polling_budget(account, datetime(2026, 3, 10, hour, tzinfo=UTC)) for hour in (0, 11, 23)] == [9, 108, 216]


def test_a_budget_that_is_spent_lasts_until_midnight_utc(lampenhuis, carrier, account_of):
    account = account_of("postnl")
    evening = datetime(2026, 3, 10, 23, 59, tzinfo=UTC)
    wish = {"account": account, "most": 2, "patience": timedelta(0)}
    for _call in range(2):
        reserve_call(now=evening, **wish)
    with pytest.raises(BudgetSpent):
        reserve_call(now=evening, **wish)
    reserve_call(now=evening + timedelta(minutes=1), **wish)
    assert (fresh(account).day, fresh(account).calls) == (datetime(2026, 3, 11).date(), 1)  # noqa: DTZ001


def test_calls_keep_their_distance(lampenhuis, carrier, account_of):
    account = account_of("postnl")
    ConnectorAccount.objects.update(milliseconds_between_calls=10_000)
    wish = {"account": account, "most": 9, "now": NOW}
    slots = [reserve_call(patience=timedelta(minutes=1), **wish) for _call in range(3)]
    assert [(slot - NOW).total_seconds() for slot in slots] == [0, 10, 20]
    with pytest.raises(CallsPaused):
        reserve_call(patience=timedelta(seconds=5), **wish)


# When again ----------------------------------------------------------------------------------------------------------


def polled(**facts):
    values = {
        "parcel_id": uuid7(),
        "tracking_number": "3S",
        "carrier": "PostNL",
        "country": "BE",
        "updated_at": NOW - timedelta(days=3),
        "last_status": "in_transit",
        "placed_at": NOW - timedelta(days=6),
        "shipped_at": NOW - timedelta(days=5),
        "written_off": False,
        "query_open": False,
    }
    return PolledParcel(**{**values, **facts})


@pytest.mark.parametrize(
    ("facts", "hours", "urgency"),
    [
        ({}, 6, 1),
        ({"query_open": True}, 3, 0),
        ({"updated_at": NOW - timedelta(days=1)}, 24, 2),
        ({"updated_at": NOW - timedelta(days=8)}, 24, 2),
        ({"updated_at": NOW - timedelta(days=20)}, 72, 3),
        ({"updated_at": NOW - timedelta(days=8), "written_off": True}, 72, 3),
        ({"last_status": "at_pickup_point"}, 24, 2),
        ({"last_status": "at_pickup_point", "updated_at": NOW - timedelta(days=14)}, 6, 1),
        ({"updated_at": NOW - timedelta(hours=30), "query_open": True}, 18, 2),  # When its last day begins.
    ],
)
def test_a_parcel_is_asked_about_often_while_a_decision_is_near(facts, hours, urgency):
    planned = next_poll(polled(**facts), Policy(), not_found=0, now=NOW)
    assert planned
    assert hours <= (planned.at - NOW) / timedelta(hours=1) <= hours * 1.15 + 3
    assert planned.urgency == urgency


def test_the_windows_of_the_policy_say_when_a_decision_is_near():
    longer = Policy(
        windows=(Window("quiet_days", 10, carrier="PostNL"), Window("order_age_days_max", 90, country="BE"))
    )
    planned = next_poll(polled(updated_at=NOW - timedelta(days=8)), longer, not_found=0, now=NOW)
    assert planned
    assert planned.at > NOW + timedelta(hours=20)
    near = next_poll(polled(updated_at=NOW - timedelta(days=9.5)), longer, not_found=0, now=NOW)
    assert near
    assert near.at < NOW + timedelta(hours=7)
    assert next_poll(polled(placed_at=NOW - timedelta(days=80)), longer, not_found=0, now=NOW)


def test_nobody_is_asked_once_nothing_can_be_decided():
    for facts in ({"last_status": "delivered"}, {"placed_at": NOW - timedelta(days=63)}, {"tracking_number": ""}):
        assert next_poll(polled(**facts), Policy(), not_found=0, now=NOW) is None


def test_a_customer_query_makes_a_parcel_urgent(lampenhuis, anna, carrier, account_of):
    parcel = a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    a_query(parcel.order, anna, now=timezone.now())
    poll(account_of("postnl"))
    assert ParcelPoll.objects.get().urgency == 0


# Two workers ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_ask_about_one_parcel_at_once(lampenhuis, carrier, account_of):
    numbers = [f"3SLAMP{each:02}" for each in range(12)]
    for number in numbers:
        a_silent_parcel(lampenhuis, "PostNL", number)
    carrier.says(404, {})
    account = account_of("postnl")
    enrol_silent_parcels([account])
    counts = []

    def work():
        try:
            counts.append(poll_account(account, shops_with_own=[], seconds=30))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sum(counts) == 12
    assert sorted(request.path.split("/")[-1].partition("?")[0] for request in carrier.asked) == numbers


def test_the_jobs_enrol_and_ask(lampenhuis, carrier, account_of):
    enrol_parcels_of_all(timestamp=0)  # Without an account nothing happens.
    look_whom_to_ask(timestamp=0)
    a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    account = account_of("postnl")
    enrol_parcels_of_all(timestamp=0)
    for _twice in range(2):
        look_whom_to_ask(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'carriers.poll'")
        assert cursor.fetchone() == (1,)
    poll_carrier(account=str(account.id))
    assert len(carrier.asked) == 1
    assert Parcel.objects.get().last_status == ""

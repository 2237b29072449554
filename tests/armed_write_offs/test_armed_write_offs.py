"""Write-offs confirmed before their day: carried out once, or disarmed by whatever happens before."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.change_member import take_out_member
from lostpost.accounts.models import Member
from lostpost.accounts.policy import change_policy
from lostpost.armed_write_offs import execute_armed as module
from lostpost.armed_write_offs.arm_write_off import ArmedAlready, arm_write_off
from lostpost.armed_write_offs.disarm_write_off import (
    ArmedNotFound,
    DisarmReason,
    ExecutedAlready,
    disarm_write_off,
)
from lostpost.armed_write_offs.execute_armed import armed_to_look_at, execute_armed
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.armed_write_offs.preview_armed import NothingToWaitFor, preview_armed
from lostpost.audit.verify import verify
from lostpost.carrier_feeds.models import SilentFeed
from lostpost.core.money import Money
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.events.models import Event
from lostpost.holds.models import Hold
from lostpost.holds.place_hold import place_hold
from lostpost.notices.gather_notices import gather_notices
from lostpost.notices.models import Notice
from lostpost.orders.models import Parcel
from lostpost.texts.notices import notice_text
from lostpost.tracking.models import UnmappedScan
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import ChangedSincePreview, NotEligible, NothingSelected
from tests.cast import (
    NOW,
    a_return,
    a_scan,
    a_staff_member,
    all_of,
    an_item,
    an_order,
    refunds_of,
    row_counts,
    silent_parcel,
)

pytestmark = pytest.mark.django_db

DUE = NOW + timedelta(days=2)  # Silent for a day now; the policy wants three.
State = ArmedWriteOff.State


@pytest.fixture
def query(anna) -> CustomerQuery:
    return silent_parcel(anna, quiet_days=1)


def arm(query: CustomerQuery, by: Actor, *, now: datetime = NOW, **more: Any) -> ArmedWriteOff:
    values: dict[str, Any] = {"selection": all_of(query), "key": "arm-it-once", **more}
    return arm_write_off(query=query.number, by=by, now=now, **values)


def pass_time(armed: ArmedWriteOff, *, now: datetime) -> ArmedWriteOff:
    """Let the job look at all that it would look at."""
    for name in armed_to_look_at(now=now, most=9):
        execute_armed(seller_id=name.seller_id, armed_id=name.id, clock=lambda: now)
    return ArmedWriteOff.objects.get(seller_id=armed.seller_id, id=armed.id)


def kinds_of(query: CustomerQuery) -> list[str]:
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, kind__startswith="write-off.")
    return list(entries.order_by("at", "id").values_list("kind", flat=True))


def test_it_is_carried_out_on_its_day_once_in_the_name_of_who_armed_it(anna, bram, query):
    # Given a write-off that Bram armed, twice by accident
    first, again = arm(query, bram), arm(query, bram)
    assert (first.id, first.due_at, first.refund_minor) == (again.id, DUE, 25_00)

    # When the job looks a moment before, on time, and again
    assert pass_time(first, now=DUE - timedelta(seconds=1)).state == State.ARMED
    done = pass_time(first, now=DUE)
    pass_time(first, now=DUE + timedelta(minutes=1))

    # Then it is written off once, by Bram, and the timeline, the feed and the books say so
    row = WriteOff.objects.get()
    assert (done.state, done.write_off_id, done.ended_at) == (State.EXECUTED, row.id, DUE)
    assert (row.by_name, row.confirmed_at) == ("Bram", DUE)
    assert refunds_of(anna) == [Money(25_00, "EUR")]
    assert kinds_of(query) == ["write-off.armed", "write-off.confirmed", "write-off.carried-out"]
    assert Event.objects.filter(type="write-off.carried-out").count() == 1
    assert list(verify(anna.seller)) == []
    with pytest.raises(ExecutedAlready):
        disarm_write_off(armed_id=first.id, by=anna, now=DUE)


def an_unmapped_scan(query: CustomerQuery) -> None:
    parcel = Parcel.objects.get()
    UnmappedScan.objects.create(
        seller_id=query.seller_id,
        source="plain-json",
        tracking_number=parcel.tracking_number.lower(),
        scanned_at=NOW,
        fingerprint="0" * 32,
        code="ZZ9",
        received_at=NOW + timedelta(hours=1),
    )


def the_owner() -> Actor:
    return Actor.of_member(Member.objects.get(name="Anna"))


def take_out(query: CustomerQuery) -> None:
    take_out_member(user_id=Member.objects.get(name="Bram").user_id, by=the_owner(), now=NOW)


def a_pia() -> Actor:
    return a_staff_member("Pia", "partnerservice")


def a_silent_feed(query: CustomerQuery) -> None:
    of_rate = {"window_hours": 24, "expected": 400, "received": 0, "chance_exponent": 30}
    SilentFeed.objects.create(carrier_normalised="dpd", carrier="DPD", cause="rate", since=NOW, found_at=NOW, **of_rate)


HAPPENINGS: dict[str, Callable[[CustomerQuery], Any]] = {
    "scan": lambda query: a_scan(Parcel.objects.get(), days=0, now=NOW + timedelta(hours=1)),
    "scan: one that is late and changes nothing": lambda query: a_scan(Parcel.objects.get(), days=5),
    "scan: one with a code that nobody knows": an_unmapped_scan,
    "return": lambda query: a_return(query.order, {(Parcel.objects.get().code, "1"): 1}),
    "policy": lambda query: change_policy(values={"pickup_days": 20}, reason="test", by="op", now=NOW),
    "message": lambda query: receive_message(
        seller_id=query.seller_id, number=query.number, message="It is still not here.", now=NOW
    ),
    "changed": lambda query: an_order(
        query.seller, an_item(paid_minor=20_00), number=query.order.number, placed_days=3, delivery_costs_minor=0
    ),
    "on-hold": lambda query: place_hold(
        seller_id=query.seller_id, query=query.number, kind=Hold.Kind.ORDER, reason="A look", by=a_pia(), now=NOW
    ),
    "feed-silent": a_silent_feed,
    "query": lambda query: close_query(
        number=query.number, by=Actor.of_member(Member.objects.get(name="Anna")), now=NOW
    ),
    "rights": take_out,
}


@pytest.mark.parametrize(
    ("what", "looked_at"),
    [*((what, DUE + timedelta(days=3)) for what in HAPPENINGS), ("message", NOW + timedelta(hours=2))],
)
def test_what_happens_before_its_day_disarms_it(anna, bram, query, what, looked_at):
    armed = arm(query, bram)
    HAPPENINGS[what](query)

    ended = pass_time(armed, now=looked_at)

    assert (ended.state, ended.reason) == (State.DISARMED, what.partition(":")[0])
    assert not WriteOff.objects.exists()
    assert refunds_of(anna) == []
    event = Event.objects.get(type="write-off.disarmed")
    assert (event.data["because"], event.data["user"]) == (ended.reason, bram.user_id)
    assert kinds_of(query) == ["write-off.armed", "write-off.disarmed"]


def test_somebody_disarms_it_and_may_arm_another(anna, bram, vera, carla, query):
    armed = arm(query, bram)
    with pytest.raises(ArmedAlready):
        arm(query, anna, key="another-key")
    before = row_counts()
    with pytest.raises(ReadOnly):
        disarm_write_off(armed_id=armed.id, by=vera, now=NOW)
    with pytest.raises(ArmedNotFound):
        disarm_write_off(armed_id=armed.id, by=carla, now=NOW)
    assert row_counts() == before

    for _again in range(2):
        ended = disarm_write_off(armed_id=armed.id, by=anna, now=NOW)

    assert (ended.reason, ended.ended_by_name) == ("person", "Anna")
    assert kinds_of(query) == ["write-off.armed", "write-off.disarmed"]
    assert arm(query, anna, key="another-key").state == State.ARMED
    pass_time(ended, now=DUE)
    assert WriteOff.objects.get().by_name == "Anna"


def test_what_cannot_wait_is_not_armed(anna, bram, vera, query):
    eligible = silent_parcel(anna, quiet_days=9)
    delivered = silent_parcel(anna, quiet_days=1, status="delivered")
    too_old_by_then = silent_parcel(anna, quiet_days=1, placed_days=60)
    shown = preview_armed(query, all_of(query), now=NOW).token
    a_scan(Parcel.objects.order_by("id")[0], days=0.5)
    before = row_counts()
    for refusal, of_query, by, more in (
        (NothingToWaitFor, eligible, anna, {}),
        (NotEligible, delivered, anna, {}),
        (NotEligible, too_old_by_then, anna, {}),
        (ChangedSincePreview, query, anna, {"token": shown}),
        (ReadOnly, query, vera, {}),
        (NothingSelected, query, anna, {"selection": []}),
    ):
        with pytest.raises(refusal):
            arm(of_query, by, **more)
    assert row_counts() == before


def test_a_limit_of_the_day_disarms_what_is_beyond_it_and_places_its_hold(anna, bram):
    change_policy(values={"daily_write_off_count_max": 1}, reason="test", by="op", now=NOW)
    first, second = (silent_parcel(anna, quiet_days=1) for _one in range(2))
    armed = [arm(first, bram, key="arm-the-first"), arm(second, bram, key="arm-the-second")]

    ended = [pass_time(each, now=DUE) for each in armed]

    assert sorted((each.state, each.reason) for each in ended) == [("disarmed", "on-hold"), ("executed", "")]
    assert WriteOff.objects.count() == Hold.objects.count() == 1


def test_who_armed_it_gets_a_mail_either_way_and_who_did_it_none(anna, bram):
    queries = [silent_parcel(anna, quiet_days=1) for _one in range(3)]
    armed = [arm(each, bram, key=f"arm-number-{at}") for at, each in enumerate(queries)]
    a_scan(Parcel.objects.get(order_id=queries[0].order_id), days=0)
    disarm_write_off(armed_id=armed[1].id, by=bram, now=NOW)
    pass_time(armed[0], now=DUE)

    gather_notices(seller_id=anna.seller_id, now=DUE)

    notices = Notice.objects.filter(kind="armed")
    assert {(notice.user_id, notice.event) for notice in notices} == {
        (bram.user_id, "write-off.disarmed"),
        (bram.user_id, "write-off.carried-out"),
    }
    words = {notice_text(notice) for notice in notices}
    assert (
        f"The write-off of order {queries[0].order.number} that you armed was disarmed: there is news of the parcel."
        in words
    )


def test_what_was_carried_out_is_noted_later_if_the_job_dies_in_between(anna, query, monkeypatch):
    armed = arm(query, anna)
    with monkeypatch.context() as patched:
        patched.setattr(module, "announce_execution", dying)
        with pytest.raises(KeyboardInterrupt):
            pass_time(armed, now=DUE)
    assert ArmedWriteOff.objects.get().state == State.EXECUTED

    for minutes in (1, 2):
        pass_time(armed, now=DUE + timedelta(minutes=minutes))

    assert kinds_of(query) == ["write-off.armed", "write-off.confirmed", "write-off.carried-out"]
    assert WriteOff.objects.count() == 1


def dying(**_values: Any) -> None:
    raise KeyboardInterrupt


def test_carriers_are_asked_on_its_day_and_what_they_say_disarms_it(anna, query):
    armed, asked = arm(query, anna), []

    def ask(seller_id: UUID, parcels: Collection[str]) -> None:
        asked.append((seller_id, *parcels))
        a_scan(Parcel.objects.get(), days=0, now=DUE)

    for now in (DUE - timedelta(minutes=1), DUE):
        execute_armed(seller_id=armed.seller_id, armed_id=armed.id, clock=partial(max, now, NOW), ask=ask)

    assert asked == [(anna.seller_id, Parcel.objects.get().code)]
    assert ArmedWriteOff.objects.get().reason == "scan"


def test_a_scan_that_comes_after_the_look_is_seen_under_the_locks(anna, query, monkeypatch):
    armed = arm(query, anna)
    looks = iter([None, DisarmReason.SCAN])
    monkeypatch.setattr(module, "why_not", lambda _armed, now: next(looks))
    a_scan(Parcel.objects.get(), days=5)  # Late: it changes no fact of the parcel.

    assert pass_time(armed, now=DUE).reason == "scan"
    assert not WriteOff.objects.exists()

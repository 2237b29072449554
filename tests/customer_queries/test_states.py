"""The states of a query: which command moves it where, what time does to it, and what stands beside each state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lostpost.accounts.policy import change_policy
from lostpost.answering.answer_query import answer_query
from lostpost.core.errors import Refused, Rejected
from lostpost.customer_queries.assign_query import assign_query
from lostpost.customer_queries.clock_hours import late_from
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import NEVER, CustomerQuery, TimelineEntry
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.customer_queries.run_timers import due_queries, run_timers
from lostpost.customer_queries.states import MOVES
from lostpost.customer_queries.timeline import QueryHandled, QueryWithPartnerservice
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, in_days, row_counts, silent_parcel
from tests.searching import examples

State = CustomerQuery.State
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
pytestmark = pytest.mark.django_db


@pytest.fixture
def query(anna):
    return silent_parcel(anna)


def stored(query):
    return CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)


def kinds(query):
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id)
    return list(entries.order_by("at", "id").values_list("kind", flat=True))[2:]


def follow_up(query, by, *, days=3, now=NOW, reason=""):
    put_aside(
        number=query.number,
        state="follow_up_later",
        follow_up_on=in_days(days, now),
        reason=reason,
        by=by,
        now=now,
    )


def hand_over(query, by, now=NOW):
    hand_to_partnerservice(seller_id=query.seller_id, number=query.number, reason="He denies it.", by=by, now=now)


def receive(query, now=NOW):
    return receive_message(seller_id=query.seller_id, number=query.number, message="Any news?", now=now)


def run_due(now):
    for due in due_queries(now=now, most=10):
        run_timers(seller_id=due.seller_id, number=due.number, now=now)


# A later day ----------------------------------------------------------------------------------------------------------


def test_a_query_comes_back_on_its_day_in_the_marketplaces_calendar(anna, query):
    follow_up(query, anna, reason="The carrier looks")
    last_moment = datetime(2026, 3, 12, 23, 59, 59, tzinfo=AMSTERDAM)

    run_due(last_moment)
    assert stored(query).state == "follow_up_later"
    assert stored(query).due_at == last_moment + timedelta(seconds=1)
    run_due(last_moment + timedelta(seconds=1))

    assert (stored(query).state, stored(query).follow_up_on) == ("open", None)
    assert stored(query).aside_reason == "The carrier looks"
    assert kinds(query) == ["query.put-aside", "query.followed-up"]


@pytest.mark.parametrize("day", [None, NOW.date(), in_days(-1), in_days(400), date.max])
def test_a_query_is_followed_up_on_a_later_day_within_a_year_only(anna, query, day):
    rows = row_counts()
    with pytest.raises(Rejected, match="from tomorrow on"):
        put_aside(number=query.number, state="follow_up_later", follow_up_on=day, by=anna, now=NOW)
    assert (stored(query).state, row_counts()) == ("open", rows)


def test_today_is_the_marketplaces_and_not_utcs(anna, query):
    midnight = datetime(2026, 3, 11, 0, 30, tzinfo=AMSTERDAM)
    with pytest.raises(Rejected):
        put_aside(number=query.number, state="follow_up_later", follow_up_on=date(2026, 3, 11), by=anna, now=midnight)


def test_another_day_may_be_set_and_the_same_again_changes_nothing(anna, query):
    follow_up(query, anna, days=3)
    follow_up(query, anna, days=5)
    follow_up(query, anna, days=5, now=NOW)
    assert stored(query).follow_up_on == in_days(5)
    assert kinds(query) == ["query.put-aside", "query.put-aside"]


def test_a_message_wakes_a_query_and_remembers_its_day_until_it_is_answered(anna, query):
    follow_up(query, anna)
    receive(query)
    assert (stored(query).state, stored(query).follow_up_on) == ("open", None)
    assert stored(query).earlier_follow_up_on == in_days(3)
    receive(query, NOW + timedelta(hours=1))
    assert stored(query).earlier_follow_up_on == in_days(3)

    answer_query(number=query.number, message="Soon.", leave_open=True, by=anna, key="answer-1", now=NOW)

    assert stored(query).earlier_follow_up_on is None


# With Partnerservice --------------------------------------------------------------------------------------------------


def test_partnerservice_has_a_query_for_48_hours_also_when_summer_time_begins(anna, pia, query):
    friday = datetime(2026, 3, 27, 18, 0, tzinfo=AMSTERDAM)
    hand_over(query, pia, friday)
    back_at = datetime(2026, 3, 29, 17, 0, tzinfo=UTC)  # 19:00 in Amsterdam: the night had an hour less.
    assert stored(query).back_from_partnerservice_at == back_at

    run_due(back_at - timedelta(microseconds=1))
    assert stored(query).state == "with_partnerservice"
    run_due(back_at)

    assert (stored(query).state, stored(query).back_from_partnerservice_at) == ("open", None)
    assert kinds(query) == ["query.with-partnerservice", "query.returned"]


@pytest.mark.parametrize(
    "act",
    [
        lambda query, by, now: answer_query(
            number=query.number, message="Hello", leave_open=True, by=by, key="answer-1", now=now
        ),
        lambda query, by, now: close_query(number=query.number, by=by, now=now),
        lambda query, by, now: put_aside(number=query.number, state="waiting_for_customer", by=by, now=now),
        lambda query, by, now: write_off(
            query=query.number, selection=all_of(query), by=by, key="write-off-1", now=now
        ),
    ],
    ids=["answer", "close", "put aside", "write off"],
)
def test_after_48_hours_the_seller_goes_on_though_the_job_is_late(anna, query, act):
    hand_over(query, anna)
    with pytest.raises(QueryWithPartnerservice):
        act(query, anna, NOW + timedelta(hours=47))
    act(query, anna, NOW + timedelta(hours=48))


def test_a_handled_query_is_not_handed_over_and_a_reason_is_needed(anna, query):
    with pytest.raises(Rejected, match="why Partnerservice"):
        hand_to_partnerservice(seller_id=query.seller_id, number=query.number, reason=" ", by=anna, now=NOW)
    close_query(number=query.number, by=anna, now=NOW)
    with pytest.raises(QueryHandled):
        hand_over(query, anna)


# Too late for an answer -----------------------------------------------------------------------------------------------


def test_it_is_announced_once_for_each_message_that_the_answer_is_late(anna, query):
    receive(query)
    due_at = late_from(NOW, country="NL", zone=AMSTERDAM)
    assert stored(query).answer_due_at == due_at
    run_due(due_at - timedelta(seconds=1))
    assert "query.overdue" not in kinds(query)

    run_due(due_at)
    run_due(due_at + timedelta(days=1))
    assert kinds(query).count("query.overdue") == 1

    answer_query(number=query.number, message="Soon.", leave_open=True, by=anna, key="answer-1", now=due_at)
    assert (stored(query).answer_due_at, stored(query).overdue_announced_at) == (None, None)
    receive(query, due_at)
    run_due(due_at + timedelta(days=30))
    assert kinds(query).count("query.overdue") == 2


# A new query after the old --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "reopens"), [(7, True), (7.01, False)])
def test_a_message_long_after_a_query_was_handled_opens_a_new_one(anna, query, days, reopens):
    change_policy(values={"reopen_days": 7}, reason="Old threads hid new losses.", by="operator", now=NOW)
    assign_query(number=query.number, user_id=anna.user_id, by=anna, now=NOW)
    close_query(number=query.number, by=anna, now=NOW)

    entry = receive(query, NOW + timedelta(days=days))

    assert (stored(query).state == "open") == reopens == (entry.query_id == query.id)
    if not reopens:
        later = CustomerQuery.objects.get(seller_id=query.seller_id, id=entry.query_id)
        assert (later.earlier_query_id, later.order_id, later.subject) == (query.id, query.order_id, query.subject)
        assert (later.state, later.assignee_name, later.last_message_id) == ("open", "Anna", entry.id)
        assert later.unanswered_since == NOW + timedelta(days=days)
        assert later.number != query.number


# Who has it -----------------------------------------------------------------------------------------------------------


def test_a_query_is_assigned_to_a_colleague_and_to_nobody(anna, bram, query):
    assign_query(number=query.number, user_id=bram.user_id, by=anna, now=NOW)
    assign_query(number=query.number, user_id=bram.user_id, by=anna, now=NOW)
    assert (stored(query).assignee_user_id, stored(query).assignee_name) == (bram.user_id, "Bram")
    assign_query(number=query.number, user_id=None, by=anna, now=NOW)
    assert (stored(query).assignee_user_id, stored(query).assignee_name) == (None, "")
    assert kinds(query) == ["query.assigned", "query.assigned"]


def test_nobody_of_another_shop_and_no_viewer_gets_a_query(anna, vera, carla, query):
    for user_id in (vera.user_id, carla.user_id, 0):
        with pytest.raises(Rejected, match="an owner or an agent"):
            assign_query(number=query.number, user_id=user_id, by=anna, now=NOW)
    assert kinds(query) == []


# What the database keeps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"state": "handled"},
        {"state": "open", "handled_at": NOW},
        {"state": "lost"},
        {"state": ""},
        {"state": "follow_up_later"},
        {"follow_up_on": NOW.date()},
        {"state": "with_partnerservice"},
        {"back_from_partnerservice_at": NOW},
        {"closing_announced_at": NOW},
        {"unanswered_since": NOW},
        {"answer_due_at": NOW},
        {"unanswered_since": NOW, "answer_due_at": NOW},
        {"assignee_user_id": 7},
        {"assignee_name": "Anna"},
        {"at_stake_minor": -1},
    ],
    ids=str,
)
def test_the_database_keeps_no_state_without_its_evidence(query, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(**values)


# The state machine ----------------------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Any, Any, datetime, int], object]] = {
    "answer": lambda query, by, now, turn: answer_query(
        number=query.number,
        message="Hello",
        leave_open=turn % 2 == 0,
        by=by,
        key=f"answer-{query.number}-{turn}",
        now=now,
    ),
    "close": lambda query, by, now, turn: close_query(number=query.number, by=by, now=now),
    "reopen": lambda query, by, now, turn: reopen_query(number=query.number, by=by, now=now),
    "wait": lambda query, by, now, turn: put_aside(number=query.number, state="waiting_for_customer", by=by, now=now),
    "later": lambda query, by, now, turn: follow_up(query, by, days=1 + turn % 5, now=now),
    "hand over": lambda query, by, now, turn: hand_over(query, by, now),
    "receive": lambda query, by, now, turn: receive(query, now),
    "timers": lambda query, by, now, turn: run_due(now),
}


@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 90)), min_size=5, max_size=25),
    began=st.sampled_from(
        [
            datetime(2026, 3, 27, 12, tzinfo=UTC),  # Before summer time begins.
            datetime(2026, 10, 23, 12, tzinfo=UTC),  # Before it ends.
            datetime(2026, 12, 23, 12, tzinfo=UTC),  # Before Christmas.
        ]
    ),
)
def test_whatever_happens_a_query_moves_as_allowed_and_none_is_lost(anna, acts, began):
    query, now = silent_parcel(anna, now=began), began
    for turn, (name, hours) in enumerate(acts):
        before, now = stored(query), now + timedelta(hours=hours)
        try:
            ACTS[name](query, anna, now, turn)
        except Refused:
            assert before.state in ("handled", "with_partnerservice")
        after = stored(query)
        if before.state != after.state:
            passing = before.state == "with_partnerservice"  # It may come back and go on in one act.
            allowed = MOVES[State(before.state)] | (MOVES[State.OPEN] if passing else set())
            assert State(after.state) in allowed | {State.OPEN}
        assert (after.due_at == NEVER) or after.state != "handled"
        if name == "timers":
            assert not due_queries(now=now, most=10), "all that is due was done"
        if name == "receive" and before.state not in ("handled", "with_partnerservice"):
            assert (after.state, after.unanswered_since) == ("open", now)
    run_due(now + timedelta(days=400))
    assert stored(query).state in ("open", "waiting_for_customer", "handled"), "all else comes back by itself"

"""One action for several queries: previewed with its reasons, confirmed once, and done one by one."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.policy import change_policy
from lostpost.answering.put_template import put_template
from lostpost.answering.save_draft import save_draft
from lostpost.answering.templates import TemplateNotFound
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import KeyReused
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.states import NewerMessage
from lostpost.query_actions import run_action as running
from lostpost.query_actions.models import QueryActionLine, QueryActionRun
from lostpost.query_actions.preview_action import (
    AnswerChanged,
    QueryAction,
    QueryWish,
    TooManyQueries,
    preview_action,
)
from lostpost.query_actions.run_action import run_action, runs_left
from lostpost.query_actions.start_action import RUN_ACTION, start_action
from tests.cast import NOW, a_member, a_query, an_order, annas_shop, in_days, row_counts, silent_parcel

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)
ANSWER = QueryAction("answer", template="searching", leave_open=True)
CLOSE = QueryAction("close")
State = CustomerQuery.State


class Scene(NamedTuple):
    """Anna's shop with queries of customers who read Dutch, French and Polish; the last is handled."""

    anna: Actor
    bram: Actor
    dutch: CustomerQuery
    french: CustomerQuery
    polish: CustomerQuery
    handled: CustomerQuery

    @property
    def all(self) -> tuple[CustomerQuery, ...]:
        return self.dutch, self.french, self.polish, self.handled


@pytest.fixture(scope="module")
def written(written_once: Any) -> Scene:
    with written_once():
        anna = annas_shop()
        queries = [silent_parcel(anna, customer_language=language) for language in ("nl", "fr-BE", "pl", "nl")]
        close_query(number=queries[-1].number, by=anna, now=NOW)
        return Scene(anna, a_member(anna.seller, "Bram", "agent"), *queries)


@pytest.fixture
def scene(written: Scene) -> Scene:
    return deepcopy(written)


def wishes(*queries: Any) -> list[QueryWish]:
    return [QueryWish(getattr(query, "number", query)) for query in queries]


def shown(by: Actor, action: QueryAction, *queries: Any) -> list[QueryWish]:
    """Preview queries, and return the wishes that confirm what was shown."""
    lines = preview_action(action, wishes(*queries), by=by, now=NOW).ready
    return [QueryWish(line.wish.query, line.token) for line in lines]


def codes(by: Actor, action: QueryAction, wished: list[QueryWish]) -> list[str]:
    lines = preview_action(action, wished, by=by, now=NOW).lines
    return [line.refusal.code if line.refusal else "" for line in lines]


def start(by: Actor, action: QueryAction, wished: list[QueryWish], key: str = "one-wish-of-today") -> QueryActionRun:
    return start_action(action=action, wishes=wished, by=by, key=key, now=NOW)


def run(row: QueryActionRun) -> list[tuple[str, str]]:
    """Do a run; return the state and the refusal of each line."""
    run_action(seller_id=row.seller_id, run_id=row.id, clock=lambda: LATER)
    lines = QueryActionLine.objects.filter(seller_id=row.seller_id, run_id=row.id).order_by("position")
    return [(line.state, line.refusal_code) for line in lines]


def now_of(query: CustomerQuery) -> CustomerQuery:
    return CustomerQuery.objects.get(seller_id=query.seller_id, number=query.number)


def write_in(query: CustomerQuery) -> None:
    receive_message(seller_id=query.seller_id, number=query.number, message="Any news?", now=NOW)


def sent_in(query: CustomerQuery) -> list[str]:
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, kind="message.sent")
    return list(entries.order_by("at", "id").values_list("text", flat=True))[1:]  # Contact began with one.


# Preview ------------------------------------------------------------------------------------------------------------


def test_each_customer_gets_the_template_in_their_language_and_the_rest_a_reason(scene):
    before = row_counts()

    preview = preview_action(ANSWER, wishes(*scene.all, "4711"), by=scene.anna, now=NOW)

    texts = [line.text for line in preview.lines]
    assert texts[0].startswith(f"Dank je voor je bericht over bestelling {scene.dutch.order.number}.")
    assert texts[1].startswith(f"Merci pour votre message au sujet de la commande {scene.french.order.number}.")
    assert texts[2].startswith("Dank je")  # No template is Polish: the shop's own language.
    assert [line.refusal.code if line.refusal else "" for line in preview.lines] == [
        *("", "", "", "query-not-open", "not-found"),
    ]
    assert row_counts() == before


def test_a_preview_costs_the_same_for_one_query_and_for_three(scene, django_assert_num_queries):
    with django_assert_num_queries(7):
        preview_action(ANSWER, wishes(scene.dutch), by=scene.anna, now=NOW)
    with django_assert_num_queries(7):
        preview_action(ANSWER, wishes(scene.dutch, scene.french, scene.polish), by=scene.anna, now=NOW)


def test_what_cannot_be_filled_in_or_is_not_in_the_customers_language_is_left_out(scene):
    bare = a_query(an_order(scene.anna.seller, customer_language="nl"), scene.anna)  # Nothing was sent.
    put_template(template_id=None, name="Ours", language="nl", text="{carrier} zoekt.", by=scene.anna, now=NOW)
    action = QueryAction("answer", template="Ours", leave_open=True)

    preview = preview_action(action, wishes(scene.dutch, scene.french, bare), by=scene.anna, now=NOW)

    assert [str(line.refusal or line.text) for line in preview.lines] == [
        "DPD zoekt.",
        "This customer reads French; the template has no text in it.",
        "The template’s field {carrier} cannot be filled in here.",
    ]


def test_an_answer_that_somebody_has_begun_is_not_passed_over(scene):
    for by, query in ((scene.anna, scene.dutch), (scene.bram, scene.french)):
        save_draft(number=query.number, text="We", leave_open=None, by=by, key="the-key-of-it", now=NOW)

    own, others = preview_action(ANSWER, wishes(scene.dutch, scene.french), by=scene.anna, now=NOW).lines

    assert str(own.refusal).startswith("You have begun an answer in this customer query.")
    assert (others.refusal, others.answering) == (None, "Bram")


def test_a_failed_refund_holds_a_query_open(scene):
    CustomerQuery.objects.filter(id=scene.dutch.id).update(refunds_failed=1)
    closing = QueryAction("answer", template="searching", leave_open=False)

    for action, code in ((CLOSE, "cannot-close"), (closing, "cannot-close"), (ANSWER, "")):
        assert codes(scene.anna, action, wishes(scene.dutch)) == [code]


@pytest.mark.parametrize(
    ("action", "refusal", "sentence"),
    [
        (QueryAction("answer", leave_open=True), Rejected, "Choose the template"),
        (QueryAction("answer", template="searching"), Rejected, "Choose whether the customer queries stay open"),
        (
            QueryAction("answer", template="no such", leave_open=True),
            TemplateNotFound,
            "There is no template “no such”",
        ),
        (QueryAction("answer", message="{nothing}", leave_open=True), Rejected, "There is no field {nothing}."),
        (QueryAction("assign", user_id=4711), Rejected, "Choose an owner or an agent"),
        (QueryAction("follow_up_later"), Rejected, "Choose the day"),
        (QueryAction("follow_up_later", follow_up_on=in_days(0)), Rejected, "Choose the day"),
        (QueryAction("write_off"), Rejected, "Choose what is to be done"),
    ],
)
def test_an_action_that_is_not_whole_is_refused_as_such(scene, action, refusal, sentence):
    before = row_counts()
    with pytest.raises(refusal, match=sentence):
        start(scene.anna, action, wishes(scene.dutch))
    assert row_counts() == before


@pytest.mark.parametrize("wished", [[], ["1", "1"], [str(n) for n in range(201)]])
def test_no_line_one_twice_and_too_many_are_refused(scene, wished):
    with pytest.raises(Rejected):
        preview_action(CLOSE, wishes(*wished), by=scene.anna, now=NOW)


# Start and run ------------------------------------------------------------------------------------------------------


def test_an_answer_is_sent_to_each_and_recorded_line_by_line(scene):
    row = start(scene.anna, ANSWER, [*shown(scene.anna, ANSWER, *scene.all), *wishes(scene.handled)])
    (job,) = ProcrastinateJob.objects.filter(task_name=RUN_ACTION)
    assert job.args == {"seller": str(row.seller_id), "run": str(row.id)}
    assert not sent_in(scene.dutch)

    assert run(row) == [*[("done", "")] * 3, ("refused", "query-not-open")]

    assert sent_in(scene.dutch)[0].startswith("Dank je")
    assert sent_in(scene.french)[0].startswith("Merci")
    assert now_of(scene.dutch).state == State.OPEN
    assert QueryActionRun.objects.get().ended_at == LATER
    assert not QueryActionLine.objects.exclude(text="").exists()


def test_an_answer_may_close(scene):
    closing = QueryAction("answer", message="Order {order} is on its way.", leave_open=False)
    run(start(scene.anna, closing, shown(scene.anna, closing, scene.dutch, scene.french)))

    assert sent_in(scene.french) == [f"Order {scene.french.order.number} is on its way."]
    assert {now_of(scene.dutch).state, now_of(scene.french).state} == {State.HANDLED}


def test_queries_are_assigned_whatever_their_state_and_to_nobody_again(scene):
    action = QueryAction("assign", user_id=scene.bram.user_id)
    assert run(start(scene.anna, action, wishes(scene.dutch, scene.handled))) == [("done", "")] * 2
    assert {now_of(scene.dutch).assignee_name, now_of(scene.handled).assignee_name} == {"Bram"}

    run(start(scene.anna, QueryAction("assign"), wishes(scene.dutch), key="another-wish"))
    assert now_of(scene.dutch).assignee_user_id is None


def test_queries_are_put_aside_and_closed(scene):
    action = QueryAction("follow_up_later", follow_up_on=in_days(3), reason=" The depot  answers then ")
    run(start(scene.anna, action, shown(scene.anna, action, scene.dutch)))
    later = now_of(scene.dutch)
    assert (later.state, later.follow_up_on) == (State.FOLLOW_UP_LATER, in_days(3))
    assert later.aside_reason == "The depot answers then"

    run(start(scene.anna, CLOSE, shown(scene.anna, CLOSE, scene.dutch, scene.french), key="another-wish"))
    assert {now_of(scene.dutch).state, now_of(scene.french).state} == {State.HANDLED}


@pytest.mark.parametrize(
    "action", [ANSWER, CLOSE, QueryAction("follow_up_later", follow_up_on=in_days(3))], ids=lambda each: each.kind
)
def test_a_message_since_the_preview_leaves_its_line_out_before_and_after_the_start(scene, action):
    wished = shown(scene.anna, action, scene.dutch, scene.french, scene.polish)
    write_in(scene.dutch)
    row = start(scene.anna, action, wished)
    write_in(scene.french)

    assert run(row) == [("refused", NewerMessage.code)] * 2 + [("done", "")]
    assert (now_of(scene.dutch).state, sent_in(scene.dutch)) == (State.OPEN, [])
    assert (now_of(scene.french).state, sent_in(scene.french)) == (State.OPEN, [])


def test_a_template_that_was_changed_since_is_not_sent_unseen(scene):
    ours = put_template(template_id=None, name="Ours", language="nl", text="Een", by=scene.anna, now=NOW)
    action = QueryAction("answer", template="Ours", leave_open=True)
    wished = shown(scene.anna, action, scene.dutch)
    put_template(template_id=ours.id, name="Ours", language="nl", text="Twee", by=scene.anna, now=NOW)

    assert codes(scene.anna, action, wished) == [AnswerChanged.code]
    assert codes(scene.anna, action, [QueryWish(scene.dutch.number, "nonsense.1")]) == [AnswerChanged.code]
    with pytest.raises(Rejected, match="Nothing can be done"):
        start(scene.anna, action, wished)


def test_repeated_it_is_done_once_and_another_wish_needs_another_key(scene):
    wished = shown(scene.anna, ANSWER, scene.dutch)
    first = start(scene.anna, ANSWER, wished)
    run(first)
    assert start(scene.anna, ANSWER, wished) == first
    run(first)
    assert len(sent_in(scene.dutch)) == 1

    with pytest.raises(KeyReused):
        start(scene.anna, CLOSE, wished)


def test_a_job_that_died_before_it_settled_a_line_does_nothing_twice(scene, monkeypatch):
    row = start(scene.anna, CLOSE, shown(scene.anna, CLOSE, scene.dutch, scene.french))
    answer = start(scene.anna, ANSWER, shown(scene.anna, ANSWER, scene.polish, scene.french), key="another-wish")
    monkeypatch.setattr(running, "_settle", dies)
    for each in (row, answer):
        with pytest.raises(KeyboardInterrupt):
            run(each)
    monkeypatch.undo()
    assert runs_left(before=LATER) == [row, answer]
    before = TimelineEntry.objects.count()

    User.objects.filter(id=scene.anna.user_id).update(is_active=False)
    assert run(answer) == [("done", ""), ("refused", "read-only")]  # What was sent is sent, whoever may ask.
    User.objects.filter(id=scene.anna.user_id).update(is_active=True)
    assert run(row) == [("done", "")] * 2

    assert TimelineEntry.objects.count() == before + 1  # The French query is closed.
    assert len(sent_in(scene.polish)) == 1
    assert not runs_left(before=LATER)


def dies(*_line: Any, **_result: Any) -> Iterator[None]:
    raise KeyboardInterrupt


def test_who_left_the_shop_does_nothing_more(scene):
    row = start(scene.bram, CLOSE, wishes(scene.dutch))
    User.objects.filter(id=scene.bram.user_id).update(is_active=False)

    with translation.override("nl"):
        assert run(row) == [("refused", "read-only")]
    assert QueryActionLine.objects.get().refusal == "Bram may not act for this shop any more."  # As it was started.


def test_a_viewer_and_a_run_above_the_limit_leave_no_trace(scene):
    viewer = a_member(scene.anna.seller, "Vera", "viewer")
    change_policy(values={"query_action_lines_max": 1}, reason="the test", by="operator", now=NOW)
    before = row_counts()

    with pytest.raises(ReadOnly):
        start(viewer, CLOSE, wishes(scene.dutch))
    with pytest.raises(TooManyQueries, match="At most 1 customer query can be chosen"):
        start(scene.anna, CLOSE, wishes(scene.dutch, scene.french, scene.handled))
    assert row_counts() == before
    run(start(scene.anna, CLOSE, wishes(scene.dutch, scene.handled)))  # What is left out does not count.


def test_another_shops_queries_are_not_there(scene, carla):
    assert codes(carla, CLOSE, wishes(scene.dutch)) == ["not-found"]

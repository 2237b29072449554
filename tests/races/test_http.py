"""Concurrent requests to two servers: what is answered is recorded, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import Actor
from lostpost.accounts.make_client import create_client
from lostpost.audit.verify import verify
from lostpost.core.idempotency import IdempotencyKey
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.events.models import Event
from lostpost.ledger.models import Transfer
from lostpost.orders.models import Parcel
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from tests.cast import all_of, silent_parcel
from tests.kill import processes
from tests.races.servers import Answer, Program, Server, Wish, server
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
TIMES = 20
UNAVAILABLE = {"not-eligible", "quantity-unavailable"}


@pytest.fixture(scope="module")
def servers(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    folder = tmp_path_factory.mktemp("servers")
    with server(folder / "one.log") as one, server(folder / "two.log") as two:
        yield [one, two]


@pytest.fixture
def tool(anna: Actor, servers: list[Server]) -> Program:
    """A program of Anna's shop."""
    credentials = create_client(name="Tool", seller=anna.seller, read_only=False, by="Anna", now=timezone.now())
    return Program(servers[0].token(credentials))


@pytest.fixture(autouse=True)
def the_books_are_right(anna: Actor) -> Iterator[None]:
    """Assert after each race that the self-check has nothing to report, and the feed has no gap."""
    yield
    assert list(verify(anna.seller)) == []
    numbers = list(of_shop(Event, anna).order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def lost(anna: Actor, **values: Any) -> CustomerQuery:
    return silent_parcel(anna, now=timezone.now(), **values)


def wish(query: CustomerQuery, key: str, *, quantity: int = 0, **more: Any) -> Wish:
    lines = [{"parcel": it.parcel, "item": it.item, "quantity": quantity or it.quantity} for it in all_of(query)]
    return Wish("/write-offs", {"customer_query": query.number, "lines": lines, **more}, key)


def of_shop(model: Any, anna: Actor) -> Any:
    return model.objects.filter(seller_id=anna.seller_id)


def assert_recorded(anna: Actor, tool: Program, at: Server, answers: list[Answer]) -> None:
    """Assert that the records equal the answers: each once, and none without an answer."""
    answered = {it.json()["number"]: it.json() for it in answers}
    assert {row["number"]: row for row in tool.get(at, "/write-offs?size=200")["items"]} == answered
    amounts = {number: it["refund"]["amount_minor"] for number, it in answered.items()}
    assert {it.number: it.amount_minor for it in of_shop(Refund, anna)} == amounts
    for number, it in answered.items():
        assert sum(line["refund_minor"] for line in it["lines"]) + it["delivery_minor"] == amounts[number]
    once_each = Counter(list(answered))
    for kind in ("write-off.confirmed", "refund.requested"):
        for rows in (of_shop(Event, anna).filter(type=kind), of_shop(TimelineEntry, anna).filter(kind=kind)):
            assert Counter(rows.values_list("data__number", flat=True)) == once_each
    write_offs = of_shop(WriteOff, anna)
    mails = of_shop(Mail, anna).filter(kind="write-off.confirmed")
    assert Counter(mails.values_list("about_id", flat=True)) == Counter(write_offs.values_list("id", flat=True))
    jobs = ProcrastinateJob.objects.filter(task_name="mail.send").values_list("args__mail", flat=True)
    assert Counter(jobs) == Counter(str(it.id) for it in of_shop(Mail, anna))
    assert of_shop(IdempotencyKey, anna).filter(scope="write-off").count() == len(answered)


# The same again ----------------------------------------------------------------------------------------------------


def test_equal_requests_at_two_servers_are_one_write_off(anna: Actor, servers: list[Server], tool: Program) -> None:
    wanted = wish(lost(anna, quantity=3, paid_minor=75_00, delivery_costs_minor=4_95), "double-click")

    answers = tool.ask_at_once(servers, [wanted] * TIMES)

    # Each is answered with the one write-off, or with when to retry
    waiting = [it for it in answers if it.status != 201]
    assert {it.code for it in waiting} <= {"in-progress"}
    assert all(it.status == 409 and int(it.headers["retry-after"]) >= 1 for it in waiting)
    (content,) = {it.content for it in answers if it.status == 201}

    # And then all are answered the same
    again = [tool.ask_until_done(servers[n % 2], wanted) for n in range(TIMES)]
    assert {(it.status, it.content) for it in again} == {(201, content)}

    # There is one of everything
    assert_recorded(anna, tool, servers[0], again[:1])
    assert of_shop(WriteOffLine, anna).count() == 1
    corrections = of_shop(Transfer, anna).filter(kind__startswith="correction_")
    assert corrections.count() == 4  # Turnover, commission, its VAT, delivery.


def test_equal_requests_with_the_token_of_a_preview_are_one(anna: Actor, servers: list[Server], tool: Program) -> None:
    preview_wish = wish(lost(anna, quantity=3, paid_minor=75_00), "none-needed")
    preview = tool.ask(servers[0], Wish("/write-offs/preview", preview_wish.body, preview_wish.key)).json()
    wanted = Wish("/write-offs", {**preview_wish.body, "token": preview["token"]}, "double-click")

    answers = tool.ask_at_once(servers, [wanted] * TIMES)

    assert {it.code for it in answers if it.status != 201} <= {"in-progress"}
    done = [tool.ask_until_done(at, wanted) for at in servers]
    assert {it.content for it in [*answers, *done] if it.status == 201} == {done[0].content}
    result = done[0].json()
    assert {name: result[name] for name in ("lines", "delivery_minor")} == {
        name: preview[name] for name in ("lines", "delivery_minor")
    }
    assert result["refund"]["amount_minor"] == preview["refund_minor"]
    assert_recorded(anna, tool, servers[1], done[:1])


def test_equal_messages_at_two_servers_start_one_query(anna: Actor, servers: list[Server], tool: Program) -> None:
    order = lost(anna).order.number
    body = {"order_number": order, "subject": "Your parcel", "message": "We are looking.", "leave_open": True}
    wanted = Wish("/customer-queries", body, "contact-once")
    before = of_shop(CustomerQuery, anna).count()

    answers = tool.ask_at_once(servers, [wanted] * TIMES)

    assert {it.code for it in answers if it.status != 201} <= {"in-progress"}
    again = [tool.ask_until_done(servers[n % 2], wanted) for n in range(TIMES)]
    (content,) = {it.content for it in [*answers, *again] if it.status == 201}
    number = Answer(201, {}, content).json()["number"]
    query = of_shop(CustomerQuery, anna).get(number=number)
    assert of_shop(CustomerQuery, anna).count() == before + 1
    assert of_shop(Mail, anna).filter(query_id=query.id).count() == 1
    events = of_shop(Event, anna).filter(data__customer_query=number)
    assert Counter(events.values_list("type", flat=True)) == {"customer-query.opened": 1, "message.sent": 1}


# The same key for something else -----------------------------------------------------------------------------------


def test_one_key_for_many_requests_writes_one_off(anna: Actor, servers: list[Server], tool: Program) -> None:
    queries = [lost(anna) for _n in range(4)]
    wishes = [wish(queries[n % 4], "one-key-only") for n in range(TIMES)]

    answers = tool.ask_at_once(servers, wishes)
    again = [tool.ask_until_done(servers[n % 2], it) for n, it in enumerate(wishes)]

    # Whoever won, has it; the same wish is answered the same, any other is refused
    for at_once, later in zip(answers, again, strict=True):
        assert at_once.status in (201, 409, 422)
        if at_once.status == 409:
            assert at_once.code == "in-progress"
        else:
            assert (at_once.status, later.content) == (later.status, at_once.content)
    (content,) = {it.content for it in again if it.status == 201}
    winner = Answer(201, {}, content).json()["customer_query"]
    assert [it.status for it in again] == [201 if queries[n % 4].number == winner else 422 for n in range(TIMES)]
    assert {it.code for it in again if it.status == 422} == {"key-reused"}
    assert_recorded(anna, tool, servers[0], [it for it in again if it.status == 201][:1])


def test_one_key_for_many_messages_sends_one(anna: Actor, servers: list[Server], tool: Program) -> None:
    order = lost(anna).order.number
    before = of_shop(CustomerQuery, anna).count()
    body = {"order_number": order, "subject": "Your parcel", "leave_open": False}
    wishes = [Wish("/customer-queries", {**body, "message": f"Look {n}."}, "one-key-only") for n in range(TIMES)]

    tool.ask_at_once(servers, wishes)
    again = [tool.ask_until_done(servers[n % 2], it) for n, it in enumerate(wishes)]

    assert Counter(it.status for it in again) == {201: 1, 422: TIMES - 1}
    assert {it.code for it in again if it.status == 422} == {"key-reused"}
    assert of_shop(CustomerQuery, anna).count() == before + 1


# More than there is ------------------------------------------------------------------------------------------------


def test_one_unit_is_written_off_once(anna: Actor, servers: list[Server], tool: Program) -> None:
    query = lost(anna, delivery_costs_minor=4_95)
    wanted = wish(query, "").body

    answers = tool.ask_at_once(servers, [Wish("/write-offs", wanted, f"different-{n}") for n in range(TIMES)])

    assert Counter(it.status for it in answers) == {201: 1, 422: TIMES - 1}
    assert {it.code for it in answers if it.status == 422} <= UNAVAILABLE
    assert_recorded(anna, tool, servers[0], [it for it in answers if it.status == 201])


def test_five_units_are_written_off_to_the_cent(anna: Actor, servers: list[Server], tool: Program) -> None:
    query = lost(anna, quantity=5, paid_minor=100_03, commission_minor=12_01, delivery_costs_minor=4_95)
    wanted = wish(query, "", quantity=1).body

    answers = tool.ask_at_once(servers, [Wish("/write-offs", wanted, f"different-{n}") for n in range(TIMES)])

    done = [it for it in answers if it.status == 201]
    assert Counter(it.status for it in answers) == {201: 5, 422: TIMES - 5}
    assert {it.code for it in answers if it.status == 422} <= UNAVAILABLE
    assert sum(it.json()["refund"]["amount_minor"] for it in done) == 100_03 + 4_95
    assert sum(it.json()["lines"][0]["commission_minor"] for it in done) == 12_01
    assert {it.json()["number"] for it in done} == {f"{query.number}-{n}" for n in range(1, 6)}
    assert_recorded(anna, tool, servers[0], done)


def test_each_message_with_a_key_of_its_own_is_sent(anna: Actor, servers: list[Server], tool: Program) -> None:
    order = lost(anna).order.number
    body = {"order_number": order, "subject": "Your parcel", "message": "We are looking.", "leave_open": True}

    answers = tool.ask_at_once(servers, [Wish("/customer-queries", body, f"different-{n}") for n in range(TIMES)])

    assert {it.status for it in answers} == {201}
    numbers = {it.json()["number"] for it in answers}
    assert len(numbers) == TIMES
    assert of_shop(CustomerQuery, anna).filter(number__in=numbers).count() == TIMES


# A server that dies ------------------------------------------------------------------------------------------------


def test_a_key_is_released_when_its_server_is_killed(
    anna: Actor, servers: list[Server], tool: Program, tmp_path: Any
) -> None:
    # Given a confirmation that has claimed its key at a server, and waits for the parcel
    query = lost(anna)
    wanted = wish(query, "killed-in-between")
    with server(tmp_path / "killed.log") as dying, ThreadPoolExecutor(1) as thread, transaction.atomic():
        of_shop(Parcel, anna).select_for_update().get()
        pending = thread.submit(tool.ask, dying, wanted)
        processes.wait_for(processes.somebody_waits_for_a_lock, what="the confirmation waits", log=dying.log)
        held = tool.ask(servers[0], wanted)

        # When its server is killed
        processes.kill(dying.process)
        assert isinstance(pending.exception(WAIT_SECONDS), OSError | HTTPException)
    assert (held.status, held.code) == (409, "in-progress")

    # Then nothing was done, and the other server does it, once
    answers = [tool.ask_until_done(at, wanted) for at in servers]
    assert {(it.status, it.content) for it in answers} == {(201, answers[0].content)}
    assert_recorded(anna, tool, servers[0], answers[:1])


def test_another_server_finishes_the_requests_of_a_killed_one_once(
    anna: Actor, servers: list[Server], tool: Program, tmp_path: Any
) -> None:
    wishes = [wish(lost(anna, paid_minor=1000 + n), f"storm-key-{n:02}") for n in range(TIMES)]
    alive = servers[0]
    contents: dict[str, bytes] = {}

    def ask(at: Server, it: Wish) -> None:
        try:
            answer = tool.ask(at, it)
        except (OSError, HTTPException):
            return  # Whether it was done is unknown: it is retried.
        if answer.status == 201:
            assert contents.setdefault(it.key, answer.content) == answer.content
        else:
            assert (answer.status, answer.code) == (409, "in-progress")

    with server(tmp_path / "killed.log") as dying, ThreadPoolExecutor(6) as threads:
        futures = [threads.submit(ask, at, it) for it in wishes for at in (dying, alive)]
        processes.wait_for(lambda: len(contents) >= TIMES // 4, what="some are done", log=dying.log)
        processes.kill(dying.process)
        for each in futures:
            each.result(WAIT_SECONDS)

    answers = [tool.ask_until_done(alive, it) for it in wishes]

    assert {it.status for it in answers} == {201}
    final = {it.key: answer.content for it, answer in zip(wishes, answers, strict=True)}
    assert contents.items() <= final.items(), "an answer was given and then lost, or was another one"
    assert_recorded(anna, tool, alive, answers)

"""Commands on a customer query: start, answer, note, put aside, close, reopen; and who may not."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import ReadOnly
from lostpost.answering.answer_query import answer_query
from lostpost.answering.start_contact import start_contact
from lostpost.core.errors import NotFound, Refused, Rejected
from lostpost.core.idempotency import KeyReused
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.messages import MessageRefused
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.customer_queries.states import CannotClose
from lostpost.customer_queries.timeline import QueryHandled, QueryNotFound, QueryWithPartnerservice
from lostpost.orders.errors import OrderNotFound
from lostpost.refunds.settle_refund import mark_refund_failed
from lostpost.writeoffs.write_off import write_off
from tests.cast import KLAAS, NOW, a_query, all_of, an_item, an_order, in_days, mails_about, row_counts, silent_parcel

pytestmark = pytest.mark.django_db
State = CustomerQuery.State
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def query(anna) -> CustomerQuery:
    return a_query(an_order(anna.seller), anna)


def kinds(query: CustomerQuery) -> list[str]:
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id)
    return list(entries.order_by("at", "id").values_list("kind", flat=True))


def state_of(query: CustomerQuery) -> tuple[Any, ...]:
    stored = CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)
    return stored.state, stored.handled_at, stored.waits_since


def put_in(query: CustomerQuery, state: str) -> None:
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(
        state=state,
        handled_at=NOW if state == State.HANDLED else None,
        follow_up_on=in_days(9) if state == State.FOLLOW_UP_LATER else None,
        back_from_partnerservice_at=NOW + timedelta(days=9) if state == State.WITH_PARTNERSERVICE else None,
    )


# Start -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def start(anna):
    order = an_order(anna.seller, an_item("1"), an_item("2", title="Bulb"))
    return partial(
        start_contact,
        order_number=order.number,
        subject="Your parcel",
        message="We ask the carrier.",
        leave_open=True,
        by=anna,
        key="contact-0001",
        now=NOW,
    )


def test_sending_opens_a_query_and_promises_the_mail(anna, start):
    query = start(item="2")

    assert len(query.number) == 10
    assert query.number.isdigit()
    assert state_of(query) == ("open", None, NOW)
    assert query.order_item.title == "Bulb"
    assert kinds(query) == ["query.opened", "message.sent"]
    (mail,) = mails_about(query, "message")
    assert (mail.to, mail.language, mail.state) == (KLAAS, "en", "queued")
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="message.sent")
    assert (mail.about_id, entry.text, entry.by_name) == (entry.id, "We ask the carrier.", "Anna")
    assert ProcrastinateJob.objects.get(args__mail=str(mail.id)).task_name == "mail.send"


def test_the_other_choice_sends_and_closes(start):
    query = start(leave_open=False)

    assert state_of(query) == ("handled", NOW, NOW)
    assert kinds(query) == ["query.opened", "message.sent", "query.closed"]


def test_contact_started_twice_with_one_key_is_one_query(start):
    first = start()
    before = row_counts()

    assert start(now=LATER) == first
    assert row_counts() == before
    with pytest.raises(KeyReused):
        start(subject="Something else")
    assert row_counts() == before


def test_an_order_may_have_several_queries(start):
    numbers = {start(key=f"contact-{n:04}").number for n in range(5)}

    assert len(numbers) == 5


WRONG = {
    "no message": ({"message": "   "}, MessageRefused),
    "a message that is too long": ({"message": "x" * 10_001}, MessageRefused),
    "a message that cannot be kept": ({"message": "a\x00b"}, MessageRefused),
    "half a character": ({"message": "\ud83d"}, MessageRefused),
    "no subject": ({"subject": " \n "}, Rejected),
    "a subject that is too long": ({"subject": "x" * 201}, Rejected),
    "an order that does not exist": ({"order_number": "B-1"}, OrderNotFound),
    "an order that cannot exist": ({"order_number": "\x00"}, OrderNotFound),
    "an item that does not exist": ({"item": "9"}, Rejected),
    "an item that cannot exist": ({"item": "\x00"}, Rejected),
    "a key that is too short": ({"key": "short"}, Rejected),
    "a key that cannot be kept": ({"key": "12345678\x00"}, Rejected),
}


@pytest.mark.parametrize(("values", "kind"), WRONG.values(), ids=WRONG)
def test_a_wrong_start_leaves_no_row(start, values, kind):
    before = row_counts()

    with pytest.raises(kind) as refused:
        start(**values)

    assert row_counts() == before
    assert str(refused.value)


def test_the_subject_is_one_line(start):
    assert start(subject="Your\r\nBcc: all@example.com\tparcel").subject == "Your Bcc: all@example.com parcel"


def test_a_message_of_any_script_and_with_markup_is_stored_unchanged(anna, start):
    words = "Zażółć gęślą jaźń 🎁 <script>alert(1)</script>\n\n— Anna"

    start(message=f"  {words}\n")

    assert TimelineEntry.objects.get(seller_id=anna.seller_id, kind="message.sent").text == words


# Who and where -----------------------------------------------------------------------------------------------------

COMMANDS: dict[str, Any] = {
    "answer": partial(answer_query, message="We are looking.", leave_open=True, key="answer-0001", now=LATER),
    "note": partial(add_note, text="Called the carrier.", key="note-00001", now=LATER),
    "put aside": partial(put_aside, state="waiting_for_customer", now=LATER),
    "close": partial(close_query, now=LATER),
    "reopen": partial(reopen_query, now=LATER),
}
each_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


@each_command
def test_a_viewer_changes_nothing(vera, query, command):
    before = row_counts(), state_of(query)

    with pytest.raises(ReadOnly):
        command(number=query.number, by=vera)
    assert (row_counts(), state_of(query)) == before


def test_a_viewer_starts_no_contact(vera, start):
    with pytest.raises(ReadOnly):
        start(by=vera)


@each_command
def test_another_sellers_query_is_not_there(carla, query, command):
    before = row_counts(), state_of(query)

    with pytest.raises(QueryNotFound):
        command(number=query.number, by=carla)
    assert (row_counts(), state_of(query)) == before


def test_another_sellers_order_is_not_there(carla, start):
    with pytest.raises(NotFound):
        start(by=carla)


@each_command
@pytest.mark.parametrize("number", ["", "0000000000", "\x00", "x" * 200])
def test_a_query_that_does_not_exist_is_not_there(anna, command, number):
    with pytest.raises(QueryNotFound):
        command(number=number, by=anna)


# The states: what each command makes of each ------------------------------------------------------------------------

OPEN, HANDLED = {"open", "waiting_for_customer", "follow_up_later"}, {"handled"}
AFTER = {  # Command: for each state it may begin in, the state after it.
    "answer": {state: state for state in OPEN},
    "note": {state: state for state in (*OPEN, *HANDLED, "with_partnerservice")},
    "put aside": dict.fromkeys(OPEN, "waiting_for_customer"),
    "close": dict.fromkeys(OPEN | HANDLED, "handled"),
    "reopen": dict.fromkeys(OPEN | HANDLED, "open"),
}
MOVES = [(name, state) for name in AFTER for state in State.values]


@pytest.mark.parametrize(("name", "state"), MOVES, ids=[f"{name}-{state}" for name, state in MOVES])
def test_each_command_in_each_state(anna, query, name, state):
    put_in(query, state)
    rows, before = row_counts(), state_of(query)

    if state in AFTER[name]:
        COMMANDS[name](number=query.number, by=anna)
        assert state_of(query)[0] == AFTER[name][state]
        assert (state_of(query)[1] is not None) == (AFTER[name][state] == "handled")
    else:
        kind = QueryWithPartnerservice if state == "with_partnerservice" else QueryHandled
        with pytest.raises(kind):
            COMMANDS[name](number=query.number, by=anna)
        assert (row_counts(), state_of(query)) == (rows, before)


@pytest.mark.parametrize("name", ["put aside", "close", "reopen"])
def test_the_same_again_changes_nothing(anna, query, name):
    if name == "reopen":
        close_query(number=query.number, by=anna, now=NOW)
    COMMANDS[name](number=query.number, by=anna)
    before = row_counts(), state_of(query)

    COMMANDS[name](number=query.number, by=anna)

    assert (row_counts(), state_of(query)) == before


@pytest.mark.parametrize("state", ["open", "handled", "with_partnerservice", "", "nonsense"])
def test_a_query_is_put_aside_in_two_ways_only(anna, query, state):
    with pytest.raises(Rejected):
        put_aside(number=query.number, state=state, by=anna, now=NOW)


def test_every_change_of_state_is_on_the_timeline(anna, query):
    put_aside(number=query.number, state="waiting_for_customer", by=anna, now=NOW)
    put_aside(
        number=query.number, state="follow_up_later", by=anna, now=NOW, follow_up_on=(NOW + timedelta(days=3)).date()
    )
    reopen_query(number=query.number, by=anna, now=NOW)
    close_query(number=query.number, by=anna, now=NOW)
    reopen_query(number=query.number, by=anna, now=NOW)

    assert kinds(query)[2:] == [
        "query.put-aside",
        "query.put-aside",
        "query.reopened",
        "query.closed",
        "query.reopened",
    ]


# Answer ------------------------------------------------------------------------------------------------------------


def test_an_answer_sent_twice_goes_once(anna, query):
    answer = partial(answer_query, number=query.number, message="We are looking.", by=anna, key="answer-0001")
    answer(leave_open=False, now=NOW)
    before = row_counts()

    answer(leave_open=False, now=LATER)

    assert row_counts() == before
    assert len(mails_about(query, "message")) == 2
    with pytest.raises(KeyReused):
        answer(leave_open=True, now=LATER)


def test_the_same_words_may_be_sent_again_on_purpose(anna, query):
    for n in range(2):
        answer_query(
            number=query.number, message="Still looking.", leave_open=True, by=anna, key=f"answer-{n:04}", now=NOW
        )

    assert len(mails_about(query, "message")) == 3


def test_an_answer_that_closes_is_sent_and_closes(anna, query):
    answer_query(number=query.number, message="All is well.", leave_open=False, by=anna, key="answer-0001", now=LATER)

    assert kinds(query)[2:] == ["message.sent", "query.closed"]
    assert state_of(query) == ("handled", LATER, LATER)


@pytest.fixture
def failed_refund(anna, fien) -> CustomerQuery:
    query = silent_parcel(anna)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=NOW)
    mark_refund_failed(seller_id=anna.seller_id, number=recorded.number, problem="Account closed", by=fien, now=NOW)
    return query


def test_an_answer_that_would_close_while_a_refund_has_failed_is_not_sent(anna, failed_refund):
    before = row_counts()

    with pytest.raises(CannotClose):
        answer_query(
            number=failed_refund.number, message="Bye.", leave_open=False, by=anna, key="answer-0001", now=LATER
        )
    assert row_counts() == before

    # The same request with the other choice is another wish, and its key is still free.
    answer_query(number=failed_refund.number, message="Bye.", leave_open=True, by=anna, key="answer-0001", now=LATER)


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "\x00", "\ud83d"])
def test_an_empty_or_endless_answer_or_note_leaves_no_row(anna, query, text):
    before = row_counts()

    with pytest.raises(Refused):
        answer_query(number=query.number, message=text, leave_open=True, by=anna, key="answer-0001", now=NOW)
    with pytest.raises(Refused):
        add_note(number=query.number, text=text, by=anna, key="note-00001", now=NOW)
    assert row_counts() == before


def test_a_note_is_for_the_shop_alone(anna, query):
    mails = Mail.objects.filter(seller_id=anna.seller_id).count()

    add_note(number=query.number, text="Called DPD: they search.", by=anna, key="note-00001", now=LATER)

    assert kinds(query)[-1] == "note.added"
    assert Mail.objects.filter(seller_id=anna.seller_id).count() == mails


# The customer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("open", "open"),
        ("waiting_for_customer", "open"),
        ("follow_up_later", "open"),
        ("handled", "open"),
        ("with_partnerservice", "with_partnerservice"),
    ],
)
def test_a_customers_message_makes_it_the_sellers_turn(anna, query, state, after):
    put_in(query, state)

    receive_message(seller_id=anna.seller_id, number=query.number, message="It came after all!", now=LATER)

    assert state_of(query)[0] == after
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="message.received")
    assert (entry.text, entry.data, entry.by_user_id) == ("It came after all!", {"name": "Klaas de Vries"}, None)
    reopened = TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="query.reopened").exists()
    assert reopened == (state not in ("open", "with_partnerservice"))

"""The feed of a shop: each change is announced once, in order, without a gap."""

import random
import time
from datetime import timedelta

import pytest
from django.db import transaction

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.events.models import Event, EventCounter
from lostpost.events.reads import events_after
from lostpost.events.record import record_events
from lostpost.orders.models import Order, Parcel
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.writeoffs.selection import NotEligible
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_return, all_of, an_order, silent_parcel
from tests.races.together import Gate, together, while_held


def event_types(seller_id, after=0):
    return [event.type for event in events_after(seller_id, after, size=1000)]


def numbers(seller_id):
    return [event.sequence for event in events_after(seller_id, 0, size=1000)]


def newest(seller_id):
    return max(numbers(seller_id), default=0)


# Announced changes --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_ingested_changes_are_announced(anna):
    order = an_order(anna.seller)
    an_order(anna.seller, number=order.number)  # The same again.
    an_order(anna.seller, number=order.number, customer_name="Klaas Vaak")
    parcel = a_parcel(order)
    a_return(order, {(parcel.code, "1"): 1})

    assert event_types(anna.seller_id) == ["order.created", "order.updated", "parcel.created", "return.created"]
    first, _second, third, fourth = events_after(anna.seller_id, 0, size=10)
    assert first.data == {"order_number": order.number}
    assert third.data == {"order_number": order.number, "parcel": parcel.code}
    assert fourth.data == {"order_number": order.number, "return": "R-1", "status": "announced"}


@pytest.mark.django_db
def test_a_customer_query_is_announced_from_its_opening_to_its_end(anna):
    query = silent_parcel(anna)
    before = newest(anna.seller_id) - 2
    put_aside(
        number=query.number, state="follow_up_later", by=anna, now=NOW, follow_up_on=(NOW + timedelta(days=3)).date()
    )
    receive_message(seller_id=anna.seller_id, number=query.number, message="Secret words", now=NOW)
    answer_query(number=query.number, message="Soon.", leave_open=False, by=anna, key="answer-1", now=NOW)
    reopen_query(number=query.number, by=anna, now=NOW)
    add_note(number=query.number, text="Ours alone", by=anna, key="note-one", now=NOW)
    close_query(number=query.number, by=anna, now=NOW)

    assert event_types(anna.seller_id, before) == [
        "customer-query.opened",
        "message.sent",
        "customer-query.put-aside",
        "message.received",
        "customer-query.reopened",
        "message.sent",
        "customer-query.closed",
        "customer-query.reopened",
        "customer-query.closed",
    ]
    for event in events_after(anna.seller_id, before, size=100):
        assert event.data["customer_query"] == query.number
        assert event.data["order_number"] == query.order.number
        assert not {"Klaas", "Secret", "Ours"} & set(str(event.data).replace("'", " ").split())


@pytest.mark.django_db
def test_a_write_off_and_its_refund_are_announced(anna, fien):
    query = silent_parcel(anna)
    before = newest(anna.seller_id)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="for-events", now=NOW)
    for _again in range(2):
        mark_refund_failed(seller_id=anna.seller_id, number=recorded.number, problem="Account closed", by=fien, now=NOW)
    retry_refund(seller_id=anna.seller_id, number=recorded.number, by=fien, now=NOW)
    for _again in range(2):
        mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=NOW)

    events = events_after(anna.seller_id, before, size=100)
    assert [event.type for event in events] == [
        "write-off.confirmed",
        "refund.requested",
        "refund.failed",
        "refund.requested",
        "refund.confirmed",
    ]
    confirmed = events[0].data
    assert (confirmed["number"], confirmed["amount_minor"], confirmed["currency"]) == (recorded.number, 25_00, "EUR")
    assert [line["quantity"] for line in confirmed["lines"]] == [1]
    assert events[-1].data["reference"] == "BANK-1"
    assert Refund.objects.get(seller_id=anna.seller_id).state == "confirmed"


@pytest.mark.django_db
def test_partnerservice_requests_are_announced(anna, pia):
    query = silent_parcel(anna, status="delivered")
    before = newest(anna.seller_id)
    parcel = Parcel.objects.get(seller_id=anna.seller_id)
    case = {"parcel": parcel.code, "item": "1", "sentence": "She says nobody rang."}
    request = ask_partnerservice(query=query.number, by=anna, now=NOW, **case)
    answer_request(seller_id=anna.seller_id, request_id=request.id, answer="Ask again.", by=pia, now=NOW)

    assert event_types(anna.seller_id, before) == ["partnerservice.asked", "partnerservice.answered"]


# Numbers ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_shop_has_its_own_series(anna, carla):
    for member in (anna, carla, anna):
        record_events(member.seller_id, [("order.created", {}), ("parcel.created", {})], NOW)
    record_events(anna.seller_id, [], NOW)

    assert numbers(anna.seller_id) == [1, 2, 3, 4]
    assert numbers(carla.seller_id) == [1, 2]


@pytest.mark.django_db
def test_a_refusal_leaves_no_event(anna):
    query = silent_parcel(anna, quiet_days=1)
    before = numbers(anna.seller_id)
    with pytest.raises(NotEligible):
        write_off(query=query.number, selection=all_of(query), by=anna, key="too-early", now=NOW)
    assert numbers(anna.seller_id) == before


@pytest.mark.django_db(transaction=True)
def test_what_is_given_up_leaves_no_gap(anna):
    record_events(anna.seller_id, [("order.created", {})], NOW)
    with transaction.atomic():
        record_events(anna.seller_id, [("order.updated", {})] * 3, NOW)
        transaction.set_rollback(True)
    record_events(anna.seller_id, [("order.updated", {})], NOW)

    assert numbers(anna.seller_id) == [1, 2]
    assert EventCounter.objects.get(seller_id=anna.seller_id).last == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_leave_no_gap_and_commit_in_the_order_of_their_numbers(anna):
    committed = []

    def work(place):
        for turn in range(5):
            try:
                with transaction.atomic():
                    record_events(anna.seller_id, [("order.updated", {"n": place})] * (1 + turn % 2), NOW)
                    time.sleep(random.random() / 200)
                    if (place + turn) % 4 == 0:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue
            # The numbers right after a commit have no gap, whatever other transactions do.
            read = numbers(anna.seller_id)
            committed.append(read == list(range(1, len(read) + 1)))

    together(*[lambda place=place: work(place) for place in range(20)])

    assert numbers(anna.seller_id) == list(range(1, 1 + EventCounter.objects.get(seller_id=anna.seller_id).last))
    assert len(committed) == 75
    assert all(committed)


@pytest.mark.django_db(transaction=True)
def test_a_later_transaction_waits_and_its_events_follow(anna, monkeypatch):
    """The second gets its number only when the first has committed: nobody reads past an uncommitted event."""
    one, two = an_order(anna.seller), an_order(anna.seller)
    before, gate, read = newest(anna.seller_id), Gate(), []
    gate.after(monkeypatch, "lostpost.intake.announce", "record_events")

    def read_meanwhile():
        read.append(numbers(anna.seller_id)[before:])
        an_order(anna.seller, number=two.number, customer_name="Second")
        return numbers(anna.seller_id)[before:]

    _first, second, waited = while_held(
        gate, lambda: an_order(anna.seller, number=one.number, customer_name="First"), read_meanwhile
    )

    assert waited
    assert read == [[]]
    assert second.value == [before + 1, before + 2]
    order_numbers = [event.data["order_number"] for event in events_after(anna.seller_id, before, size=10)]
    assert order_numbers == [one.number, two.number]


@pytest.mark.django_db(transaction=True)
def test_commands_of_every_kind_at_once_end_and_leave_no_gap(anna, fien):
    """The counter is the last lock of each: a deadlock would fail here."""
    queries = [silent_parcel(anna) for _n in range(6)]
    selections = [all_of(query) for query in queries]
    paid = silent_parcel(anna)
    refund = write_off(query=paid.number, selection=all_of(paid), by=anna, key="paid-before", now=NOW)

    def confirm(n):
        write_off(query=queries[n].number, selection=selections[n], by=anna, key=f"at-once-{n}", now=NOW)
        answer_query(number=queries[n].number, message="Done.", leave_open=False, by=anna, key=f"said-{n}xx", now=NOW)

    def change(n):
        an_order(anna.seller, number=f"B-{n}")
        order = Order.objects.get(seller_id=anna.seller_id, id=queries[n].order_id)
        receive_message(seller_id=anna.seller_id, number=queries[n].number, message="And?", now=NOW)
        an_order(anna.seller, number=order.number, placed_days=32, now=NOW, customer_name=f"Klaas {n}")

    together(
        *[lambda n=n: confirm(n) for n in range(6)],
        *[lambda n=n: change(n) for n in range(6)],
        lambda: mark_refund_paid(seller_id=anna.seller_id, number=refund.number, reference="BANK-1", by=fien, now=NOW),
    )

    assert numbers(anna.seller_id) == list(range(1, newest(anna.seller_id) + 1))
    assert event_types(anna.seller_id).count("write-off.confirmed") == 7


@pytest.mark.django_db(transaction=True)
def test_the_first_two_of_a_new_shop_meet(db):
    shop = put_seller(seller=SellerData("new", "New"), now=NOW)
    together(*[lambda: record_events(shop.id, [("order.created", {})], NOW)] * 8)
    assert numbers(shop.id) == list(range(1, 9))
    assert Seller.objects.get(id=shop.id).code == "new"


@pytest.mark.django_db
def test_a_shop_reads_its_own_alone_page_by_page(anna, carla):
    record_events(anna.seller_id, [("order.created", {"n": n}) for n in range(7)], NOW)
    record_events(carla.seller_id, [("order.created", {})], NOW)

    pages = [[event.sequence for event in events_after(anna.seller_id, after, size=3)] for after in (0, 3, 6, 7)]

    assert pages == [[1, 2, 3], [4, 5, 6], [7], []]
    assert Event.objects.filter(seller_id=carla.seller_id).count() == 1

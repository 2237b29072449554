"""Refunds from requested to paid: allowed and refused transitions, and the evidence for each."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lostpost.audit.verify import verify
from lostpost.core.errors import Rejected
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.states import CannotClose
from lostpost.ledger.models import Transfer
from lostpost.refunds import transitions
from lostpost.refunds.gateway import ManualGateway, gateway_of_new_refunds
from lostpost.refunds.models import Refund, RefundBounce
from lostpost.refunds.settle_refund import (
    RefundNotFound,
    RefundSettled,
    mark_refund_failed,
    mark_refund_paid,
    retry_refund,
)
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, row_counts, silent_parcel

pytestmark = pytest.mark.django_db
State = Refund.State
LATER = NOW + timedelta(days=1)


@pytest.fixture
def refund(anna) -> Refund:
    query = silent_parcel(anna, paid_minor=25_00)
    write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=NOW)
    return Refund.objects.get(seller_id=anna.seller_id)


@pytest.fixture
def pay(anna, fien, refund):
    def ask(reference="BANK-2026-0001", now=LATER):
        return mark_refund_paid(seller_id=anna.seller_id, number=refund.number, reference=reference, by=fien, now=now)

    return ask


@pytest.fixture
def fail(anna, fien, refund):
    def ask(problem="The account is closed", now=LATER):
        return mark_refund_failed(seller_id=anna.seller_id, number=refund.number, problem=problem, by=fien, now=now)

    return ask


@pytest.fixture
def retry(anna, fien, refund):
    return lambda: retry_refund(seller_id=anna.seller_id, number=refund.number, by=fien, now=LATER)


def timeline_kinds(refund: Refund) -> list[str]:
    entries = TimelineEntry.objects.filter(
        seller_id=refund.seller_id, query_id=refund.query_id, kind__startswith="refund."
    )
    return list(entries.order_by("at", "id").values_list("kind", flat=True))


# The moves ---------------------------------------------------------------------------------------------------------


def test_a_paid_refund_has_reference_time_transfer_and_timeline_entry(anna, fien, refund, pay):
    pay()

    refund.refresh_from_db()
    assert (refund.state, refund.reference) == ("confirmed", "BANK-2026-0001")
    assert (refund.requested_at, refund.sent_at, refund.confirmed_at) == (NOW, LATER, LATER)
    booked = Transfer.objects.get(seller_id=anna.seller_id, kind="refund_paid")
    assert (booked.debit, booked.credit, booked.amount_minor, booked.currency) == ("customer", "provider", 25_00, "EUR")
    assert booked.source_id == refund.id
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="refund.confirmed")
    assert (entry.by_name, entry.data["reference"], entry.data["amount_minor"]) == ("Fien", "BANK-2026-0001", 25_00)
    assert list(verify(anna.seller)) == []


def test_a_failed_refund_is_retried_and_paid(anna, refund, pay, fail, retry):
    fail()
    refund.refresh_from_db()
    assert (refund.state, refund.problem, refund.failed_at) == ("failed", "The account is closed", LATER)
    retry()
    refund.refresh_from_db()
    assert (refund.state, refund.problem, refund.failed_at) == ("requested", "", None)
    pay()
    refund.refresh_from_db()
    assert (refund.state, refund.failed_at) == ("confirmed", None)

    assert timeline_kinds(refund) == ["refund.requested", "refund.failed", "refund.requested", "refund.confirmed"]
    assert Transfer.objects.filter(seller_id=anna.seller_id, kind="refund_paid").count() == 1
    assert list(verify(anna.seller)) == []


def test_moves_cover_every_state():
    assert set(Refund.MOVES) == set(State)
    for state, moves in Refund.MOVES.items():
        assert state not in moves
        assert moves <= set(State)
    assert Refund.MOVES[State.CONFIRMED] == {State.FAILED}, "only a bank sends back what the customer has"


def put_in(refund: Refund, state: Refund.State) -> None:
    """Put a refund into any state, as a connector of a payment provider may one day."""
    every: dict[Refund.State, dict[str, Any]] = {
        State.REQUESTED: {},
        State.SENT: {"sent_at": NOW},
        State.CONFIRMED: {"sent_at": NOW, "confirmed_at": NOW, "reference": "PROVIDER-1"},
        State.FAILED: {"failed_at": NOW, "problem": "No"},
    }
    evidence = every[state]
    Refund.objects.filter(seller_id=refund.seller_id, id=refund.id).update(state=state, **evidence)
    queries = CustomerQuery.objects.filter(seller_id=refund.seller_id, id=refund.query_id)
    queries.update(refunds_failed=int(state == State.FAILED))


MOVES = [
    (before, after) for before in State for after in (State.REQUESTED, State.CONFIRMED, State.FAILED) if before != after
]


@pytest.mark.parametrize(("before", "after"), MOVES, ids=[f"{before}-{after}" for before, after in MOVES])
def test_each_transition_is_allowed_or_refused_as_moves_say(refund, pay, fail, retry, before, after):
    put_in(refund, before)
    move = {State.REQUESTED: retry, State.CONFIRMED: pay, State.FAILED: fail}[after]

    by_hand = (before, after) != (State.CONFIRMED, State.FAILED)  # Only a provider can report that.
    if after in Refund.MOVES[before] and by_hand:
        assert move().state == after
    else:
        rows = row_counts()
        with pytest.raises(RefundSettled):
            move()
        assert row_counts() == rows
        refund.refresh_from_db()
        assert refund.state == before


# Constraints -------------------------------------------------------------------------------------------------------

WITHOUT_EVIDENCE = {
    "paid without a reference": {"state": "confirmed", "sent_at": NOW, "confirmed_at": NOW, "reference": ""},
    "paid without a time": {"state": "confirmed", "sent_at": NOW, "reference": "X"},
    "paid and never sent": {"state": "confirmed", "confirmed_at": NOW, "reference": "X"},
    "sent without a time": {"state": "sent"},
    "failed without a reason": {"state": "failed", "failed_at": NOW},
    "failed without a time": {"state": "failed", "problem": "No"},
    "asked for and paid": {"state": "requested", "confirmed_at": NOW},
    "asked for and failed": {"state": "requested", "failed_at": NOW},
    "paid and failed": {
        "state": "confirmed",
        "sent_at": NOW,
        "confirmed_at": NOW,
        "reference": "X",
        "failed_at": NOW,
        "problem": "No",
    },
    "no state": {"state": ""},
    "another state": {"state": "lost"},
    "a negative amount": {"amount_minor": -1},
}


@pytest.mark.parametrize("values", WITHOUT_EVIDENCE.values(), ids=WITHOUT_EVIDENCE)
def test_the_database_refuses_a_state_without_its_evidence(refund, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(seller_id=refund.seller_id, id=refund.id).update(**values)


# Again, and wrong --------------------------------------------------------------------------------------------------


def test_repeating_a_command_changes_nothing(refund, pay, fail, retry):
    for command in (fail, retry, pay):
        command()
        before = row_counts()
        command()
        assert row_counts() == before


def test_another_reference_for_a_paid_refund_is_refused(pay):
    pay("BANK-1")

    with pytest.raises(RefundSettled):
        pay("BANK-2")


@pytest.mark.parametrize("text", ["", "   ", "\n", "\x00", "x" * 501])
def test_reference_and_reason_are_required(refund, pay, fail, text):
    before = row_counts()

    for command in (pay, fail):
        with pytest.raises(Rejected):
            command(text)
    assert row_counts() == before
    refund.refresh_from_db()
    assert refund.state == "requested"


def test_another_sellers_refund_is_not_found(carla, fien, refund):
    of_carla: dict[str, Any] = {"seller_id": carla.seller_id, "number": refund.number, "by": fien, "now": NOW}

    for command in (
        partial(mark_refund_paid, reference="BANK"),
        partial(mark_refund_failed, problem="No"),
        retry_refund,
    ):
        with pytest.raises(RefundNotFound):
            command(**of_carla)


@pytest.mark.parametrize("number", ["", "0000000000-1", "\x00", "x" * 300])
def test_a_refund_that_does_not_exist_is_not_found(anna, fien, number):
    with pytest.raises(RefundNotFound):
        mark_refund_paid(seller_id=anna.seller_id, number=number, reference="BANK", by=fien, now=NOW)


def test_a_refund_of_zero_is_confirmed_from_the_start(anna, fien):
    query = silent_parcel(anna, paid_minor=0)
    result = write_off(query=query.number, selection=all_of(query), by=anna, key="it-was-free", now=NOW)

    with pytest.raises(RefundSettled):
        mark_refund_failed(seller_id=anna.seller_id, number=result.number, problem="No", by=fien, now=NOW)
    with pytest.raises(RefundSettled):
        mark_refund_paid(seller_id=anna.seller_id, number=result.number, reference="BANK", by=fien, now=NOW)
    assert list(verify(anna.seller)) == []


# The query ---------------------------------------------------------------------------------------------------------


def query_of(refund: Refund) -> CustomerQuery:
    return CustomerQuery.objects.get(seller_id=refund.seller_id, id=refund.query_id)


def test_a_failed_refund_reopens_a_handled_query(anna, refund, fail):
    close_query(number=query_of(refund).number, by=anna, now=NOW)

    fail()

    query = query_of(refund)
    assert (query.state, query.handled_at, query.waits_since) == ("open", None, LATER)
    kinds = TimelineEntry.objects.filter(seller_id=anna.seller_id, query_id=query.id).order_by("at", "id")
    assert list(kinds.values_list("kind", flat=True))[-2:] == ["refund.failed", "query.reopened"]


def test_a_failed_refund_leaves_an_open_query_as_it_is(refund, fail):
    fail()

    assert query_of(refund).state == "open"
    assert not TimelineEntry.objects.filter(seller_id=refund.seller_id, kind="query.reopened").exists()


def test_a_query_is_not_closed_while_a_refund_has_failed(anna, refund, pay, fail, retry):
    fail()
    number = query_of(refund).number
    before = row_counts()
    with pytest.raises(CannotClose):
        close_query(number=number, by=anna, now=LATER)
    assert row_counts() == before

    retry()
    close_query(number=number, by=anna, now=LATER)
    assert query_of(refund).state == "handled"


def test_a_paid_refund_leaves_a_handled_query_handled(anna, refund, pay):
    close_query(number=query_of(refund).number, by=anna, now=NOW)

    pay()

    assert query_of(refund).state == "handled"


# The gateway -------------------------------------------------------------------------------------------------------


def test_the_manual_gateway_defers_no_job(anna, refund):
    gateway = gateway_of_new_refunds()

    assert isinstance(gateway, ManualGateway)
    assert gateway.job(seller_id=anna.seller_id, refund_id=refund.id) is None
    assert refund.gateway == gateway.name == "manual"


def test_a_bounced_refund_that_is_paid_again_can_bounce_again(anna, refund, pay):
    """Both times within one attempt: a person pays what came back without asking for it to be tried again."""
    for bounce in (1, 2, 3):
        pay(reference=f"BANK-{bounce}")
        with transaction.atomic():
            transitions.fail_refund(
                transitions.lock_refund(seller_id=anna.seller_id, number=refund.number),
                problem="The account is closed",
                by=None,
                now=LATER,
            )

        came_back = RefundBounce.objects.filter(refund_id=refund.id).order_by("number")
        assert [it.reference for it in came_back] == [f"BANK-{n}" for n in range(1, bounce + 1)]
        assert list(verify(anna.seller)) == []

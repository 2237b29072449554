"""Requests to Partnerservice and their answers, which write nothing off."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from lostpost.accounts.actor import ReadOnly
from lostpost.audit.verify import verify
from lostpost.core.errors import Rejected
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.timeline import QueryHandled, QueryNotFound, QueryWithPartnerservice
from lostpost.eligibility.facts import facts_from_json
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import AlreadyAsked, NotForPartnerservice, ask_partnerservice
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import RequestAnswered, RequestNotFound
from lostpost.writeoffs.selection import NotEligible
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, all_of, an_order, row_counts, silent_parcel

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def asking(by, query, **more: Any):
    (units,) = all_of(query)
    words = {"parcel": units.parcel, "item": units.item, "sentence": "The carrier has given up.", "now": NOW, **more}
    return partial(ask_partnerservice, query=query.number, by=by, **words)


@pytest.fixture
def old(anna) -> CustomerQuery:
    """Return a query about a parcel whose order is older than a seller may decide on."""
    return silent_parcel(anna, quiet_days=70)


def test_a_request_stores_its_facts_and_reasons(anna, old):
    request = asking(anna, old, sentence="  The carrier\nhas given   up. ")()

    request.refresh_from_db()
    assert (request.state, request.sentence) == ("waiting", "The carrier has given up.")
    assert (request.reasons, request.policy_version) == (["order-too-old"], 0)
    assert (request.asked_at, request.asked_by_name, request.asked_by_user_id) == (NOW, "Anna", anna.user_id)
    facts = facts_from_json(request.facts)
    assert facts.parcel is not None
    assert facts.order_placed_at == NOW - timedelta(days=72)
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="partnerservice.asked")
    assert (entry.text, entry.data["reasons"], entry.data["request"]) == (
        "The carrier has given up.",
        ["order-too-old"],
        str(request.id),
    )


FOR_PARTNERSERVICE = {
    "older than 60 days": {"quiet_days": 70},
    "delivered, the customer says no": {"status": "delivered"},
    "delivered at the neighbours": {"status": "delivered_at_neighbours"},
}
NOT_FOR_PARTNERSERVICE = {
    "may be written off": {"quiet_days": 30},
    "only has to wait": {"quiet_days": 1},
    "comes back": {"status": "returning"},
    "waits at a point": {"quiet_days": 5, "status": "at_pickup_point"},
}


@pytest.mark.parametrize("order", FOR_PARTNERSERVICE.values(), ids=FOR_PARTNERSERVICE)
def test_units_for_partnerservice_may_be_requested(anna, order):
    assert asking(anna, silent_parcel(anna, **order))().state == "waiting"


@pytest.mark.parametrize("method", ["logistics_via_platform", "shipping_via_platform", "label_via_platform"])
def test_another_shipping_method_may_be_requested(anna, method):
    order = an_order(anna.seller, placed_days=20)
    a_parcel(order, shipped_days=19, shipping_method=method)

    assert asking(anna, a_query(order, anna))().reasons == [method.replace("_", "-")]


@pytest.mark.parametrize("order", NOT_FOR_PARTNERSERVICE.values(), ids=NOT_FOR_PARTNERSERVICE)
def test_units_not_for_partnerservice_are_refused(anna, order):
    query = silent_parcel(anna, **order)
    before = row_counts()

    with pytest.raises(NotForPartnerservice):
        asking(anna, query)()
    assert row_counts() == before


def test_written_off_units_are_refused(anna):
    query = silent_parcel(anna)
    ask = asking(anna, query)
    write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=NOW)

    with pytest.raises(NotForPartnerservice):
        ask()


@pytest.mark.parametrize("sentence", ["", " \n ", "x" * 1001, "\x00"])
def test_a_request_needs_a_valid_sentence(anna, old, sentence):
    before = row_counts()

    with pytest.raises(Rejected):
        asking(anna, old, sentence=sentence)()
    assert row_counts() == before


@pytest.mark.parametrize(
    "other", [{"parcel": "P-other"}, {"item": "9"}, {"parcel": "\x00"}, {"parcel": "", "item": ""}]
)
def test_an_item_that_is_not_in_the_order_is_refused(anna, old, other):
    before = row_counts()

    with pytest.raises(NotForPartnerservice):
        asking(anna, old, **other)()
    assert row_counts() == before


def test_a_viewer_and_another_seller_are_refused(vera, carla, anna, old):
    before = row_counts()

    with pytest.raises(ReadOnly):
        asking(vera, old)()
    with pytest.raises(QueryNotFound):
        asking(carla, old)()
    assert row_counts() == before


def test_a_query_that_is_not_open_is_refused(anna, old):
    close_query(number=old.number, by=anna, now=NOW)
    with pytest.raises(QueryHandled):
        asking(anna, old)()
    CustomerQuery.objects.filter(seller_id=anna.seller_id).update(
        state="with_partnerservice", handled_at=None, back_from_partnerservice_at=NOW + timedelta(days=2)
    )
    with pytest.raises(QueryWithPartnerservice):
        asking(anna, old)()


# The answer --------------------------------------------------------------------------------------------------------


@pytest.fixture
def request_(anna, old) -> PartnerserviceRequest:
    request: PartnerserviceRequest = asking(anna, old)()
    return request


@pytest.fixture
def answer(anna, pia, request_):
    return partial(
        answer_request,
        seller_id=anna.seller_id,
        request_id=request_.id,
        answer="We ask the carrier.",
        by=pia,
        now=LATER,
    )


def test_an_answer_is_on_the_request_and_on_the_timeline(anna, pia, request_, answer):
    answer()

    request_.refresh_from_db()
    assert (request_.state, request_.answer, request_.answered_at) == ("answered", "We ask the carrier.", LATER)
    assert (request_.answered_by_name, request_.answered_by_user_id) == ("Pia", pia.user_id)
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="partnerservice.answered")
    assert (entry.text, entry.by_name) == ("We ask the carrier.", "Pia")


def test_an_answer_books_nothing(anna, old, answer):
    before = row_counts(but=["lostpost_timelineentry", "lostpost_event", "lostpost_requeststep"])

    answer(answer="Written off for you!")

    assert row_counts(but=["lostpost_timelineentry", "lostpost_event", "lostpost_requeststep"]) == before
    with pytest.raises(NotEligible):
        write_off(query=old.number, selection=all_of(old), by=anna, key="still-not-me", now=NOW)
    assert list(verify(anna.seller)) == []


def test_the_same_answer_again_changes_nothing_and_another_is_refused(pia, fien, answer):
    answer()
    before = row_counts()

    answer()
    for other in ({"answer": "Something else"}, {"by": fien}):
        with pytest.raises(RequestAnswered):
            answer(**other)
    assert row_counts() == before


@pytest.mark.parametrize("text", ["", " ", "x" * 10_001, "\x00"])
def test_an_empty_answer_is_refused(answer, text):
    before = row_counts()

    with pytest.raises(Rejected):
        answer(answer=text)
    assert row_counts() == before


def test_an_unknown_request_is_not_found(carla, answer):
    for wrong in ({"request_id": uuid4()}, {"seller_id": carla.seller_id}):
        with pytest.raises(RequestNotFound):
            answer(**wrong)


def test_a_unit_has_one_waiting_request_and_another_once_it_is_answered(anna, old, answer):
    with pytest.raises(AlreadyAsked):
        asking(anna, old)()
    answer()

    assert asking(anna, old, now=LATER)().state == "waiting"


def test_another_query_cannot_request_the_same_unit(anna, old, request_):
    second = a_query(old.order, anna)

    with pytest.raises(AlreadyAsked):
        asking(anna, second)()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "answered"},
        {"state": "waiting", "answered_at": NOW},
        {"state": "answered", "answered_at": NOW, "outcome": "answered"},
        {"state": "answered", "answered_at": NOW, "answer": "We ask the carrier."},
        {"outcome": "approved"},
        {"kind": "found"},
        {"kind": "other"},
        {"facts": None},
        {"waiting_for": "seller"},
        {"assignee_user_id": 1},
    ],
)
def test_constraints_refuse_what_has_no_evidence(anna, request_, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerserviceRequest.objects.filter(seller_id=anna.seller_id, id=request_.id).update(**values)

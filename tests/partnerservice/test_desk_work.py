"""The desk takes requests, hands them over, asks back and takes them up again; the query's state follows."""

from datetime import timedelta

import pytest

from lostpost.accounts.actor import ReadOnly
from lostpost.core.errors import Rejected
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_about_query import ask_about_query
from lostpost.partnerservice.ask_partnerservice import AlreadyAsked, NotForPartnerservice
from lostpost.partnerservice.assign_request import RequestTaken, assign_request
from lostpost.partnerservice.inquire import NothingToReply, Party, inquire, reply_to_inquiry, resume_request
from lostpost.partnerservice.models import PartnerserviceRequest, RequestStep
from lostpost.partnerservice.reads import requests_to_resume
from lostpost.partnerservice.requests import RequestAnswered, RequestNotFound
from lostpost.refunds.settle_refund import mark_refund_failed
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_staff_member, all_of, mails_about, row_counts, silent_parcel
from tests.partnerservice.cases import a_request

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def puck(db):
    return a_staff_member("Puck", "partnerservice")


@pytest.fixture
def request_(anna) -> PartnerserviceRequest:
    return a_request(anna)


def named(request, **more):
    return {"seller_id": request.seller_id, "request_id": request.id, "now": NOW + HOUR, **more}


def query_of(request) -> CustomerQuery:
    return CustomerQuery.objects.get(seller_id=request.seller_id, id=request.query_id)


def steps(request):
    return list(RequestStep.objects.filter(request_id=request.id).order_by("at", "id").values_list("kind", flat=True))


# What is asked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "kind"),
    [({"quiet_days": 70}, "order-too-old"), ({"quiet_days": 20, "status": "delivered"}, "delivered")],
)
def test_a_request_has_its_kind_its_money_and_its_deadline(anna, order, kind):
    request = a_request(anna, **order)

    assert (request.kind, request.at_stake_minor, request.deadline_at) == (kind, 25_00, NOW + 48 * HOUR)


def test_what_was_written_off_may_be_found_and_a_refund_may_fail(anna, fien):
    query = silent_parcel(anna)
    ask = {"query": query.number, "sentence": "He has it after all.", "by": anna, "now": NOW}
    for kind in ("found", "refund-failed", "delivered", "nonsense"):
        with pytest.raises(NotForPartnerservice):
            ask_about_query(kind=kind, **ask)
    result = write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=NOW)

    found = ask_about_query(kind="found", **ask)
    assert (found.kind, found.parcel_unit_id, found.at_stake_minor) == ("found", None, 25_00)
    with pytest.raises(AlreadyAsked):
        ask_about_query(kind="found", **ask)
    mark_refund_failed(seller_id=anna.seller_id, number=result.number, problem="Closed", by=fien, now=NOW)
    assert ask_about_query(kind="refund-failed", **ask).at_stake_minor == 25_00


def test_a_viewer_asks_nothing(anna, vera):
    query = silent_parcel(anna)
    with pytest.raises(ReadOnly):
        ask_about_query(query=query.number, kind="found", sentence="Found.", by=vera, now=NOW)


# Who has it ---------------------------------------------------------------------------------------------------------


def test_it_is_taken_handed_over_and_put_back(pia, puck, request_):
    assign_request(**named(request_), to=pia, expected=None, by=pia)
    assign_request(**named(request_), to=puck, expected=pia.user_id, by=pia)
    request = assign_request(**named(request_), to=None, expected=puck.user_id, by=pia)

    assert (request.assignee_user_id, request.assignee_name) == (None, "")
    assert steps(request_) == ["asked", "taken", "handed-over", "put-back"]


def test_the_second_who_takes_it_is_refused(pia, puck, request_):
    assign_request(**named(request_), to=pia, expected=None, by=pia)
    before = row_counts()

    with pytest.raises(RequestTaken, match="Pia has this request now"):
        assign_request(**named(request_), to=puck, expected=None, by=puck)
    assign_request(**named(request_), to=pia, expected=None, by=pia)  # Again: nothing changes.
    assert row_counts() == before


def test_only_partnerservice_has_it(pia, fien, request_):
    with pytest.raises(Rejected):
        assign_request(**named(request_), to=fien, expected=None, by=pia)


# Asking back --------------------------------------------------------------------------------------------------------


def test_the_seller_is_asked_and_replies(anna, vera, pia, request_):
    hand_to_partnerservice(
        seller_id=anna.seller_id, number=query_of(request_).number, reason="They called.", by=pia, now=NOW
    )

    inquire(**named(request_, of=Party.SELLER), question="Who signed?", by=pia)

    request_.refresh_from_db()
    assert (request_.waiting_for, request_.deadline_at) == ("seller", NOW + 49 * HOUR)
    query = query_of(request_)
    assert (query.state, query.partnerservice_answered_at) == ("open", NOW + HOUR)
    assert TimelineEntry.objects.get(kind="partnerservice.inquired").text == "Who signed?"

    with pytest.raises(ReadOnly):
        reply_to_inquiry(request_id=request_.id, reply="Nobody.", by=vera, now=NOW)
    reply_to_inquiry(request_id=request_.id, reply="Nobody.", by=anna, now=NOW + 2 * HOUR)

    request_.refresh_from_db()
    assert (request_.waiting_for, request_.deadline_at) == ("", NOW + 50 * HOUR)
    assert query_of(request_).partnerservice_answered_at is None
    assert TimelineEntry.objects.get(kind="partnerservice.replied").text == "Nobody."
    with pytest.raises(NothingToReply):
        reply_to_inquiry(request_id=request_.id, reply="Nobody.", by=anna, now=NOW)


def test_another_seller_cannot_reply(anna, carla, pia, request_):
    inquire(**named(request_, of=Party.SELLER), question="Who signed?", by=pia)
    with pytest.raises(RequestNotFound):
        reply_to_inquiry(request_id=request_.id, reply="Me.", by=carla, now=NOW)


def test_the_customer_is_asked_by_mail_and_the_request_comes_back_once_they_wrote(anna, pia, request_):
    inquire(**named(request_, of=Party.CUSTOMER), question="Did the neighbours take it?", by=pia)

    query = query_of(request_)
    assert query.state == "waiting_for_customer"
    assert len(mails_about(query, "message")) == 2
    assert not requests_to_resume(now=NOW + 2 * HOUR, most=10)
    receive_message(seller_id=query.seller_id, number=query.number, message="No, they did not.", now=NOW + 3 * HOUR)

    (due,) = requests_to_resume(now=NOW + 3 * HOUR, most=10)
    for _again in range(2):
        resume_request(seller_id=due[0], request_id=due[1], now=NOW + 3 * HOUR)

    request_.refresh_from_db()
    assert request_.waiting_for == ""
    assert steps(request_) == ["asked", "inquired", "resumed"]


def test_it_comes_back_after_48_hours_without_a_reply(pia, request_):
    inquire(**named(request_, of=Party.SELLER), question="Who signed?", by=pia)
    for at, kinds in ((48, 2), (49, 3)):
        resume_request(seller_id=request_.seller_id, request_id=request_.id, now=NOW + at * HOUR)
        assert len(steps(request_)) == kinds
    assert requests_to_resume(now=NOW + 49 * HOUR, most=10) == []


def test_the_customer_of_a_handled_query_is_asked_too(anna, pia, request_):
    close_query(number=query_of(request_).number, by=anna, now=NOW)
    inquire(**named(request_, of=Party.CUSTOMER), question="Did it come?", by=pia)
    assert query_of(request_).state == "waiting_for_customer"


@pytest.mark.parametrize("question", ["", " ", "x" * 10_001])
@pytest.mark.parametrize("of", Party)
def test_a_question_needs_words(pia, request_, of, question):
    before = row_counts()
    with pytest.raises(Rejected):
        inquire(**named(request_, of=of), question=question, by=pia)
    assert row_counts() == before


def test_what_was_answered_is_neither_taken_nor_asked_about(pia, request_):
    answer_request(**named(request_), answer="No.", by=pia)
    before = row_counts()
    with pytest.raises(RequestAnswered):
        assign_request(**named(request_), to=pia, expected=None, by=pia)
    with pytest.raises(RequestAnswered):
        inquire(**named(request_, of=Party.SELLER), question="Who?", by=pia)
    assert row_counts() == before

"""Two agents decide what a seller may not, once, about what is there: proposed, confirmed, written off, and refused."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from lostpost.audit.verify import verify
from lostpost.core.errors import Rejected
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.events.models import Event
from lostpost.orders.models import ParcelUnit
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.decided_on import CannotBeOverridden
from lostpost.partnerservice.models import Override, PartnerserviceRequest, RequestStep
from lostpost.partnerservice.propose_override import OverrideProposed
from lostpost.partnerservice.reads import orders_of_ended_overrides
from lostpost.partnerservice.requests import RequestAnswered, RequestNotFound
from lostpost.partnerservice.settle_override import (
    WRITE_OFF_OVERRIDDEN,
    ChangedSinceProposal,
    OverrideNotFound,
    SecondAgentNeeded,
    reject_override,
)
from lostpost.partnerservice.write_off_overridden import write_off_overridden
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import NotEligible
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_return, a_scan, a_staff_member, all_of, refunds_of, row_counts, silent_parcel
from tests.partnerservice.cases import REASON, a_request, a_request_about, confirmed, proposed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def puck(db):
    return a_staff_member("Puck", "partnerservice")


@pytest.fixture
def request_(anna) -> PartnerserviceRequest:
    return a_request(anna)


def query_of(request: PartnerserviceRequest) -> CustomerQuery:
    return CustomerQuery.objects.get(seller_id=request.seller_id, id=request.query_id)


def written_off_by(member, request, *, now=NOW) -> WriteOff:
    query = query_of(request)
    return write_off(query=query.number, selection=all_of(query), by=member, key="the-write-off", now=now)


# Approved -----------------------------------------------------------------------------------------------------------


def test_a_proposal_changes_nothing_for_the_seller(anna, pia, request_):
    proposed(request_, pia)

    with pytest.raises(NotEligible):
        written_off_by(anna, request_)
    assert PartnerserviceRequest.objects.get(id=request_.id).state == "waiting"


def test_confirmed_by_another_agent_the_seller_may_write_it_off_once(anna, pia, puck, request_):
    override = confirmed(proposed(request_, pia), puck)

    result = written_off_by(anna, request_)

    line = WriteOffLine.objects.get(seller_id=anna.seller_id, write_off_id=result.id)
    stands_in_it = line.facts["override"]
    assert (stands_in_it["id"], stands_in_it["codes"], stands_in_it["reason"]) == (
        str(override.id),
        ["order-too-old"],
        REASON,
    )
    assert (stands_in_it["proposed_by"], stands_in_it["confirmed_by"]) == ("Pia", "Puck")
    assert ParcelUnit.objects.get(seller_id=anna.seller_id).override is None
    assert list(verify(anna.seller)) == []


def test_what_is_at_stake_is_assessed_again_when_an_override_begins_and_when_it_ends(anna, pia, puck, request_):
    def assessed_at():
        return query_of(request_).stakes_assessed_at

    CustomerQuery.objects.update(stakes_assessed_at=NOW)
    override = confirmed(proposed(request_, pia), puck)
    assert assessed_at() is None

    order_ids = [query_of(request_).order_id]
    ended = {anna.seller_id: order_ids}
    until = override.until
    assert orders_of_ended_overrides(after=until - DAY, until=until) == ended
    assert orders_of_ended_overrides(after=until, until=until + DAY) == {}


def test_the_request_its_log_the_timeline_and_the_feed_say_who_decided(anna, pia, puck, request_):
    override = confirmed(proposed(request_, pia), puck)

    request_.refresh_from_db()
    assert (request_.state, request_.outcome, request_.answer, request_.answered_by_name) == (
        "answered",
        "approved",
        REASON,
        "Puck",
    )
    steps = RequestStep.objects.filter(seller_id=anna.seller_id).order_by("at", "id")
    assert [(step.kind, step.by_name) for step in steps] == [
        ("asked", "Anna"),
        ("proposed", "Pia"),
        ("approved", "Puck"),
    ]
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="partnerservice.approved")
    assert entry.data["proposed_by"] == "Pia"
    assert entry.data["codes"] == ["order-too-old"]
    event = Event.objects.get(seller_id=anna.seller_id, type="partnerservice.approved")
    assert (event.data["quantity"], event.data["amount_minor"]) == (1, 25_00)
    assert query_of(request_).partnerservice_answered_at == NOW
    assert (override.quantity, override.refund_minor) == (1, 25_00)


def test_it_comes_back_to_the_seller_from_partnerservice(anna, pia, puck, request_):
    hand_to_partnerservice(
        seller_id=anna.seller_id, number=query_of(request_).number, reason="The customer called.", by=pia, now=NOW
    )

    confirmed(proposed(request_, pia), puck)

    assert query_of(request_).state == "open"


def test_it_is_over_after_its_last_day(anna, pia, puck, request_):
    confirmed(proposed(request_, pia, until_on=NOW.date() + DAY), puck)

    with pytest.raises(NotEligible):
        written_off_by(anna, request_, now=NOW + 2 * DAY)
    assert written_off_by(anna, request_, now=NOW + DAY).refund_minor == 25_00


def test_it_is_over_once_the_parcel_moves(anna, pia, puck, request_):
    confirmed(proposed(request_, pia), puck)
    a_scan(query_of(request_).order.parcels.get(), days=5, text="Found in the depot")

    with pytest.raises(NotEligible):
        written_off_by(anna, request_)


# Written off by the desk --------------------------------------------------------------------------------------------


def test_the_desk_writes_off_for_the_seller_exactly_once(anna, pia, puck, request_):
    override = confirmed(proposed(request_, pia, writes_off=True), puck)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'override' FROM procrastinate_jobs WHERE task_name = %s", [WRITE_OFF_OVERRIDDEN])
        assert cursor.fetchall() == [(str(override.id),)]

    first, second = (
        write_off_overridden(seller_id=anna.seller_id, override_id=override.id, now=NOW) for _again in range(2)
    )

    assert first == second
    assert WriteOff.objects.get(seller_id=anna.seller_id).by_name == "Puck"
    assert [refund.minor for refund in refunds_of(anna)] == [25_00]
    assert list(verify(anna.seller)) == []


def test_a_handled_query_is_opened_for_it(anna, pia, puck, request_):
    close_query(number=query_of(request_).number, by=anna, now=NOW)

    override = confirmed(proposed(request_, pia, writes_off=True), puck)

    assert write_off_overridden(seller_id=anna.seller_id, override_id=override.id, now=NOW)


def test_what_changed_before_the_desk_wrote_off_is_noted_once(anna, pia, puck, request_):
    override = confirmed(proposed(request_, pia, writes_off=True), puck)
    a_scan(query_of(request_).order.parcels.get(), days=5)

    for _again in range(2):
        assert write_off_overridden(seller_id=anna.seller_id, override_id=override.id, now=NOW) is None

    assert Override.objects.get(id=override.id).refused_code == "not-eligible"
    assert TimelineEntry.objects.filter(kind="partnerservice.not-written-off").count() == 1
    assert not WriteOff.objects.exists()


# Refused ------------------------------------------------------------------------------------------------------------


def test_whoever_proposed_it_cannot_confirm_it(pia, request_):
    override = proposed(request_, pia)
    before = row_counts()

    with pytest.raises(SecondAgentNeeded):
        confirmed(override, pia)
    assert row_counts() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.filter(seller_id=request_.seller_id, id=override.id).update(
            state="confirmed", settled_at=NOW, settled_by_user_id=pia.user_id
        )


def delivered_after_all(request: PartnerserviceRequest) -> None:
    a_scan(query_of(request).order.parcels.get(), days=1, status="delivered")


def returned(request: PartnerserviceRequest) -> None:
    order = query_of(request).order
    a_return(order, {(f"{order.number}-P1", "1"): 1})


def reason_rewritten(request: PartnerserviceRequest) -> None:
    Override.objects.filter(request_id=request.id).update(reason="Because I say so.")


def more_time(request: PartnerserviceRequest) -> None:
    Override.objects.filter(request_id=request.id).update(until=NOW + 300 * DAY)


def more_units(request: PartnerserviceRequest) -> None:
    Override.objects.filter(request_id=request.id).update(writes_off=True)


@pytest.mark.parametrize("change", [delivered_after_all, returned, reason_rewritten, more_time, more_units])
def test_what_is_not_as_it_was_proposed_is_not_confirmed(pia, puck, request_, change):
    override = proposed(request_, pia)
    change(request_)
    before = row_counts()

    with pytest.raises(ChangedSinceProposal):
        confirmed(override, puck)
    assert row_counts() == before


def test_a_proposal_whose_time_is_over_is_not_confirmed(pia, puck, request_):
    override = proposed(request_, pia, until_on=NOW.date() + DAY)

    with pytest.raises(ChangedSinceProposal):
        confirmed(override, puck, now=NOW + 3 * DAY)


def test_units_that_are_not_there_cannot_be_overridden(anna, pia, request_):
    order = query_of(request_).order
    a_return(order, {(f"{order.number}-P1", "1"): 1})

    with pytest.raises(CannotBeOverridden) as refused:
        proposed(request_, pia)
    assert refused.value.codes == ("returned",)


def test_nothing_is_lifted_where_nothing_stands_in_the_way(anna, pia, request_):
    ParcelUnit.objects.filter(seller_id=anna.seller_id).update(override=None)
    request = a_request(anna, quiet_days=20, status="delivered")
    a_scan(query_of(request).order.parcels.get(), days=5)

    with pytest.raises(CannotBeOverridden):
        proposed(request, pia)


@pytest.mark.parametrize(
    "wrong", [{"reason": " "}, {"reason": "x" * 1001}, {"until_on": NOW.date()}, {"until_on": NOW.date() + 61 * DAY}]
)
def test_a_proposal_needs_a_reason_and_a_day(pia, request_, wrong):
    before = row_counts()
    with pytest.raises(Rejected):
        proposed(request_, pia, **wrong)
    assert row_counts() == before


def test_one_proposal_waits_at_a_time(pia, puck, request_):
    override = proposed(request_, pia)
    with pytest.raises(OverrideProposed):
        proposed(request_, puck)

    where = {"seller_id": request_.seller_id, "request_id": request_.id, "override_id": override.id}
    reject_override(**where, reason="Ask the carrier first.", by=puck, now=NOW)

    assert RequestStep.objects.order_by("id").values_list("kind", flat=True).last() == "rejected"
    with pytest.raises(OverrideNotFound):
        confirmed(override, puck)
    assert proposed(request_, puck).state == "proposed"


def test_an_answer_rejects_what_was_proposed(pia, puck, request_):
    override = proposed(request_, pia)

    answer_request(seller_id=request_.seller_id, request_id=request_.id, answer="No.", declined=True, by=puck, now=NOW)

    request_.refresh_from_db()
    assert (request_.outcome, Override.objects.get(id=override.id).state) == ("declined", "rejected")
    with pytest.raises(RequestAnswered):
        confirmed(override, puck)
    assert TimelineEntry.objects.filter(kind="partnerservice.declined").count() == 1


def test_an_override_is_found_in_its_own_shop_and_request_alone(anna, carla, pia, puck, request_):
    override = proposed(request_, pia)
    other = a_request(carla)
    with pytest.raises(OverrideNotFound):
        confirmed(Override(seller_id=other.seller_id, request_id=other.id, id=override.id), puck)
    with pytest.raises(RequestNotFound):
        confirmed(Override(seller_id=carla.seller_id, request_id=request_.id, id=override.id), puck)
    with pytest.raises(OverrideNotFound):
        confirmed(Override(seller_id=anna.seller_id, request_id=request_.id, id=UUID(int=1)), puck)


def test_all_reasons_are_lifted_together(anna, pia, puck):
    query = silent_parcel(anna, quiet_days=70, status="delivered")
    request = a_request_about(query, anna)
    assert request.kind == "order-too-old"

    override = confirmed(proposed(request, pia), puck)

    assert override.codes == ["delivered", "order-too-old"]
    (unit,) = assess_order(query.order, now=NOW).units
    assert unit.eligible
    assert written_off_by(anna, request).refund_minor == 25_00

"""Agents of Partnerservice at one request at once, and a shop that writes off beyond its day's limit at once."""

from functools import partial
from typing import Any

import pytest

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.customer_queries.models import TimelineEntry
from lostpost.holds.limits import OnHold
from lostpost.holds.models import Hold, WriteOffDay
from lostpost.orders.models import ParcelUnit
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.assign_request import RequestTaken, assign_request
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.partnerservice.settle_override import ChangedSinceProposal, confirm_override, reject_override
from lostpost.partnerservice.write_off_overridden import write_off_overridden
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    NOW,
    a_parcel,
    a_query,
    a_scan,
    a_staff_member,
    all_of,
    an_item,
    an_order,
    refunds_of,
    silent_parcel,
)
from tests.partnerservice.cases import a_request, a_request_about, confirmed, proposed
from tests.races.together import done, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agents(db: None) -> list[Actor]:
    return [a_staff_member(name, "partnerservice") for name in ("Puck", "Pim", "Pien", "Paul")]


def settling(override: Override, by: Actor) -> dict[str, Any]:
    return {
        "seller_id": override.seller_id,
        "request_id": override.request_id,
        "override_id": override.id,
        "by": by,
        "now": NOW,
    }


def test_one_of_many_who_take_a_request_has_it(anna, agents):
    request = a_request(anna)
    named = {"seller_id": anna.seller_id, "request_id": request.id, "now": NOW}

    ran = together(*(partial(assign_request, to=agent, expected=None, by=agent, **named) for agent in agents))

    (taken,) = done(ran)
    assert all(isinstance(result.refusal, RequestTaken) for result in ran if not result.done)
    request.refresh_from_db()
    assert request.assignee_user_id == taken.assignee_user_id


def test_one_of_many_who_confirm_approves_it(anna, pia, agents):
    override = proposed(a_request(anna), pia)

    ran = together(*(partial(confirm_override, **settling(override, agent)) for agent in agents))

    (approved,) = done(ran)
    override.refresh_from_db()
    assert override.settled_by_user_id == approved.settled_by_user_id
    assert TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="partnerservice.approved").count() == 1


def test_the_same_money_is_granted_once_however_many_agents_grant_it(anna, pia, agents):
    """Two requests about parcels of one order; both proposals grant its delivery costs."""
    puck, pim, *_others = agents
    order = an_order(anna.seller, an_item(quantity=2, paid_minor=50_00), placed_days=20, delivery_costs_minor=5_00)
    for _place in range(2):
        a_scan(a_parcel(order, units={"1": 1}, shipped_days=19), days=18, status="delivered")
    query = a_query(order, anna)
    requests = [a_request_about(query, anna, units=units) for units in all_of(query)]
    overrides = [proposed(request, pia, lifts=False, grants_delivery=True) for request in requests]

    ran = together(
        *(partial(confirm_override, **settling(each, by)) for each, by in zip(overrides, (puck, pim), strict=True))
    )

    assert len(done(ran)) == 1
    assert all(isinstance(result.refusal, ChangedSinceProposal) for result in ran if not result.done)
    assert [refund.minor for refund in refunds_of(anna)] == [5_00]
    assert list(verify(anna.seller)) == []


def test_it_is_approved_rejected_or_declined_but_only_one_of_them(anna, pia, agents):
    puck, pim, pien, _paul = agents
    for _again in range(5):
        request = a_request(anna)
        override = proposed(request, pia)
        decline = {"seller_id": anna.seller_id, "request_id": request.id, "answer": "No.", "declined": True}

        approved, rejected, _declined = together(
            partial(confirm_override, **settling(override, puck)),
            partial(reject_override, reason="Not yet.", **settling(override, pim)),
            partial(answer_request, by=pien, now=NOW, **decline),
            jitter_seconds=0.01,
        )

        override.refresh_from_db()
        request.refresh_from_db()
        assert approved.done == (override.state == "confirmed") == (request.outcome == "approved")
        assert not (approved.done and rejected.done)
        lifted = ParcelUnit.objects.filter(seller_id=anna.seller_id, id=override.parcel_unit_id).exclude(override=None)
        assert lifted.exists() == approved.done


def test_a_scan_that_arrives_while_it_is_confirmed_ends_it_or_refuses_it(anna, pia, agents):
    for _again in range(5):
        request = a_request(anna)
        override = proposed(request, pia)
        query = request.query

        approved, _scanned = together(
            partial(confirm_override, **settling(override, agents[0])),
            partial(a_scan, query.order.parcels.get(), days=1, status="delivered"),
            jitter_seconds=0.01,
        )

        assert approved.done or approved.refusal
        assert write_off_overridden_refused(anna, query)


def write_off_overridden_refused(anna: Actor, query: Any) -> bool:
    """Whether the seller may not write it off now, whichever of the two came first."""
    (ran,) = together(
        partial(write_off, query=query.number, selection=all_of(query), by=anna, key=f"key-of-{query.number}", now=NOW)
    )
    return ran.refusal is not None and ran.refusal.code == "not-eligible"


def test_the_desk_writes_off_once_however_many_try(anna, pia, agents):
    override = confirmed(proposed(a_request(anna), pia, writes_off=True), agents[0])
    write = partial(write_off_overridden, seller_id=anna.seller_id, override_id=override.id, now=NOW)

    ran = together(*[write] * 8)

    assert len({result.id for result in done(ran)}) == 1
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() == 1
    assert list(verify(anna.seller)) == []


def test_a_limit_is_exact_whatever_is_written_off_at_once(anna):
    change_policy(values={"daily_write_off_count_max": 5}, reason="Careful", by="Olga", now=NOW)
    queries = [silent_parcel(anna) for _n in range(12)]

    ran = together(
        *(
            partial(
                write_off, query=query.number, selection=all_of(query), by=anna, key=f"key-of-{query.number}", now=NOW
            )
            for query in queries
        )
    )

    assert len(done(ran)) == 5
    assert all(isinstance(result.refusal, OnHold) for result in ran if not result.done)
    assert WriteOffDay.objects.get(seller_id=anna.seller_id).write_offs == 5
    assert Hold.objects.filter(seller_id=anna.seller_id).count() == 1
    assert PartnerserviceRequest.objects.count() == 0  # A job opens it.
    assert list(verify(anna.seller)) == []

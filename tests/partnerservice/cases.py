"""Requests to Partnerservice and the agents who decide them, for the tests of the desk."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.partnerservice.propose_override import propose_override
from lostpost.partnerservice.settle_override import confirm_override
from lostpost.writeoffs.selection import SelectedUnits
from tests.cast import NOW, all_of, silent_parcel

REASON = "The carrier has confirmed the loss in writing."


def a_request(member: Actor, *, now: datetime = NOW, **order: Any) -> PartnerserviceRequest:
    """Ask about a parcel whose order is too old for its seller, unless `order` says otherwise."""
    order.setdefault("quiet_days", 70)
    return a_request_about(silent_parcel(member, now=now, **order), member, now=now)


def a_request_about(
    query: CustomerQuery, member: Actor, *, units: SelectedUnits | None = None, now: datetime = NOW
) -> PartnerserviceRequest:
    if units is None:
        (units,) = all_of(query)
    return ask_partnerservice(
        query=query.number,
        parcel=units.parcel,
        item=units.item,
        sentence="The carrier has given up.",
        by=member,
        now=now,
    )


def proposed(request: PartnerserviceRequest, by: Actor, *, now: datetime = NOW, **values: Any) -> Override:
    """Propose to lift what stands in the way for two weeks."""
    return propose_override(
        seller_id=request.seller_id,
        request_id=request.id,
        by=by,
        now=now,
        **{"reason": REASON, "until_on": in_two_weeks(now), **values},
    )


def confirmed(override: Override, by: Actor, *, now: datetime = NOW) -> Override:
    return confirm_override(
        seller_id=override.seller_id, request_id=override.request_id, override_id=override.id, by=by, now=now
    )


def in_two_weeks(now: datetime = NOW) -> date:
    return now.date() + timedelta(days=14)

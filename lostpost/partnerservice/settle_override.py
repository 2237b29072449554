"""Confirm or reject what another agent has proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.compensations.grant_compensation import Granted, announce_compensation, book_compensation
from lostpost.compensations.models import Compensation
from lostpost.core.clock import rfc3339
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import UPKEEP
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.stakes import forget_stakes
from lostpost.customer_queries.states import mark_open
from lostpost.eligibility.facts import OverrideFact, override_as_json
from lostpost.orders.models import ParcelUnit
from lostpost.partnerservice.answer_request import Outcome, settle_request
from lostpost.partnerservice.decided_on import (
    CannotBeOverridden,
    Decision,
    MoneyNotThere,
    UnitsToDecide,
    units_to_decide,
)
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.partnerservice.requests import about, add_step, lock_request, require_text, require_waiting

WRITE_OFF_OVERRIDDEN = "overrides.write-off"  # The job's name.
State = Override.State


class OverrideNotFound(NotFound):
    """The request has no override that waits for a second agent."""


class SecondAgentNeeded(Rejected):
    """Whoever proposed an override cannot confirm it."""

    code = "second-agent-needed"


class ChangedSinceProposal(Conflict):
    """What the first agent decided on is not what is there now."""

    code = "changed-since-proposal"


@transaction.atomic(durable=True)
def confirm_override(*, seller_id: UUID, request_id: UUID, override_id: UUID, by: Actor, now: datetime) -> Override:
    """Let the units be written off this once, or grant the money, as proposed, and answer the request with the reason.

    The units, their money and every fact of them must be those of the proposal. Where the desk writes the units off
    itself, the job that does so commits with it; money that is granted is booked and its refund requested with it.

    Raises: RequestNotFound, OverrideNotFound, RequestAnswered, SecondAgentNeeded, ChangedSinceProposal.
    """
    request, query, override = _lock(seller_id, request_id, override_id)
    if override.state == State.CONFIRMED and override.settled_by_user_id == by.user_id:
        return override
    require_waiting(request)
    _require_proposed(override)
    if by.user_id == override.proposed_by_user_id:
        raise SecondAgentNeeded(_("You proposed this yourself. Another agent has to confirm it."))
    units = _as_proposed(override, query, now=now)
    _settle(override, State.CONFIRMED, by=by, now=now)
    compensation = _grant(override, query, units, by=by, now=now)
    if override.lifts:
        values = _values(override, units, by)
        ParcelUnit.objects.filter(seller_id=seller_id, id=override.parcel_unit_id).update(override=values)
    forget_stakes(seller_id, [query.order_id])
    if override.writes_off and query.state == CustomerQuery.State.HANDLED:
        mark_open(query, by=by, now=now)
    if override.writes_off:
        defer(write_off_job(override))
    settle_request(
        request,
        query,
        outcome=Outcome.APPROVED,
        answer=override.reason,
        by=by,
        now=now,
        codes=override.codes,
        quantity=override.quantity,
        until=rfc3339(override.until),
        writes_off=override.writes_off,
        lifts=override.lifts,
        proposed_by=override.proposed_by_name,
        amount_minor=override.refund_minor if override.lifts else 0,
        granted_minor=compensation.amount_minor if compensation else 0,
        currency=query.order.currency,
    )
    if compensation:
        announce_compensation(compensation, query, by=by, now=now, **about(request))
    return override


@transaction.atomic(durable=True)
def reject_override(
    *, seller_id: UUID, request_id: UUID, override_id: UUID, reason: str, by: Actor, now: datetime
) -> Override:
    """Reject what was proposed, or withdraw it; the request waits for another decision.

    Raises: RequestNotFound, OverrideNotFound, RequestAnswered, Rejected without a reason.
    """
    reason = require_text(reason, most=1000)
    request, _query, override = _lock(seller_id, request_id, override_id)
    require_waiting(request)
    _require_proposed(override)
    _settle(override, State.REJECTED, by=by, now=now)
    kind = "withdrawn" if by.user_id == override.proposed_by_user_id else "rejected"
    add_step(request, kind, by=by, now=now, text=reason)
    return override


def write_off_job(override: Override) -> Job:
    """Return the job that writes the units of a confirmed override off for the seller."""
    values = {"seller": str(override.seller_id), "override": str(override.id)}
    return Job(WRITE_OFF_OVERRIDDEN, UPKEEP, values, waits_once=f"override {override.id}")


def _lock(
    seller_id: UUID, request_id: UUID, override_id: UUID
) -> tuple[PartnerserviceRequest, CustomerQuery, Override]:
    request, query = lock_request(request_id, seller_id=seller_id)
    override = Override.objects.filter(seller_id=seller_id, request_id=request.id, id=override_id).first()
    if override is None:
        raise OverrideNotFound(_("There is no such proposal."))
    return request, query, override


def _require_proposed(override: Override) -> None:
    if override.state != State.PROPOSED:
        raise OverrideNotFound(_("This proposal was rejected or withdrawn before. Look at the request again."))


def _as_proposed(override: Override, query: CustomerQuery, *, now: datetime) -> UnitsToDecide:
    """Return the units if they are those that were proposed. Raises: ChangedSinceProposal."""
    changed = ChangedSinceProposal(
        _("Something changed since it was proposed: see what is shown now. Reject it, and propose it again.")
    )
    try:
        units = units_to_decide(query.order, override.parcel_unit_id, Decision.of(override), now=now)
    except (CannotBeOverridden, MoneyNotThere) as refusal:
        raise changed from refusal
    if units.fingerprint(Decision.of(override)) != override.decided_on or override.until <= now:
        raise changed
    return units


def _grant(
    override: Override, query: CustomerQuery, units: UnitsToDecide, *, by: Actor, now: datetime
) -> Compensation | None:
    if not (override.items_minor or override.delivery_minor):
        return None
    granted = Granted(
        request_id=override.request_id,
        items_minor=override.items_minor,
        delivery_minor=override.delivery_minor,
        reason=override.reason,
        proposed_by_user_id=override.proposed_by_user_id,
        proposed_by_name=override.proposed_by_name,
    )
    return book_compensation(query, units.assessment, units.unit, units.left, granted, by=by, now=now)


def _settle(override: Override, state: Override.State, *, by: Actor, now: datetime) -> None:
    override.state, override.settled_at = state, now
    override.settled_by_user_id, override.settled_by_name = by.user_id, by.name
    Override.objects.filter(seller_id=override.seller_id, id=override.id).update(
        state=state, settled_at=now, settled_by_user_id=by.user_id, settled_by_name=by.name
    )


def _values(override: Override, units: UnitsToDecide, by: Actor) -> dict[str, Any]:
    """Return what stands on the units: the override, and what it was decided on (`orders.reads` compares that)."""
    unit = units.unit
    assert unit.facts.parcel
    fact = OverrideFact(
        id=str(override.id),
        codes=frozenset(override.codes),
        quantity=override.quantity,
        until=override.until,
        reason=override.reason,
        proposed_by=override.proposed_by_name,
        confirmed_by=by.name,
    )
    return {
        **override_as_json(fact),
        "ordered": unit.item.quantity,
        "paid_minor": unit.item.paid_minor,
        "updated_at": rfc3339(unit.facts.parcel.updated_at),
    }

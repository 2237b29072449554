"""Propose what is granted for the units of a request: a write-off, or money alone; another agent confirms it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import current_policy
from lostpost.compensations.money_left import delivery_left
from lostpost.core.errors import Conflict, Rejected
from lostpost.customer_queries.states import begins_at
from lostpost.partnerservice.decided_on import CannotBeOverridden, Decision, MoneyNotThere, units_to_decide
from lostpost.partnerservice.models import Override
from lostpost.partnerservice.requests import add_step, change_request, lock_request, require_text, require_waiting

DAYS_MAX = 60
LONGEST_REASON = 1000


class OverrideProposed(Conflict):
    """An override of these units waits for a second agent."""

    code = "override-proposed"


@transaction.atomic(durable=True)
def propose_override(
    *,
    seller_id: UUID,
    request_id: UUID,
    reason: str,
    until_on: date,
    writes_off: bool = False,
    lifts: bool = True,
    items_minor: int = 0,
    grants_delivery: bool = False,
    by: Actor,
    now: datetime,
) -> Override:
    """Propose that the units of a request become eligible for their order, once, until the end of a day.

    All refusals of this moment are lifted together. Nothing changes for the seller before another agent confirms it.
    The customer may be granted the delivery costs with it; or money alone: those, a part of what was paid, or both.

    Args: `until_on`: the last day, in the marketplace's calendar. `grants_delivery`: what is left of the delivery
    costs. `writes_off`, `lifts`, `items_minor`: see `Decision`.
    Raises: RequestNotFound, RequestAnswered, OverrideProposed, CannotBeOverridden, MoneyNotThere, Rejected without a
    reason, for a day out of range, or where nothing is granted.
    """
    reason = " ".join(require_text(reason, most=LONGEST_REASON).split())
    policy = current_policy()
    today = now.astimezone(policy.zone).date()
    if not today < until_on <= today + timedelta(days=DAYS_MAX):
        raise Rejected(_("Choose a last day from tomorrow on, within %(most)d days.") % {"most": DAYS_MAX})
    request, query = lock_request(request_id, seller_id=seller_id)
    require_waiting(request)
    if request.parcel_unit_id is None:
        raise CannotBeOverridden(_("This request is about no units, so there is nothing to lift."))
    proposed = Override.objects.filter(seller_id=seller_id, request_id=request.id, state=Override.State.PROPOSED)
    if earlier := proposed.first():
        raise OverrideProposed(
            _("%(name)s has proposed to approve it already. Confirm or reject that.")
            % {"name": earlier.proposed_by_name}
        )
    decision = Decision(
        reason=reason,
        until=begins_at(until_on + timedelta(days=1), policy),
        writes_off=writes_off,
        lifts=lifts,
        items_minor=items_minor,
        delivery_minor=delivery_left(query.order) if grants_delivery else 0,
    )
    _require_complete(decision, grants_delivery=grants_delivery)
    units = units_to_decide(query.order, request.parcel_unit_id, decision, now=now)
    override = Override(
        seller_id=seller_id,
        request_id=request.id,
        parcel_unit_id=request.parcel_unit_id,
        codes=sorted(units.codes) if lifts else [],
        quantity=units.unit.available,
        refund_minor=units.refund_minor,
        decided_on=units.fingerprint(decision),
        **asdict(decision),
        proposed_at=now,
        proposed_by_user_id=by.user_id,
        proposed_by_name=by.name,
    )
    override.save(force_insert=True)
    at_stake_minor = decision.granted_minor + (units.refund_minor if lifts else 0)
    change_request(request, at_stake_minor=at_stake_minor)
    what = {"writes_off": writes_off, "lifts": lifts, "granted_minor": decision.granted_minor}
    add_step(request, "proposed", by=by, now=now, text=reason, until=until_on.isoformat(), **what)
    return override


def _require_complete(decision: Decision, *, grants_delivery: bool) -> None:
    """Refuse a decision that grants nothing, or two things that exclude each other. Raises: MoneyNotThere, Rejected."""
    if grants_delivery and not decision.delivery_minor:
        raise MoneyNotThere(_("No delivery costs are left to be granted: none were paid, or they went back before."))
    if decision.lifts and decision.items_minor:
        raise Rejected(
            _("What is written off is paid back as a whole. Grant a part only where nothing is written off.")
        )
    if decision.writes_off and not decision.lifts:
        raise Rejected(_("Choose one: the units are written off, or the customer gets money alone."))
    if not decision.lifts and not decision.granted_minor:
        raise Rejected(_("Say what the customer gets: a part of the amount, the delivery costs, or both."))

"""Propose to lift what the policy refuses for the units of a request; another agent confirms it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Conflict, Rejected
from lostpost.customer_queries.states import begins_at
from lostpost.partnerservice.decided_on import CannotBeOverridden, units_to_decide
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
    by: Actor,
    now: datetime,
) -> Override:
    """Propose that the units of a request become eligible for their order, once, until the end of a day.

    All refusals of this moment are lifted together. Nothing changes for the seller before another agent confirms it.

    Args: `until_on`: the last day, in the marketplace's calendar. `writes_off`: with the confirmation the desk writes
    the units off for the seller.
    Raises: RequestNotFound, RequestAnswered, OverrideProposed, CannotBeOverridden, Rejected without a reason or for a
    day out of range.
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
    units = units_to_decide(query.order, request.parcel_unit_id, now=now)
    until = begins_at(until_on + timedelta(days=1), policy)
    override = Override(
        seller_id=seller_id,
        request_id=request.id,
        parcel_unit_id=request.parcel_unit_id,
        codes=sorted(units.codes),
        quantity=units.unit.available,
        refund_minor=units.refund_minor,
        reason=reason,
        until=until,
        writes_off=writes_off,
        decided_on=units.fingerprint(reason=reason, until=until, writes_off=writes_off),
        proposed_at=now,
        proposed_by_user_id=by.user_id,
        proposed_by_name=by.name,
    )
    override.save(force_insert=True)
    change_request(request, at_stake_minor=units.refund_minor)
    add_step(request, "proposed", by=by, now=now, text=reason, until=until_on.isoformat(), writes_off=writes_off)
    return override

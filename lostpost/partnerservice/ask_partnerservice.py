"""Ask Partnerservice about units that the seller may not write off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.text import trimmed
from lostpost.customer_queries.states import require_open
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.eligibility.facts import facts_as_json
from lostpost.orders.reads import AssessedUnit
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import DECIDE_WITHIN, add_step
from lostpost.writeoffs.assess_order import assess_order


class NotForPartnerservice(Rejected):
    """Partnerservice does not decide about these units."""

    code = "not-for-partnerservice"


class AlreadyAsked(Conflict):
    """A request about these units waits for its answer."""

    code = "already-asked"


@transaction.atomic(durable=True)
def ask_partnerservice(
    *, query: str, parcel: str, item: str, sentence: str, by: Actor, now: datetime
) -> PartnerserviceRequest:
    """Send a request to Partnerservice, with the facts and refusals of this moment, and note it on the timeline.

    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NotForPartnerservice, AlreadyAsked, Rejected
    without a sentence.
    """
    require_writer(by, Section.QUERIES)
    sentence = require_sentence(sentence)
    customer_query = lock_query(query, seller_id=by.seller_id)
    require_open(customer_query, now=now)
    assessment = assess_order(customer_query.order, now=now)
    unit, unit_id = _require_for_partnerservice(assessment.units, parcel, item)
    waiting = PartnerserviceRequest.objects.filter(
        seller_id=by.seller_id, parcel_unit_id=unit_id, state=PartnerserviceRequest.State.WAITING
    )
    if waiting.exists():
        raise AlreadyAsked(_("Partnerservice has a request about this item already. Wait for its answer."))
    reasons = [refusal.code for refusal in unit.assessment.refusals]
    request = PartnerserviceRequest(
        seller_id=by.seller_id,
        query_id=customer_query.id,
        kind=kind_of(reasons),
        parcel_unit_id=unit_id,
        reasons=reasons,
        facts=facts_as_json(unit.facts),
        policy_version=assessment.policy.version,
        sentence=sentence,
        at_stake_minor=assessment.worth_of(unit, unit.available).refund_minor,
        deadline_at=now + DECIDE_WITHIN,
        asked_at=now,
        asked_by_user_id=by.user_id,
        asked_by_name=by.name,
    )
    request.save(force_insert=True)
    add_step(request, "asked", by=by, now=now, text=sentence)
    add_entry(
        customer_query,
        "partnerservice.asked",
        now=now,
        by=by,
        text=sentence,
        request=str(request.id),
        about=request.kind,
        parcel=parcel,
        item=item,
        title=unit.item.title,
        reasons=reasons,
    )
    return request


def require_sentence(sentence: str) -> str:
    """Return a seller's sentence in one line. Raises: Rejected for none or too long a one."""
    sentence = " ".join(trimmed(sentence).split())
    if not 1 <= len(sentence) <= 1000:
        raise Rejected(_("Say in one sentence of up to 1,000 characters what Partnerservice should decide."))
    return sentence


def kind_of(reasons: Sequence[str]) -> PartnerserviceRequest.Kind:
    """Return under which kind the desk decides about units that were refused for these reasons."""
    kinds = PartnerserviceRequest.Kind
    if any(reason.endswith("-via-platform") for reason in reasons):
        return kinds.OTHER_METHOD
    return kinds.ORDER_TOO_OLD if "order-too-old" in reasons else kinds.DELIVERED


def _require_for_partnerservice(units: Sequence[AssessedUnit], parcel: str, item: str) -> tuple[AssessedUnit, UUID]:
    for unit in units:
        if unit.parcel == parcel and unit.item.item == item:
            if unit.id and any(refusal.partnerservice for refusal in unit.assessment.refusals):
                return unit, unit.id
            raise NotForPartnerservice(
                _("Partnerservice does not decide about this item; see the write-off screen for what to do.")
            )
    raise NotForPartnerservice(
        _("This order has no item “%(item)s” in a parcel “%(parcel)s”. Go back and pick from the list.")
        % {"item": item, "parcel": parcel}
    )

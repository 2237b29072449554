"""Ask Partnerservice about a query as a whole: a parcel that was found after all, a refund that failed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.policy import current_policy
from lostpost.accounts.sections import Section
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import require_open
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.partnerservice.ask_partnerservice import AlreadyAsked, NotForPartnerservice, require_sentence
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import DECIDE_WITHIN, about, add_step
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff

Kind = PartnerserviceRequest.Kind
KINDS = (Kind.FOUND, Kind.REFUND_FAILED)


@transaction.atomic(durable=True)
def ask_about_query(*, query: str, kind: str, sentence: str, by: Actor, now: datetime) -> PartnerserviceRequest:
    """Send a request about a query to Partnerservice, and note it on the timeline.

    Args: `kind`: "found", for what was written off in this query, or "refund-failed", while one of its refunds has.
    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NotForPartnerservice, AlreadyAsked, Rejected
    without a sentence.
    """
    require_writer(by, Section.QUERIES)
    sentence = require_sentence(sentence)
    customer_query = lock_query(query, seller_id=by.seller_id)
    require_open(customer_query, now=now)
    at_stake_minor = _at_stake(customer_query, kind)
    return open_request(
        customer_query, kind=Kind(kind), sentence=sentence, at_stake_minor=at_stake_minor, by=by, now=now
    )


def open_request(
    query: CustomerQuery,
    *,
    kind: PartnerserviceRequest.Kind,
    sentence: str,
    at_stake_minor: int,
    by: Actor,
    now: datetime,
    hold_id: UUID | None = None,
) -> PartnerserviceRequest:
    """Open a request about a locked query that concerns no units of it. Raises: AlreadyAsked."""
    waiting = PartnerserviceRequest.objects.filter(
        seller_id=query.seller_id, query_id=query.id, kind=kind, parcel_unit_id=None, state="waiting"
    )
    if waiting.exists():
        raise AlreadyAsked(_("Partnerservice has a request about this customer query already. Wait for its answer."))
    request = PartnerserviceRequest(
        seller_id=query.seller_id,
        query_id=query.id,
        kind=kind,
        hold_id=hold_id,
        reasons=[],
        policy_version=current_policy().version,
        sentence=sentence,
        at_stake_minor=at_stake_minor,
        asked_at=now,
        asked_by_user_id=by.user_id,
        asked_by_name=by.name,
        deadline_at=now + DECIDE_WITHIN,
    )
    request.save(force_insert=True)
    add_step(request, "asked", by=by, now=now, text=sentence)
    add_entry(
        query, "partnerservice.asked", now=now, by=by, text=sentence, reasons=[], **about(request), **_held(hold_id)
    )
    return request


def _held(hold_id: UUID | None) -> dict[str, str]:
    return {"hold": str(hold_id)} if hold_id else {}


def _at_stake(query: CustomerQuery, kind: str) -> int:
    """Return the money that a request is about. Raises: NotForPartnerservice where there is nothing of the kind."""
    if kind == Kind.FOUND:
        of_query = WriteOff.objects.filter(seller_id=query.seller_id, query_id=query.id)
        if (written_off := of_query.aggregate(minor=Sum("refund_minor"))["minor"]) is not None:
            return int(written_off)
        raise NotForPartnerservice(_("Nothing was written off in this customer query, so nothing can be found again."))
    if kind == Kind.REFUND_FAILED:
        if query.refunds_failed:
            failed = Refund.objects.filter(seller_id=query.seller_id, query_id=query.id, state=Refund.State.FAILED)
            return int(failed.aggregate(minor=Sum("amount_minor"))["minor"] or 0)
        raise NotForPartnerservice(_("No refund of this customer query has failed."))
    raise NotForPartnerservice(_("Choose what it is about: a parcel that was found, or a refund that failed."))

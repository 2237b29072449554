"""Bring a hold before Partnerservice, let the seller appeal against it, and release or uphold it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, ActorRole, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import LONGEST_TEXT, lock_query
from lostpost.holds.models import Hold
from lostpost.partnerservice.answer_request import Outcome, settle_request
from lostpost.partnerservice.ask_about_query import open_request
from lostpost.partnerservice.ask_partnerservice import require_sentence
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import lock_request, require_text, require_waiting
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.assess_stakes import stakes_of

Kind = PartnerserviceRequest.Kind
State = Hold.State


class HoldNotFound(NotFound):
    """There is no such hold in this shop."""


class HoldReleased(Conflict):
    """The hold stops nothing any more."""

    code = "hold-released"


@transaction.atomic(durable=True)
def open_hold_request(*, seller_id: UUID, hold_id: UUID, now: datetime) -> PartnerserviceRequest | None:
    """Open the request about a hold; None where there is one, or the hold is settled. Raises: HoldNotFound."""
    hold, query = _lock_hold(seller_id, hold_id)
    waiting = PartnerserviceRequest.objects.filter(
        seller_id=seller_id, query_id=query.id, kind=Kind.HOLD, state=PartnerserviceRequest.State.WAITING
    )
    earlier = PartnerserviceRequest.objects.filter(seller_id=seller_id, hold_id=hold.id)
    if hold.state != State.HELD or waiting.exists() or earlier.exists():
        return None
    by = Actor(hold.by_name or "Lostpost", ActorRole.PARTNERSERVICE, user_id=hold.by_user_id or 0)
    return open_request(
        query,
        kind=Kind.HOLD,
        sentence=hold.reason or hold.get_kind_display(),
        at_stake_minor=_at_stake(hold, query, now),
        hold_id=hold.id,
        by=by,
        now=now,
    )


@transaction.atomic(durable=True)
def appeal_hold(*, hold_id: UUID, sentence: str, by: Actor, now: datetime) -> PartnerserviceRequest:
    """Appeal against a hold that stands.

    Raises: ReadOnly, HoldNotFound, HoldReleased, AlreadyAsked, Rejected without a sentence.
    """
    require_writer(by, Section.QUERIES)
    sentence = require_sentence(sentence)
    hold, query = _lock_hold(by.seller_id, hold_id)
    if hold.state == State.RELEASED:
        raise HoldReleased(_("This hold was released: it stops nothing any more."))
    return open_request(
        query,
        kind=Kind.APPEAL,
        sentence=sentence,
        at_stake_minor=_at_stake(hold, query, now),
        hold_id=hold.id,
        by=by,
        now=now,
    )


@transaction.atomic(durable=True)
def settle_hold(
    *, seller_id: UUID, request_id: UUID, release: bool, reason: str, by: Actor, now: datetime
) -> PartnerserviceRequest:
    """Release a hold or uphold it, and answer the request with the reason.

    A limit that is released allows as much once more on that day. One that is upheld stops until its day is over, any
    other hold until it is released; the seller may appeal.

    Raises: RequestNotFound, RequestAnswered, Rejected without a reason or for a request that is about no hold.
    """
    reason = require_text(reason, most=LONGEST_TEXT)
    request, query = lock_request(request_id, seller_id=seller_id)
    require_waiting(request)
    if request.hold_id is None:
        raise Rejected(_("This request is about no hold."))
    Hold.objects.filter(seller_id=seller_id, id=request.hold_id).update(
        state=State.RELEASED if release else State.UPHELD,
        settled_at=now,
        settled_by_user_id=by.user_id,
        settled_by_name=by.name,
    )
    outcome = Outcome.RELEASED if release else Outcome.UPHELD
    settle_request(request, query, outcome=outcome, answer=reason, by=by, now=now)
    return request


def _lock_hold(seller_id: UUID, hold_id: UUID) -> tuple[Hold, CustomerQuery]:
    holds = Hold.objects.filter(seller_id=seller_id, id=hold_id)
    numbers = CustomerQuery.objects.filter(seller_id=seller_id, id__in=holds.values("query_id"))
    number = numbers.values_list("number", flat=True).first()
    if number is None:
        raise HoldNotFound(_("There is no such hold."))
    query = lock_query(number, seller_id=seller_id)
    return holds.get(), query


def _at_stake(hold: Hold, query: CustomerQuery, now: datetime) -> int:
    """Return what a limit stopped; of what an agent put on hold, what is at stake in the query."""
    if stopped_minor := hold.figures.get("amount_minor"):
        return int(stopped_minor)
    return stakes_of(query, assess_order(query.order, now=now)).at_stake_minor

"""Place a hold on write-offs: as a limit of the day is reached, or by an agent with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import WATCH
from lostpost.core.text import trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.holds.limits import OnHold
from lostpost.holds.models import Hold

P = ParamSpec("P")
Result = TypeVar("Result")
REQUEST_OF_HOLD = "holds.open-request"  # The job's name: it brings the hold before Partnerservice.
BY_AGENT = (Hold.Kind.ORDER, Hold.Kind.SHOP)


class AlreadyHeld(Conflict):
    """Such a hold stands already."""

    code = "already-held"


def places_hold(command: Callable[P, Result]) -> Callable[P, Result]:
    """Place a hold where a command, which takes a `query` and `by`, breaks a limit of the day.

    Put it above `transaction.atomic`: the refusal leaves nothing of the command, and the hold is a commit of its own.
    """

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except OnHold as refusal:
            if refusal.limit:
                named: Any = kwargs
                place_limit_hold(
                    seller_id=named["by"].seller_id,
                    query=named["query"],
                    kind=refusal.limit,
                    figures={**refusal.figures, "name": named["by"].name},
                    now=named["now"],
                )
            raise

    return wrapper


@transaction.atomic(durable=True)
def place_limit_hold(
    *, seller_id: UUID, query: str, kind: str, figures: Mapping[str, Any], now: datetime
) -> Hold | None:
    """Hold a shop's write-offs for the rest of a day; None where such a hold stands already."""
    customer_query = lock_query(query, seller_id=seller_id)
    day = date.fromisoformat(figures["day"])
    standing = Hold.objects.filter(seller_id=seller_id, day=day).exclude(state=Hold.State.RELEASED)
    if standing.exists():
        return None
    hold = Hold(kind=kind, day=day, figures=dict(figures), **_of(customer_query, now))
    with transaction.atomic():  # Another order's write-off may place it concurrently: the constraint decides.
        created = Hold.objects.bulk_create([hold], ignore_conflicts=True)
    if not created or not Hold.objects.filter(seller_id=seller_id, id=hold.id).exists():
        return None
    _announce(hold, customer_query, by=None, now=now)
    return hold


@transaction.atomic(durable=True)
def place_hold(*, seller_id: UUID, query: str, kind: Hold.Kind, reason: str, by: Actor, now: datetime) -> Hold:
    """Hold the write-offs of a query's order, or of its shop, until an agent releases them.

    Raises: QueryNotFound, AlreadyHeld, Rejected without a reason or for another kind.
    """
    reason = " ".join(trimmed(reason).split())
    if not 1 <= len(reason) <= 1000:
        raise Rejected(_("Give a reason of up to 1,000 characters; the seller reads it."))
    if kind not in BY_AGENT:
        raise Rejected(_("Choose what is put on hold: this order, or the shop."))
    customer_query = lock_query(query, seller_id=seller_id)
    of_order = {"order_id": customer_query.order_id} if kind == Hold.Kind.ORDER else {}
    standing = Hold.objects.filter(seller_id=seller_id, kind=kind, **of_order).exclude(state=Hold.State.RELEASED)
    if standing.exists():
        raise AlreadyHeld(_("This is on hold already. Nothing was changed."))
    hold = Hold(
        kind=kind, reason=reason, by_user_id=by.user_id, by_name=by.name, **of_order, **_of(customer_query, now)
    )
    hold.save(force_insert=True)
    _announce(hold, customer_query, by=by, now=now)
    return hold


def _of(query: CustomerQuery, now: datetime) -> dict[str, Any]:
    return {"seller_id": query.seller_id, "query_id": query.id, "placed_at": now}


def _announce(hold: Hold, query: CustomerQuery, *, by: Actor | None, now: datetime) -> None:
    """Note a hold on the timeline and in the feed, and bring it before Partnerservice."""
    job = {"seller": str(hold.seller_id), "hold": str(hold.id)}
    defer(Job(REQUEST_OF_HOLD, WATCH, job, waits_once=f"hold {hold.id}"))
    add_entry(
        query, "hold.placed", now=now, by=by, text=hold.reason, hold=str(hold.id), about=hold.kind, **hold.figures
    )

"""Make notices of the events of a shop's feed: each event once for each person who is to get it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.models import TimelineEntry
from lostpost.events.models import Event
from lostpost.events.reads import events_after
from lostpost.notices.digest_time import next_digest_at
from lostpost.notices.kinds import DESK_KINDS, MEMBER_KINDS, NoticedEvent, Reader, Timing
from lostpost.notices.models import Notice, NoticeCursor
from lostpost.notices.readers import reader, readers_at_desk, readers_of_shop
from lostpost.partnerservice.models import PartnerserviceRequest, RequestStep

PAGE = 200
TOO_OLD = timedelta(days=3)  # What is older is no news: a feed that was brought along, or a worker that stood for long.
KEPT = timedelta(days=90)
# What a notice keeps of its event: what its sentence and its link name. Nothing of customers is among it.
FACTS = ("order_number", "customer_query", "request", "about", "batch", "user", "number", "because")


@transaction.atomic(durable=True)
def gather_notices(*, seller_id: UUID, now: datetime) -> bool:
    """Make the notices of a shop's next events and go on in its feed: in one commit, so none is lost or doubled.

    Returns: whether there may be further events.
    """
    NoticeCursor.objects.bulk_create([NoticeCursor(seller_id=seller_id, last=0)], ignore_conflicts=True)
    cursor = NoticeCursor.objects.select_for_update().get(seller_id=seller_id)
    events = events_after(seller_id, cursor.last, size=PAGE)
    if not events:
        return False
    recent = [event for event in events if event.at > now - TOO_OLD and _is_noticed(event)]
    if recent:
        shop = Seller.objects.get(id=seller_id)
        readers = [*readers_of_shop(shop), *readers_at_desk()]
        noticed = zip(recent, _noticed(seller_id, recent), strict=True)
        rows = [
            row
            for event, facts in noticed
            for row in _rows(facts, readers, seller_id=seller_id, source=f"event {event.sequence}", now=now)
        ]
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
    NoticeCursor.objects.filter(seller_id=seller_id).update(last=events[-1].sequence)
    return len(events) == PAGE


@transaction.atomic(durable=True)
def gather_hand_over(*, seller_id: UUID, step_id: UUID, now: datetime) -> None:
    """Make the notice of a request that one agent handed to another; it stands in the desk's log and in no feed."""
    step = RequestStep.objects.select_related("request__query__order").get(seller_id=seller_id, id=step_id)
    request = step.request
    event = NoticedEvent(
        "partnerservice.handed-over",
        step.at,
        {
            "request": str(request.id),
            "about": request.kind,
            "order_number": request.query.order.number,
            "user": step.data["to_user"],
        },
        by_user_id=step.by_user_id or 0,
    )
    agent = reader(step.data["to_user"], None)
    if agent:
        rows = _rows(event, [agent], seller_id=seller_id, source=f"step {step.id}", now=now)
        Notice.objects.bulk_create(rows, ignore_conflicts=True)


def delete_old_notices(*, now: datetime) -> int:
    """Delete what was settled long ago, of all shops; return how many notices."""
    with cross_seller("notices of long ago"):
        deleted, _by_model = Notice.objects.filter(at__lt=now - KEPT).exclude(state=Notice.State.PENDING).delete()
    return deleted


def _is_noticed(event: Event) -> bool:
    bare = NoticedEvent(event.type, event.at, event.data)
    return any(kind.matches(bare) for kind in (*MEMBER_KINDS, *DESK_KINDS))


def _noticed(seller_id: UUID, events: Sequence[Event]) -> list[NoticedEvent]:
    """Return events with who did them and who is concerned, which the timeline and the requests say."""
    entries = dict(
        TimelineEntry.objects.filter(seller_id=seller_id, id__in=_named(events, "entry")).values_list(
            "id", "by_user_id"
        )
    )
    requests = {
        str(request_id): (asked_by, assignee)
        for request_id, asked_by, assignee in PartnerserviceRequest.objects.filter(
            seller_id=seller_id, id__in=_named(events, "request")
        ).values_list("id", "asked_by_user_id", "assignee_user_id")
    }
    by_entry = {str(entry): user for entry, user in entries.items()}
    names = {user.pk: user.get_full_name() or user.username for user in _members_named(events)}
    noticed = []
    for event in events:
        asked_by, assignee = requests.get(event.data.get("request", ""), (0, None))
        named = {"name": names.get(event.data["user"], "")} if event.type.startswith("member.") else {}
        noticed.append(
            NoticedEvent(
                event.type,
                event.at,
                {**event.data, **named},
                by_user_id=event.data.get("by_user") or by_entry.get(event.data.get("entry", "")) or 0,
                asked_by_user_id=asked_by,
                assignee_user_id=assignee or 0,
            )
        )
    return noticed


def _named(events: Iterable[Event], name: str) -> list[str]:
    return [event.data[name] for event in events if event.data.get(name)]


def _members_named(events: Sequence[Event]) -> Iterable[User]:
    users = [event.data["user"] for event in events if event.type.startswith("member.")]
    return User.objects.filter(pk__in=users) if users else ()


def _rows(
    event: NoticedEvent, readers: Sequence[Reader], *, seller_id: UUID, source: str, now: datetime
) -> list[Notice]:
    zone = current_policy().zone
    rows = []
    for each in readers:
        chosen = each.notice_of(event)
        if chosen is None:
            continue
        kind, timing = chosen
        data: dict[str, Any] = {name: event.data[name] for name in (*FACTS, "name") if name in event.data}
        daily = timing is Timing.DAILY
        rows.append(
            Notice(
                seller_id=seller_id,
                user_id=each.actor.user_id,
                at_desk=each.actor.shop is None,
                source=source,
                kind=kind.code,
                event=event.type,
                data=data,
                at=event.at,
                due_at=next_digest_at(now, hour=each.digest_hour, zone=zone) if daily else now,
            )
        )
    return rows

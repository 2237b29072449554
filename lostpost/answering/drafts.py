"""Drafts of answers, and who else is in a query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from lostpost.accounts.actor import Actor
from lostpost.answering.models import AnswerDraft
from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery

THERE_FOR = timedelta(seconds=45)  # A page says that it is open every 15 seconds.
KEPT_FOR = timedelta(days=30)
_IN_QUERY = KeptQuery(
    lambda seller_id, query_id, user_id, since: AnswerDraft.objects.filter(
        Q(seen_at__gt=since) | Q(user_id=user_id), seller_id=seller_id, query_id=query_id
    ),
    seller_id=UUID,
    query_id=UUID,
    user_id=int,
    since=datetime,
)
_ANSWERING = KeptQuery(
    lambda seller_id, query_ids, but, since: (
        AnswerDraft.objects.filter(seller_id=seller_id, query_id__any=query_ids, seen_at__gt=since)
        .exclude(text="")
        .exclude(user_id=but)
        .order_by("-user_name")
        .values_list("query_id", "user_name")
    ),
    seller_id=UUID,
    query_ids=list,
    but=int,
    since=datetime,
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else who has a query open."""

    name: str
    answering: bool  # Has begun to write.


@dataclass(frozen=True, slots=True)
class People:
    """Who is in a query: one's own draft, and the others."""

    draft: AnswerDraft | None
    colleagues: tuple[Colleague, ...]


def people_in(query: CustomerQuery, *, user_id: int, now: datetime) -> People:
    """Return one's own draft and who else has the query open: one statement."""
    rows = _IN_QUERY(seller_id=query.seller_id, query_id=query.id, user_id=user_id, since=now - THERE_FOR)
    people = sorted(rows, key=lambda row: (row.user_name, row.user_id))
    return People(
        draft=next((row for row in people if row.user_id == user_id and row.text), None),
        colleagues=tuple(Colleague(row.user_name, bool(row.text)) for row in people if row.user_id != user_id),
    )


def answering_names(seller_id: UUID, query_ids: Collection[UUID], *, but: int, now: datetime) -> dict[UUID, str]:
    """Return who is answering each of these queries at the moment, by the query's id; `but`: the reader's own id."""
    return dict(_ANSWERING(seller_id=seller_id, query_ids=list(query_ids), but=but, since=now - THERE_FOR))


def open_elsewhere(seller_id: UUID, query_ids: Collection[UUID], *, but: int, now: datetime) -> set[UUID]:
    """Return the ids of those of these queries that somebody else has open; `but`: the reader's own id."""
    rows = AnswerDraft.objects.filter(seller_id=seller_id, query_id__in=query_ids, seen_at__gt=now - THERE_FOR)
    return set(rows.exclude(user_id=but).values_list("query_id", flat=True))


def queries_with_draft(seller_id: UUID, query_ids: Collection[UUID], *, user_id: int) -> set[UUID]:
    """Return the ids of those of these queries in which a person has a draft."""
    rows = AnswerDraft.objects.filter(seller_id=seller_id, query_id__in=query_ids, user_id=user_id).exclude(text="")
    return set(rows.values_list("query_id", flat=True))


def end_draft(query: CustomerQuery, *, by: Actor) -> None:
    """Delete somebody's draft in a locked query, as it was sent or given up."""
    AnswerDraft.objects.filter(seller_id=query.seller_id, query_id=query.id, user_id=by.user_id).delete()


def forget_drafts(*, seller_id: UUID, now: datetime) -> int:
    """Delete the drafts of a shop that nobody has looked at for 30 days; return how many rows."""
    return AnswerDraft.objects.filter(seller_id=seller_id, seen_at__lt=now - KEPT_FOR).delete()[0]

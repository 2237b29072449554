"""Keyset pagination: pages of a list by the key of the last row, at the same cost however far down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from lostpost.core.clock import EARLIEST, LATEST, rfc3339
from lostpost.core.ownership import SellerOwned

FURTHEST = LATEST  # No row is later.

Row = TypeVar("Row")
OfModel = TypeVar("OfModel", bound=SellerOwned)


class PageKey(NamedTuple):
    """Where a list was left: the instant it is ordered by, and the row's id where several have the same."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next page begins; none where this is the last."""

    rows: Sequence[Row]
    next: PageKey | None = None


def key_as_text(key: PageKey) -> str:
    """Return a key as text for a URL."""
    return f"{rfc3339(key.at)}_{key.id}"


def key_from_text(text: str) -> PageKey | None:
    """Return the key in a URL; None, the first page, if it is invalid."""
    at, _mark, row_id = text.partition("_")
    try:
        key = PageKey(datetime.fromisoformat(at), UUID(row_id))
    except ValueError:
        return None
    return key if key.at.tzinfo and EARLIEST <= key.at < FURTHEST else None


def pager(page: Page[Any], parameters: QueryDict) -> dict[str, str]:
    """Return the query strings of the next page and of the first one, for `parts/pager.html`."""
    other_parameters = {name: parameters[name] for name in parameters if name != "after"}
    following = f"?{urlencode({**other_parameters, 'after': key_as_text(page.next)})}" if page.next else ""
    return {"next": following, "first": f"?{urlencode(other_parameters)}" if "after" in parameters else ""}


def page_of(
    rows: QuerySet[OfModel], *, by: str, after: PageKey | None, size: int, newest_first: bool = False
) -> Page[OfModel]:
    """Return the page that follows a key, ordered by the instant `by` and the id."""
    beyond, sign = ("lt", "-") if newest_first else ("gt", "")
    if after:
        rows = rows.filter(**{f"{by}__{beyond}e": after.at}).filter(  # The first bounds the index, the second is exact.
            Q(**{f"{by}__{beyond}": after.at}) | Q(**{f"id__{beyond}": after.id})
        )
    found_rows = list(rows.order_by(f"{sign}{by}", f"{sign}id")[: size + 1])
    if len(found_rows) <= size:
        return Page(found_rows)
    last = found_rows[size - 1]
    return Page(found_rows[:size], PageKey(getattr(last, by), last.id))

"""Keyset pagination by the last row, so that rows that are added meanwhile cause no gaps or repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from ninja import Query

from lostpost.api.http.fields import NAME, ONE_LINE
from lostpost.core.keyset import Page, PageKey, key_as_text, key_from_text
from lostpost.web.problems import Problem

SIZE_MAX = 200
After = Annotated[str | None, Query(description="`next` of the page before", pattern=ONE_LINE, max_length=100)]
Size = Annotated[int, Query(ge=1, le=SIZE_MAX, description="Rows of a page")]
Shop = Annotated[str | None, Query(description="The seller; the platform must name one", pattern=NAME)]
Find = Annotated[str | None, Query(description="Words to find", pattern=ONE_LINE, max_length=200)]
Row = TypeVar("Row")


def after_key(after: str | None) -> PageKey | None:
    """Read a cursor. Raises Problem 422 if it is none of ours."""
    if after is None:
        return None
    key = key_from_text(after)
    if key is None:
        raise cursor_unknown()
    return key


def cursor_unknown() -> Problem:
    """Return the problem of a cursor that is none of the list's."""
    return Problem(422, "cursor-unknown", "`after` is no `next` of an earlier page; leave it out to start again.")


def page_out(page: Page[Row], out: Callable[[Row], Any]) -> dict[str, Any]:
    """Give a page as the schemas take it."""
    return {"items": [out(row) for row in page.rows], "next": key_as_text(page.next) if page.next else None}

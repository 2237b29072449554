"""The bar above a list that says what is new in it: rows never move under whoever reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lostpost.core.clock import rfc3339

_LONGEST = timedelta(days=7)  # A page is not open for longer; nor does anybody need to count further back.


def new_bar(ask: str, fresh: str, *, since: datetime, count: int = 0) -> dict[str, Any]:
    """Return what `parts/new_in_list.html` needs.

    Args: `ask`: the address that counts, and `fresh`: that of the list's first page, each with its filters. `since`:
    when the list was read.
    """
    mark = "&" if "?" in ask else "?"
    return {
        "ask": f"{ask}{mark}since={rfc3339(since).replace('+', '%2B')}&shown={count}",
        "fresh": fresh,
        "since": since,
        "count": count,
    }


def answer_new(
    request: HttpRequest, ask: str, fresh: str, *, counted: Callable[[datetime], int], now: datetime
) -> HttpResponse:
    """Answer an open list with its bar; 204 where that says already what there is.

    Args: `counted`: counts what came after an instant.
    """
    since = _since(request.GET.get("since", ""), now)
    count = counted(since)
    if request.GET.get("shown") == str(count):
        return HttpResponse(status=204)
    bar = new_bar(ask, fresh, since=since, count=count)
    return render(request, "parts/new_in_list.html", {"new": bar})


def _since(text: str, now: datetime) -> datetime:
    """Return the instant in an address; now, where that names none or one that is too long ago."""
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        return now
    return since if since.tzinfo and now - _LONGEST < since <= now else now

"""The worklist of a shop: its customer queries and silent parcels, filtered, sorted, and page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import members_who_manage
from lostpost.accounts.sections import Section
from lostpost.answering.drafts import answering_names
from lostpost.core.keyset import key_as_text, key_from_text
from lostpost.customer_queries.clock_hours import is_late
from lostpost.customer_queries.free_days import FreeDays, free_days_of_versions
from lostpost.customer_queries.list_filters import DUE_DAYS, NEEDS, OLDER_DAYS, SORTS, ListFilters, State
from lostpost.customer_queries.reads import matching_queries
from lostpost.customer_queries.worklist import Listing, row_key_from_text, row_key_text
from lostpost.insight.silent_parcels import oldest_silent_parcels
from lostpost.insight.worklist import WorkPage, WorkRow, all_rows, new_rows, rows_found, work_page
from lostpost.insight.worklist_file import worklist_csv
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.list_place import ListPlace, place_of_row, query_url
from lostpost.portal.list_views import SHIPPED, shown_views
from lostpost.texts import worklist as words
from lostpost.texts.skipped_days import skipped_text
from lostpost.web.http import download
from lostpost.web.new_in_list import answer_new, new_bar

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row as the page shows it."""

    row: WorkRow
    url: str
    late: bool
    answered: bool  # It is open, and the shop wrote last.
    skipped: str  # Days that the clock of the answer leaves out.
    claim_over: bool  # The carrier's last day for a claim has passed.
    answering: str = ""  # The name of a colleague who is writing in it.


@of_shop(Section.QUERIES)
@require_safe
def customer_queries(request: PortalRequest) -> HttpResponse:
    """List what is to be done, by the filters of the address, or what a search finds in all queries."""
    search = " ".join(request.GET.get("q", "").split())
    context = _search_results(request, search) if search else _list(request, ListFilters.read(request.GET.dict()))
    return render(request, "portal/customer_queries.html", {"q": search, **context})


@of_shop(Section.QUERIES)
@require_safe
def new_customer_queries(request: PortalRequest) -> HttpResponse:
    """Count what came into an open list: its script asks now and then."""
    filters, now = ListFilters.read(request.GET.dict()), timezone.now()
    listing = Listing(request.seller.id, filters, request.policy, now, request.actor.user_id)
    silent = oldest_silent_parcels(request.seller.id, request.policy, now=now)
    return answer_new(
        request, *_bar(request, filters), counted=lambda since: new_rows(listing, silent, since=since), now=now
    )


@of_shop(Section.QUERIES)
@require_safe
def customer_queries_file(request: PortalRequest) -> HttpResponseBase:
    """Hand out all rows of a list as CSV."""
    now, seller = timezone.now(), request.seller
    listing = Listing(seller.id, ListFilters.read(request.GET.dict()), request.policy, now, request.actor.user_id)
    file = worklist_csv(all_rows(listing, oldest_silent_parcels(seller.id, request.policy, now=now)))
    name = f"customer-queries-{seller.code}.csv"
    return download(request, file, name=name, content_type="text/csv; charset=utf-8")


def _bar(request: PortalRequest, filters: ListFilters) -> tuple[str, str]:
    """Return the addresses that count what is new in a list, and that read it again."""
    seller = {"seller": request.seller.code}
    ask, fresh = (
        reverse("portal:new-customer-queries", kwargs=seller),
        reverse("portal:customer-queries", kwargs=seller),
    )
    return f"{ask}?{filters.text}", f"{fresh}?{filters.text}"


def listed_rows(request: PortalRequest, rows: Sequence[WorkRow], listed: str, now: datetime) -> list[ListedRow]:
    """Return rows with the addresses to which they lead; a query's keeps its place in the list.

    Args: `listed`: the query string of the list; of a search, too.
    """
    versions = {row.query.holidays_version for row in rows if row.query and row.query.answer_due_at}
    free_days = free_days_of_versions(request.seller.country, versions)
    return [_listed_row(request, row, listed, now, free_days) for row in rows]


def _with_colleagues(request: PortalRequest, rows: Sequence[ListedRow], now: datetime) -> list[ListedRow]:
    """Return rows with who is writing in them at the moment."""
    ids = [each.row.query.id for each in rows if each.row.query]
    names = answering_names(request.seller.id, ids, but=request.actor.user_id, now=now) if ids else {}
    return [replace(each, answering=names.get(each.row.query.id, "") if each.row.query else "") for each in rows]


def _list(request: PortalRequest, filters: ListFilters) -> dict[str, Any]:
    now, user_id = timezone.now(), request.actor.user_id
    listing = Listing(request.seller.id, filters, request.policy, now, user_id)
    silent = oldest_silent_parcels(request.seller.id, request.policy, now=now)
    after, before = (row_key_from_text(request.GET.get(name, ""), listing.order) for name in ("after", "before"))
    page = work_page(listing, silent, behind=before or after, size=PAGE_SIZE, backwards=before is not None)
    if before and not page.preceding:  # The page before is the first, which is shown in full.
        after = before = None
        page = work_page(listing, silent, behind=None, size=PAGE_SIZE)
    at = {"after": row_key_text(after)} if after else {"before": row_key_text(before)} if before else {}
    listed = "&".join(part for part in (filters.text, urlencode(at)) if part)
    views = shown_views(request.seller, request.policy, silent, user_id=user_id, now=now)
    return {
        "filters": filters,
        "filters_open": filters not in SHIPPED.values() and (filters.narrowed or filters.sort != ListFilters().sort),
        "views": views,
        "saved_view": next((view for view in views.saved if view.filters == filters), None),
        "rows": _with_colleagues(request, listed_rows(request, page.rows, listed, now), now),
        "place": ListPlace(listed),
        "page": page,
        "count": _count(page),
        "sorted_by": words.SORTED_BY[filters.sort],
        "choices": _choices(request, filters),
        "new": new_bar(*_bar(request, filters), since=now),
        **_pager(page, filters),
    }


def _search_results(request: PortalRequest, search: str) -> dict[str, Any]:
    now, after = timezone.now(), key_from_text(request.GET.get("after", ""))
    matching = matching_queries(request.seller.id, search, after=after, size=PAGE_SIZE)
    listing = Listing(request.seller.id, ListFilters(), request.policy, now)
    listed = urlencode({"q": search, **({"after": key_as_text(after)} if after else {})})
    following = f"?{urlencode({'q': search, 'after': key_as_text(matching.next)})}" if matching.next else ""
    return {
        "filters": ListFilters(),
        "rows": listed_rows(request, rows_found(listing, matching.rows), listed, now),
        "place": ListPlace(listed),
        "next": following,
        "first": f"?{urlencode({'q': search})}" if after else "",
    }


def _listed_row(
    request: PortalRequest, row: WorkRow, listed: str, now: datetime, free_days: Mapping[int, FreeDays]
) -> ListedRow:
    query, shop = row.query, request.seller
    claim_over = row.claim_on is not None and row.claim_on < now.astimezone(request.policy.zone).date()
    if query is None:
        page = "portal:start-contact" if request.actor.may_manage(Section.QUERIES) else "portal:order"
        address = reverse(page, kwargs={"seller": shop.code, "order_number": row.order.number})
        filled_in = "?template=silent" if request.actor.may_manage(Section.QUERIES) else ""
        return ListedRow(row, address + filled_in, late=False, answered=False, skipped="", claim_over=claim_over)
    place = ListPlace(listed) if listed.startswith("q=") else place_of_row(listed, row.key)
    return ListedRow(
        row=row,
        url=query_url(request, query.number, place),
        late=is_late(query, now=now),
        answered=query.state == State.OPEN and query.unanswered_since is None,
        skipped=skipped_text(query, free_days.get(query.holidays_version, free_days[0]), zone=request.policy.zone),
        claim_over=claim_over,
    )


def _count(page: WorkPage) -> dict[str, Any]:
    """Return the numbers of “26–50 of 155”; `total` ends in a plus where not all was counted."""
    return {
        "from": page.before + 1,
        "until": page.before + len(page.rows),
        "total": f"{page.total}{'' if page.counted_all else '+'}",
        "one_page": page.before == 0 and len(page.rows) == page.total and page.counted_all,
    }


def _pager(page: WorkPage, filters: ListFilters) -> dict[str, str]:
    """Return the query strings of the pages before and after this one."""

    def to(name: str, value: str) -> str:
        return "?" + "&".join(part for part in (filters.text, urlencode({name: value})) if part)

    return {
        "next": to("after", row_key_text(page.following)) if page.following else "",
        "previous": to("before", row_key_text(page.rows[0].key)) if page.preceding and page.rows else "",
        "first": f"?{filters.text}" if page.preceding else "",
    }


def _choices(request: PortalRequest, filters: ListFilters) -> dict[str, Any]:
    """Return what may be chosen in each field of the filters."""
    members = members_who_manage(request.seller.id, Section.QUERIES)
    return {
        "needs": [(need, words.NEEDS[need]) for need in NEEDS],
        "sorts": [(sort, words.SORTS[sort]) for sort in SORTS],
        "due": [(days, words.DUE[days]) for days in DUE_DAYS],
        "older": OLDER_DAYS,
        "members": [(str(member.user_id), member.name) for member in members],
    }

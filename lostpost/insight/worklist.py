"""The worklist of a shop: its queries, and parcels that fell silent before a customer asked, in one order.

Each source gives its next rows behind the same key, so that a page is cut from both without reading either. What a page
shows is assessed as it is read; what it is sorted by may be some minutes old. A parcel that is found after its
write-off is counted on its query, and is listed with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lostpost.core.kept_query import KeptQuery
from lostpost.core.text import compact_form
from lostpost.customer_queries.list_filters import NOBODY, ListFilters, State, due_until, waiting_before
from lostpost.customer_queries.models import NEVER, CustomerQuery, TimelineEntry
from lostpost.customer_queries.new_in_list import MOST_NEW, new_in_list
from lostpost.customer_queries.states import claim_day, last_day
from lostpost.customer_queries.worklist import KeysPage, Listing, RowKey, next_keys, rows_counted
from lostpost.insight.silent_parcels import LISTED_MOST, SilentParcel
from lostpost.orders.models import Order
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import OrderAssessment, assess_orders
from lostpost.writeoffs.assess_stakes import eligible_from, units_at_stake, worth_of

READ_AT_ONCE = 100  # Of a whole list.
_WITHOUT_SILENT_PARCELS = ("answer", "money", "partnerservice")  # What only queries need.


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A row of the worklist. A silent parcel without a query has its order alone."""

    key: RowKey
    action: str  # What is to be done first: a key of `texts.worklist.ACTIONS`.
    action_at: datetime | None  # From or until when.
    order: Order
    query: CustomerQuery | None
    title: str  # Of the item that matters first; empty where nothing was sent.
    others: int  # Items beside it.
    at_stake_minor: int
    carrier: str
    silent_since: datetime | None
    last_on: date | None  # The last day on which it may be written off, where it may yet.
    claim_on: date | None = None  # The last day on which the loss is to be claimed from the carrier, where it is known.
    last_words: str = ""


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of the worklist, and where it goes on either way."""

    rows: Sequence[WorkRow]
    following: RowKey | None  # Behind which the next page begins.
    preceding: bool  # Whether any row stands before it.
    before: int  # Rows before it, as far as they were counted.
    total: int
    counted_all: bool
    looked_only: bool = False  # Too few of those looked at were of this list; there may be more behind them.


def belonging(parcels: Sequence[SilentParcel], listing: Listing) -> list[tuple[RowKey, SilentParcel]]:
    """Return those of the silent parcels that belong to a list, in its order."""
    filters = listing.filters
    if filters.state != State.OPEN or filters.need in _WITHOUT_SILENT_PARCELS or filters.who not in ("", NOBODY):
        return []
    if filters.due:
        parcels = [parcel for parcel in parcels if parcel.due_at < due_until(filters, listing.policy, listing.now)]
    if filters.older:
        parcels = [parcel for parcel in parcels if parcel.updated_at <= waiting_before(filters, listing.now)]
    if filters.carrier:
        carrier = compact_form(filters.carrier)
        parcels = [parcel for parcel in parcels if parcel.carrier_normalised == carrier]
    keyed = [(RowKey(_value_of(parcel, filters), parcel.id), parcel) for parcel in parcels]
    return sorted(keyed, key=lambda each: listing.order.sort_key(each[0]))


def work_page(
    listing: Listing,
    parcels: Sequence[SilentParcel],
    *,
    behind: RowKey | None,
    size: int,
    backwards: bool = False,
) -> WorkPage:
    """Return a page of the list: a number of statements that neither it nor the shop changes.

    Args: `parcels`: `oldest_silent_parcels` of the shop. `backwards`: the page that ends before `behind`.
    """
    silent = belonging(parcels, listing)
    keys, goes_on, looked_until = _keys(listing, silent, behind, size, backwards=backwards)
    total, counted_all = rows_counted(listing)
    before, preceding = 0, False
    if behind and keys:
        first = listing.order.sort_key(keys[0])
        before, _all = rows_counted(listing, before=keys[0])
        before += sum(listing.order.sort_key(key) < first for key, _parcel in silent)
        preceding = before > 0
    further = keys[-1] if keys and (goes_on or backwards) else looked_until
    return WorkPage(
        rows=_rows(listing, keys, {key.id: parcel for key, parcel in silent}),
        following=further,
        preceding=preceding,
        before=before,
        total=total + len(silent),
        counted_all=counted_all and len(silent) < LISTED_MOST,
        looked_only=bool(looked_until),
    )


def all_rows(listing: Listing, parcels: Sequence[SilentParcel]) -> Iterator[WorkRow]:
    """Read a whole list in its order, some rows at a time. Args: `parcels`: `oldest_silent_parcels` of the shop."""
    silent, behind = belonging(parcels, listing), None
    while True:
        keys, goes_on, looked_until = _keys(listing, silent, behind, READ_AT_ONCE, backwards=False)
        yield from _rows(listing, keys, {key.id: parcel for key, parcel in silent})
        behind = keys[-1] if goes_on else looked_until
        if behind is None:
            return


def new_rows(listing: Listing, parcels: Sequence[SilentParcel], *, since: datetime) -> int:
    """Count what came into the list after an instant: queries, and parcels that fell silent; `MOST_NEW` at most."""
    silent = sum(parcel.eligible_from > since for _key, parcel in belonging(parcels, listing))
    return min(new_in_list(listing, since=since) + silent, MOST_NEW)


def _keys(
    listing: Listing,
    silent: Sequence[tuple[RowKey, SilentParcel]],
    behind: RowKey | None,
    size: int,
    *,
    backwards: bool,
) -> tuple[list[RowKey], bool, RowKey | None]:
    """Return the keys of a page in the order of the list, whether more follow that way, and how far was looked."""
    order = listing.order.reversed if backwards else listing.order
    page: KeysPage = next_keys(listing, behind=behind, most=size + 1, backwards=backwards)
    start = order.sort_key(behind) if behind else None
    keys = [*page.keys, *(key for key, _parcel in silent if start is None or order.sort_key(key) > start)]
    if page.looked_until:  # Behind that, queries may stand that nobody has looked at.
        until = order.sort_key(page.looked_until)
        keys = [key for key in keys if order.sort_key(key) <= until]
    keys.sort(key=order.sort_key)
    goes_on = len(keys) > size
    keys = keys[:size]
    return (keys[::-1] if backwards else keys), goes_on, None if goes_on else page.looked_until


def _value_of(parcel: SilentParcel, filters: ListFilters) -> datetime | int:
    match filters.sort:
        case "value":
            return parcel.at_stake_minor
        case "age":
            return parcel.updated_at
        case "eligible":
            return parcel.eligible_from
        case "claim":
            return parcel.claim_until
    return parcel.due_at


def _rows(listing: Listing, keys: Sequence[RowKey], silent: dict[UUID, SilentParcel]) -> list[WorkRow]:
    """Read and assess what a page shows."""
    seller_id, ids = listing.seller_id, [key.id for key in keys]
    queries = {
        query.id: query
        for query in CustomerQuery.objects.select_related("order").filter(seller_id=seller_id, id__in=ids)
    }
    order_ids = {silent[key.id].order_id for key in keys if key.id in silent}
    orders = {order.id: order for order in Order.objects.filter(seller_id=seller_id, id__in=order_ids)}
    all_orders = {**orders, **{query.order_id: query.order for query in queries.values()}}
    assessed = assess_orders(list(all_orders.values()), listing.policy, now=listing.now)
    words = _last_words(seller_id, list(queries.values()))
    rows = []
    for key in keys:
        if query := queries.get(key.id):
            rows.append(_query_row(key, query, assessed[query.order_id], words.get(query.id, "")))
        elif key.id in silent and silent[key.id].order_id in orders:
            parcel = silent[key.id]
            rows.append(_silent_row(key, parcel, assessed[parcel.order_id]))
    return rows


def rows_found(listing: Listing, queries: Sequence[CustomerQuery]) -> list[WorkRow]:
    """Return rows for queries that a search found, in its order; none has a place in a list."""
    orders = {query.order_id: query.order for query in queries}
    assessed = assess_orders(list(orders.values()), listing.policy, now=listing.now)
    words = _last_words(listing.seller_id, queries)
    return [
        _query_row(RowKey(query.opened_at, query.id), query, assessed[query.order_id], words.get(query.id, ""))
        for query in queries
    ]


def _query_row(key: RowKey, query: CustomerQuery, assessment: OrderAssessment, words: str) -> WorkRow:
    units = units_at_stake(assessment, query.order_item_id)
    action, at = _action(query, units, assessment.assessed_at)
    return _row(key, action, at, assessment, units, query=query, words=words)


def _silent_row(key: RowKey, parcel: SilentParcel, assessment: OrderAssessment) -> WorkRow:
    units = [unit for unit in units_at_stake(assessment) if unit.parcel_id == parcel.id]
    return _row(key, "contact", None, assessment, units)


def _row(
    key: RowKey,
    action: str,
    action_at: datetime | None,
    assessment: OrderAssessment,
    units: Sequence[AssessedUnit],
    *,
    query: CustomerQuery | None = None,
    words: str = "",
) -> WorkRow:
    order, facts = assessment.order, units[0].facts.parcel if units else None
    may_yet = any(unit.eligible or unit.assessment.only_for_now or unit.assessment.paused for unit in units)
    items = list(dict.fromkeys(unit.item.title for unit in units))
    about = _title_without_parcel(assessment, query)
    return WorkRow(
        key=key,
        action=action,
        action_at=action_at,
        order=order,
        query=query,
        title=items[0] if items else about,
        others=max(0, len(items) - 1),
        at_stake_minor=worth_of(assessment, units),
        carrier=facts.carrier if facts else "",
        silent_since=facts.updated_at if facts else None,
        last_on=last_day(order.placed_at, order.customer_country, assessment.policy) if may_yet else None,
        claim_on=claim_day(facts.carrier, facts.shipped_at, assessment.policy) if facts else None,
        last_words=words,
    )


def _title_without_parcel(assessment: OrderAssessment, query: CustomerQuery | None) -> str:
    """Return the title of what a query is about where nothing is at stake: it was written off, or never sent."""
    titles = [
        unit.item.title for unit in assessment.units if query is None or query.order_item_id in (None, unit.item.id)
    ]
    return titles[0] if titles else ""


def _action(query: CustomerQuery, units: Sequence[AssessedUnit], now: datetime) -> tuple[str, datetime | None]:
    """Return what is to be done first in a query, by what is the hardest to notice; and from or until when."""
    if query.refunds_failed:
        return "refund-failed", None
    if query.found_cases_open:
        return "found", None
    if query.state == State.HANDLED:
        return "handled", query.handled_at
    if query.state == State.WITH_PARTNERSERVICE:
        return "with-partnerservice", query.back_from_partnerservice_at
    if query.partnerservice_answered_at:
        return "answered", query.partnerservice_answered_at
    if any(unit.eligible for unit in units):
        return "write-off", None
    if query.unanswered_since:
        return "answer", query.unanswered_since
    if query.state == State.FOLLOW_UP_LATER:
        return "follow-up", None
    soonest = min((eligible_from(unit) for unit in units), default=None)
    if soonest and now < soonest < NEVER:
        return "not-yet", soonest
    return ("waits", query.waits_since) if query.state == State.WAITING_FOR_CUSTOMER else ("look", None)


_LAST_WORDS = KeptQuery(
    lambda seller_id, ids: TimelineEntry.objects.filter(seller_id=seller_id, id__any=ids).values_list(
        "query_id", "text"
    ),
    seller_id=UUID,
    ids=list,
)


def _last_words(seller_id: UUID, queries: Sequence[CustomerQuery]) -> dict[UUID, str]:
    """Return the newest message of each query, whoever wrote it, by the query's id."""
    ids = [query.last_message_id for query in queries if query.last_message_id]
    return dict(_LAST_WORDS(seller_id=seller_id, ids=ids)) if ids else {}

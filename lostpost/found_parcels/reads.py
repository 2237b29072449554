"""Found parcels as pages and the API show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.received_messages import with_earlier_queries
from lostpost.found_parcels.models import FoundCase, FoundEvidence, FoundOutcome
from lostpost.found_parcels.states import State
from lostpost.writeoffs.models import WriteOff, WriteOffLine

_CASES_OF_QUERY = KeptQuery(
    lambda **query: FoundCase.objects.select_related("parcel").filter(**query).order_by("opened_at", "id"),
    seller_id=UUID,
    query_id=UUID,
)


class WrittenOffParcel(NamedTuple):
    """A parcel of a write-off that has no case yet, or one that ended without an answer."""

    write_off: str
    parcel: str
    tracking_number: str


def found_case(*, seller_id: UUID, number: str) -> FoundCase | None:
    """Return a shop's case with its write-off, parcel, query and order."""
    rows = FoundCase.objects.select_related("write_off", "parcel", "query", "order")
    return rows.filter(seller_id=seller_id, number=number).first()


def cases_of_query(query: CustomerQuery) -> list[FoundCase]:
    """Return the cases that are settled in a query, oldest first."""
    return _CASES_OF_QUERY(seller_id=query.seller_id, query_id=query.id)


def write_offs_of_query(query: CustomerQuery) -> QuerySet[WriteOff]:
    """Return the write-offs of a query and of those before it, and those whose found parcel is settled in it."""
    cases = FoundCase.objects.filter(seller_id=query.seller_id, query_id=query.id)
    of_order = WriteOff.objects.filter(seller_id=query.seller_id, order_id=query.order_id)
    return of_order.filter(Q(query_id__in=with_earlier_queries(query)) | Q(id__in=cases.values("write_off_id")))


def written_off_parcels(query: CustomerQuery) -> list[WrittenOffParcel]:
    """Return the parcels of the write-offs of a query that the shop may report as come back."""
    write_offs = write_offs_of_query(query)
    lines = WriteOffLine.objects.filter(seller_id=query.seller_id, write_off_id__in=write_offs.values("id"))
    columns = ("write_off_id", "write_off__number", "parcel_unit__parcel_id", "parcel_unit__parcel__code")
    rows = lines.order_by("id").values_list(*columns, "parcel_unit__parcel__tracking_number")
    cases = FoundCase.objects.filter(seller_id=query.seller_id, order_id=query.order_id)
    cases = cases.exclude(state=State.UNANSWERED)
    with_case = set(cases.values_list("write_off_id", "parcel_id")) if rows else set()
    return list(
        dict.fromkeys(
            WrittenOffParcel(number, code, tracking_number)
            for write_off_id, number, parcel_id, code, tracking_number in rows
            if (write_off_id, parcel_id) not in with_case
        )
    )


def evidence_of(case: FoundCase) -> Sequence[FoundEvidence]:
    """Return what says that a parcel was found, oldest first."""
    rows = FoundEvidence.objects.filter(seller_id=case.seller_id, case_id=case.id)
    return list(rows.order_by("at", "id"))


def outcomes_of(case: FoundCase) -> Sequence[FoundOutcome]:
    """Return what was decided about a case, with its units, oldest first."""
    rows = FoundOutcome.objects.filter(seller_id=case.seller_id, case_id=case.id)
    rows = rows.prefetch_related("units__write_off_line__order_item", "restoration")
    return list(rows.order_by("decided_at", "id"))


def questions_of_query(seller_id: UUID, query_id: UUID) -> list[FoundOutcome]:
    """Return what a customer is asked in a query, and has not answered, with its units."""
    rows = FoundOutcome.objects.filter(seller_id=seller_id, case__query_id=query_id, state=FoundOutcome.State.ASKED)
    return list(rows.prefetch_related("units__write_off_line__order_item").order_by("decided_at", "id"))

"""Look whether a scan says that a parcel moved after it was written off."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.core.clock import rfc3339
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import lock_queries_of, lock_query
from lostpost.eligibility.facts import NO_MOVEMENT
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.note_evidence import Evidence, Kind, note_evidence
from lostpost.orders.models import Order, Parcel
from lostpost.writeoffs.models import WriteOffLine


@transaction.atomic(durable=True)
def look_at_scans(*, seller_id: UUID, parcel_id: UUID, now: datetime) -> list[FoundCase]:
    """Note the newest scan of a parcel with each write-off that was decided without it; return their cases.

    What counts is whether the decision knew the scan, not when it was scanned: many come late. Paperwork of the carrier
    that moves no parcel says nothing. Safe to repeat.
    """
    order_id = Parcel.objects.values_list("order_id", flat=True).get(seller_id=seller_id, id=parcel_id)
    order = Order.objects.select_for_update().get(seller_id=seller_id, id=order_id)
    parcel = Parcel.objects.get(seller_id=seller_id, id=parcel_id)
    if parcel.last_scanned_at is None or parcel.last_status in NO_MOVEMENT:
        return []
    scan = Evidence(
        Kind.SCAN,
        parcel.last_status,
        parcel.last_scanned_at,
        text=parcel.last_text,
        data={"status": parcel.last_status, "scanned_at": rfc3339(parcel.last_scanned_at)},
    )
    lines = WriteOffLine.objects.select_related("write_off").filter(
        seller_id=seller_id, parcel_unit__parcel_id=parcel_id
    )
    unknown = {line.write_off_id: line.write_off for line in lines.order_by("id") if not _knew(line, scan)}
    cases = []
    if unknown:
        lock_queries_of(order)
    for write_off in unknown.values():
        query = _lock(seller_id, write_off.query_id)
        cases.append(note_evidence(write_off, parcel, scan, query=query, now=now))
    return [case for case in cases if case]


def _knew(line: WriteOffLine, scan: Evidence) -> bool:
    """Return whether the decision was made on this scan."""
    last_scan = (line.facts["parcel"] or {}).get("last_scan") or {}
    return (last_scan.get("scanned_at"), last_scan.get("status")) == (scan.data["scanned_at"], scan.data["status"])


def _lock(seller_id: UUID, query_id: UUID) -> CustomerQuery:
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=seller_id, id=query_id)
    return lock_query(number, seller_id=seller_id)

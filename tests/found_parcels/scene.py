"""A write-off whose parcel turns up, and what the tests of found parcels ask of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import Actor
from lostpost.customer_links.links import link_in_mail, link_of_token
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.found_parcels.look_at_scans import look_at_scans
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.say_parcel_came import say_parcel_came
from lostpost.orders.models import Parcel
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.tracking.newest_scan import SCANNED_AFTER_WRITE_OFF
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_scan, all_of, an_item, an_order, silent_parcel

LATER = NOW + timedelta(days=5)


def written_off(anna: Actor, *, fien: Actor | None = None, key: str = "write-off-1", **parcel: Any) -> WriteOff:
    """Lose a parcel and write it off; with `fien` the customer has the refund."""
    query = silent_parcel(anna, **parcel)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key=key, now=NOW)
    if fien:
        mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=NOW)
    return recorded


def two_parcels_written_off(anna: Actor, fien: Actor) -> tuple[WriteOff, Parcel, Parcel]:
    """Lose two parcels of an order with delivery costs, and write them off together; the customer has the refund."""
    order = an_order(anna.seller, an_item("1"), an_item("2"), placed_days=32, delivery_costs_minor=4_95)
    first, second = (a_parcel(order, units={item: 1}, shipped_days=31, code=f"P-{item}") for item in ("1", "2"))
    for parcel in (first, second):
        a_scan(parcel, days=30)
    query = a_query(order, anna)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=NOW)
    return recorded, first, second


def parcel_of(recorded: WriteOff) -> Parcel:
    return Parcel.objects.get(seller_id=recorded.seller_id, order_id=recorded.order_id)


def scanned(recorded: WriteOff, *, status: str = "delivered", now: datetime = LATER, days: float = 0.1) -> None:
    """Scan the parcel, and do the jobs that follow from it."""
    a_scan(parcel_of(recorded), status=status, days=days, now=now)
    do_jobs(now)


def jobs_waiting() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=SCANNED_AFTER_WRITE_OFF, status="todo").order_by("id"))


def do_jobs(now: datetime = LATER) -> None:
    """Do what the worker does with the scans so far; nothing is taken from the queue, as all is safe to repeat."""
    for job in jobs_waiting():
        for parcel in job.args["parcels"]:
            look_at_scans(seller_id=job.args["seller"], parcel_id=parcel, now=now)


def link_to(query: CustomerQuery, *, now: datetime = LATER) -> CustomerLink:
    link = link_of_token(link_in_mail(query=query, now=now).rpartition("/")[2], now=now)
    assert link
    return link


def customer_says(
    query: CustomerQuery, *, key: str = "came-after-all-1", wish: str = "", now: datetime = LATER
) -> None:
    said = {"message": "It is here after all.", "wish": wish, "key": key, "now": now}
    say_parcel_came(link=link_to(query, now=now), **said)  # type: ignore[arg-type]


def query_of(recorded: WriteOff) -> CustomerQuery:
    return CustomerQuery.objects.get(seller_id=recorded.seller_id, id=recorded.query_id)


def case_of(recorded: WriteOff) -> FoundCase:
    return FoundCase.objects.select_related("query").get(seller_id=recorded.seller_id, write_off_id=recorded.id)


def entries(query: CustomerQuery) -> list[str]:
    rows = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, kind__startswith="found.")
    return list(rows.order_by("at", "id").values_list("kind", flat=True))

"""Shift all dates by days, so that old orders can be tried out as if they were of today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from lostpost.imports.check import CheckedFiles
from lostpost.imports.sellers import sellers_by_code
from lostpost.intake.import_orders import OrderImport
from lostpost.orders.data import OrderData
from lostpost.orders.models import Order

_LOOKED_AT = 100


def days_until_today(checked: CheckedFiles, *, now: datetime, zone: ZoneInfo) -> int:
    """Count the days by which to shift, so that the newest instant of all is today in `zone`.

    Where the orders exist already, shifted by some days, it is that many again: the same import on another day changes
    nothing. Days are of 24 hours, so every span stays as long as it was.
    """
    if days := _days_of_last_time(checked):
        return days
    newest = max((instant for lot in checked.lots for instant in _instants(lot.bundle)), default=None)
    if newest is None:
        return 0
    today = now.astimezone(zone).date()
    days = (today - newest.astimezone(zone).date()).days
    # Summer time may have moved it past midnight.
    return days + (today - (newest + timedelta(days=days)).astimezone(zone).date()).days


def shifted(bundle: OrderImport, days: int) -> OrderImport:
    """Shift a bundle."""
    if not days:
        return bundle
    span = timedelta(days=days)
    return OrderImport(
        order=_moved(bundle.order, span) if bundle.order else None,
        parcels=[replace(parcel, shipped_at=parcel.shipped_at + span) for parcel in bundle.parcels],
        returns=bundle.returns,
        scans=[replace(scan, scanned_at=scan.scanned_at + span) for scan in bundle.scans],
    )


def _moved(order: OrderData, span: timedelta) -> OrderData:
    invoice = order.customer_invoice
    return replace(
        order,
        placed_at=order.placed_at + span,
        customer_invoice=invoice and replace(invoice, issued_on=invoice.issued_on + span),
    )


def _instants(bundle: OrderImport) -> Iterator[datetime]:
    if bundle.order:
        yield bundle.order.placed_at
    yield from (parcel.shipped_at for parcel in bundle.parcels)
    yield from (scan.scanned_at for scan in bundle.scans)


def _days_of_last_time(checked: CheckedFiles) -> int:
    """Return by how many days the orders were moved when they were put in; 0 if they were not, or are not there."""
    for code, seller in sellers_by_code(checked.shops).items():
        orders = (lot.bundle.order for lot in checked.shops[code].lots if lot.bundle.order)
        placed_at = {order.number: order.placed_at for order in islice(orders, _LOOKED_AT)}
        for order in Order.objects.filter(seller_id=seller.id, number__in=list(placed_at)):
            moved = order.placed_at - placed_at[order.number]
            return moved.days if moved % timedelta(days=1) == timedelta() else 0
    return 0

"""Create or update returns: units on their way back cannot be written off as lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.errors import Conflict, NotFound, Refused, Rejected
from lostpost.customer_queries.stakes import forget_stakes
from lostpost.intake.announce import announce_changes
from lostpost.orders.data import Outcome, ReturnData
from lostpost.orders.locks import Locked, lock_intake, lock_orders, lock_parcels_by_id
from lostpost.orders.models import Parcel, ParcelUnit, Return, ReturnUnit
from lostpost.orders.problems import return_problems
from lostpost.orders.written_off import note_written_off
from lostpost.sales.book_sales import book_sales
from lostpost.sales.models import Sale


class ReturnContradicts(Conflict):
    """More would come back than was sent and not written off."""

    code = "return-contradicts"


@transaction.atomic(durable=True)
def put_returns(*, seller: Seller, returns: Sequence[ReturnData], now: datetime) -> list[Outcome]:
    """Create or update returns of one shop, each by itself: a refused one leaves no row, the others are stored.

    Repeating the same content changes nothing; a cancelled return releases its units. The order is locked, so of a
    return and a write-off of the same units at the same moment one comes first, and the other is refused.
    """
    lock_intake(seller.id)
    orders = lock_orders(seller.id, (data.order_number for data in returns))
    # Their parcels too: whether one is written off is noted on it.
    locked = Locked(seller.id, orders, lock_parcels_by_id(seller.id, (), of_orders=orders.values()))
    return ingest_returns(locked, returns, now)


def put_return(*, seller: Seller, data: ReturnData, now: datetime) -> Outcome:
    """Create or update one return. Raises Rejected, NotFound or ReturnContradicts, and then leaves no row."""
    (outcome,) = put_returns(seller=seller, returns=[data], now=now)
    if outcome.refusal:
        raise outcome.refusal
    return outcome


def ingest_returns(locked: Locked, returns: Sequence[ReturnData], now: datetime) -> list[Outcome]:
    """Create or update returns within the caller's transaction, which has locked their orders and parcels."""
    outcomes: dict[int, Outcome] = {}
    sound: list[tuple[int, ReturnData]] = []
    codes: set[str] = set()
    for index, data in enumerate(returns):
        if problems := list(return_problems(data)):
            outcomes[index] = Outcome("refused", Rejected("; ".join(problems)))
        elif data.code in codes:
            outcomes[index] = Outcome("refused", Rejected(_("this return stands twice in the same batch")))
        else:
            sound.append((index, data))
            codes.add(data.code)
    if sound:
        books = _Books(locked, [data for _index, data in sound])
        for index, data in sound:
            try:
                outcomes[index] = books.put(data, now)
            except Refused as refusal:
                outcomes[index] = Outcome("refused", refusal)
        books.write()
        book_sales(locked.seller_id, books.touched, Sale.Cause.RETURNED, now)
        changed = (data for index, data in sound if outcomes[index].state in ("created", "updated"))
        forget_stakes(locked.seller_id, {locked.orders[data.order_number] for data in changed})
    ended = [outcomes[index] for index in range(len(returns))]
    announce_changes(locked.seller_id, returns, ended, now)
    return ended


class _Books:
    """The parcel units of a batch's orders, and what was returned of them."""

    def __init__(self, locked: Locked, batch: Sequence[ReturnData]) -> None:
        self.orders = locked.orders
        self.seller_id = seller_id = locked.seller_id
        orders = {locked.orders[data.order_number] for data in batch if data.order_number in locked.orders}
        rows = Return.objects.filter(seller_id=seller_id, code__in=[data.code for data in batch])
        self.known = {row.code: row for row in rows}
        parcels = {
            parcel.id: parcel
            for parcel in Parcel.objects.filter(seller_id=seller_id, order_id__in=orders).only("order_id", "code")
        }
        self.units: dict[UUID, ParcelUnit] = {}
        self.names: dict[tuple[UUID, str, str], UUID] = {}
        for unit in ParcelUnit.objects.filter(seller_id=seller_id, parcel_id__in=list(parcels)).select_related(
            "order_item"
        ):
            unit.parcel = parcels[unit.parcel_id]
            self.units[unit.id] = unit
            self.names[unit.parcel.order_id, unit.parcel.code, unit.order_item.item] = unit.id
        self.lines: dict[UUID, dict[UUID, int]] = defaultdict(dict)
        for line in ReturnUnit.objects.filter(
            seller_id=seller_id, return_id__in=[row.id for row in self.known.values()]
        ):
            self.lines[line.return_id][line.parcel_unit_id] = line.quantity
        self.recount: set[UUID] = set()
        self.touched: set[UUID] = set()  # Orders of which other units than before were received back.

    def put(self, data: ReturnData, now: datetime) -> Outcome:
        order_id = self.orders.get(data.order_number)
        if order_id is None:
            raise NotFound(
                _("there is no order “%(it)s” in this shop; put the order in first") % {"it": data.order_number}
            )
        row = self.known.get(data.code)
        if row and row.order_id != order_id:
            raise ReturnContradicts(_("return “%(it)s” belongs to another order") % {"it": data.code})
        wanted = {self._unit(order_id, unit.parcel, unit.item): unit.quantity for unit in data.units}
        before = self.lines[row.id] if row else {}
        if row and row.status == data.status and before == wanted:
            return Outcome("unchanged")
        changes = _changes(
            before if row and row.status != Return.Status.CANCELLED else {},
            wanted if data.status != Return.Status.CANCELLED else {},
        )
        self._require_left(changes)
        received = _changes(
            before if row and row.status == Return.Status.RECEIVED else {},
            wanted if data.status == Return.Status.RECEIVED else {},
        )
        if Return.Status.RECEIVED in (data.status, row.status if row else ""):
            self.touched.add(order_id)
        record = row or Return(seller_id=self.seller_id, order_id=order_id, code=data.code, registered_at=now)
        record.status = data.status
        if row is None:
            record.save(force_insert=True)
        else:
            Return.objects.filter(seller_id=self.seller_id, id=row.id).update(status=data.status)
        if before != wanted:
            self._write_lines(record, wanted)
        self._count(changes, received)
        return Outcome("updated" if row else "created")

    def write(self) -> None:
        if self.recount:
            note_written_off(self.seller_id, self.recount)

    def _unit(self, order_id: UUID, parcel: str, item: str) -> UUID:
        unit_id = self.names.get((order_id, parcel, item))
        if unit_id is None:
            raise NotFound(
                _("parcel “%(parcel)s” of this order holds no item “%(it)s”") % {"parcel": parcel, "it": item}
            )
        return unit_id

    def _require_left(self, changes: Mapping[UUID, int]) -> None:
        for unit_id, more in changes.items():
            unit = self.units[unit_id]
            left = unit.quantity - unit.quantity_written_off + unit.quantity_paid_again - unit.quantity_returned
            if more > left:
                raise ReturnContradicts(
                    _("parcel “%(parcel)s”, item “%(it)s”: only %(n)d units are neither returned nor written off")
                    % {"parcel": unit.parcel.code, "it": unit.order_item.item, "n": left}
                )

    def _write_lines(self, record: Return, wanted: Mapping[UUID, int]) -> None:
        ReturnUnit.objects.filter(seller_id=self.seller_id, return_id=record.id).delete()
        ReturnUnit.objects.bulk_create(
            ReturnUnit(seller_id=self.seller_id, return_id=record.id, parcel_unit_id=unit_id, quantity=quantity)
            for unit_id, quantity in wanted.items()
        )

    def _count(self, changes: Mapping[UUID, int], received: Mapping[UUID, int]) -> None:
        """Update the units in return, which no write-off may take, and those of them that were received."""
        for unit_id, more in changes.items():
            back = received.get(unit_id, 0)
            if more or back:
                unit = self.units[unit_id]
                ParcelUnit.objects.filter(seller_id=self.seller_id, id=unit_id).update(
                    quantity_returned=F("quantity_returned") + more, quantity_received=F("quantity_received") + back
                )
                unit.quantity_returned += more
                self.recount.add(unit.parcel_id)


def _changes(held: Mapping[UUID, int], holds: Mapping[UUID, int]) -> dict[UUID, int]:
    return {unit_id: holds.get(unit_id, 0) - held.get(unit_id, 0) for unit_id in {*holds, *held}}

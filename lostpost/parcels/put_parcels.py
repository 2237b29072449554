"""Take parcels in, or take in what changed of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.errors import Conflict, NotFound, Refused, Rejected
from lostpost.parcels.intake import Outcome, ParcelData
from lostpost.parcels.locks import lock_intake, lock_orders, lock_parcels
from lostpost.parcels.models import OrderItem, Parcel, ParcelUnit
from lostpost.parcels.problems import parcel_problems
from lostpost.parcels.written_off import note_written_off

_FIELDS = ("shipping_method", "carrier", "tracking_number", "shipped_at")
_DECISIVE = ("shipping_method", "shipped_at")  # Write-offs rest on these.


class ParcelContradicts(Conflict):
    """What is sent contradicts the order, or what was returned or written off of this parcel."""

    code = "parcel-contradicts"


@transaction.atomic(durable=True)
def put_parcels(*, seller: Seller, parcels: Sequence[ParcelData], now: datetime) -> list[Outcome]:
    """Take in parcels of one shop, each for itself: a refused one leaves no row, the others go in.

    Repeating the same content changes nothing. A corrected tracking number starts the clock of `recent-update` again.
    """
    lock_intake(seller.id)
    return take_parcels(seller.id, parcels, now)


def put_parcel(*, seller: Seller, parcel: ParcelData, now: datetime) -> Outcome:
    """Take in one parcel. Raises Rejected, NotFound or ParcelContradicts, and then leaves no row."""
    (outcome,) = put_parcels(seller=seller, parcels=[parcel], now=now)
    if outcome.refusal:
        raise outcome.refusal
    return outcome


def take_parcels(seller_id: UUID, parcels: Sequence[ParcelData], now: datetime) -> list[Outcome]:
    """Take in parcels within the caller's transaction, which holds the lock of the shop's intake."""
    outcomes: dict[int, Outcome] = {}
    sound: list[tuple[int, ParcelData]] = []
    codes: set[str] = set()
    for index, data in enumerate(parcels):
        if problems := list(parcel_problems(data, now)):
            outcomes[index] = Outcome("refused", Rejected("; ".join(problems)))
        elif data.code in codes:
            outcomes[index] = Outcome("refused", Rejected(_("this parcel stands twice in the same batch")))
        else:
            sound.append((index, data))
            codes.add(data.code)
    if sound:
        books = _Books(seller_id, [data for _index, data in sound])
        for index, data in sound:
            try:
                outcomes[index] = books.put(data, now)
            except Refused as refusal:
                outcomes[index] = Outcome("refused", refusal)
        books.write()
    return [outcomes[index] for index in range(len(parcels))]


class _Books:
    """The orders and parcels that a batch is about, locked, and what the batch will add to them."""

    def __init__(self, seller_id: UUID, batch: Sequence[ParcelData]) -> None:
        self.seller_id = seller_id
        self.orders = lock_orders(seller_id, (data.order_number for data in batch))
        ids = lock_parcels(seller_id, (data.code for data in batch))
        self.known = {
            parcel.code: parcel
            for parcel in (Parcel.objects.filter(seller_id=seller_id, id__in=list(ids.values())) if ids else ())
        }
        self.items: dict[UUID, OrderItem] = {}
        self.names: dict[tuple[UUID, str], UUID] = {}
        self.shipped: dict[UUID, int] = defaultdict(int)
        self.units: dict[UUID, dict[UUID, ParcelUnit]] = defaultdict(dict)
        for item in OrderItem.objects.filter(seller_id=seller_id, order_id__in=list(self.orders.values())):
            self.items[item.id] = item
            self.names[item.order_id, item.item] = item.id
        for unit in ParcelUnit.objects.filter(seller_id=seller_id, order_item_id__in=list(self.items)):
            self.shipped[unit.order_item_id] += unit.quantity
            self.units[unit.parcel_id][unit.order_item_id] = unit
        self.new_parcels: list[Parcel] = []
        self.new_units: list[ParcelUnit] = []
        self.recount: set[UUID] = set()

    def put(self, data: ParcelData, now: datetime) -> Outcome:
        order_id = self.orders.get(data.order_number)
        if order_id is None:
            raise NotFound(
                _("there is no order “%(it)s” in this shop; put the order in first") % {"it": data.order_number}
            )
        wanted = {self._item(order_id, unit.item, data): unit.quantity for unit in data.units}
        parcel = self.known.get(data.code)
        if parcel and parcel.order_id != order_id:
            raise ParcelContradicts(_("parcel “%(it)s” belongs to another order") % {"it": data.code})
        present = self.units[parcel.id] if parcel else {}
        for item_id, quantity in wanted.items():
            self._require_room(item_id, quantity - (present[item_id].quantity if item_id in present else 0))
        if parcel:
            return self._change(parcel, data, wanted, present, now)
        parcel = Parcel(seller_id=self.seller_id, order_id=order_id, code=data.code)
        for name in _FIELDS:
            setattr(parcel, name, getattr(data, name))
        self.new_parcels.append(parcel)
        self._add_units(parcel, wanted)
        return Outcome("created")

    def write(self) -> None:
        if self.new_parcels:
            Parcel.objects.bulk_create(self.new_parcels)
        if self.new_units:
            ParcelUnit.objects.bulk_create(self.new_units)
        if self.recount:
            note_written_off(self.seller_id, self.recount)

    def _item(self, order_id: UUID, name: str, data: ParcelData) -> UUID:
        item_id = self.names.get((order_id, name))
        if item_id is None:
            raise NotFound(
                _("order “%(order)s” has no item “%(it)s”; the names must be the same as in the order")
                % {"order": data.order_number, "it": name}
            )
        return item_id

    def _require_room(self, item_id: UUID, more: int) -> None:
        item = self.items[item_id]
        most = item.quantity - item.quantity_cancelled
        if more > 0 and self.shipped[item_id] + more > most:
            raise ParcelContradicts(
                _("item “%(it)s”: %(n)d units are ordered and not cancelled, %(m)d would be shipped")
                % {"it": item.item, "n": most, "m": self.shipped[item_id] + more}
            )

    def _add_units(self, parcel: Parcel, wanted: dict[UUID, int]) -> None:
        for item_id, quantity in wanted.items():
            self.shipped[item_id] += quantity
            self.new_units.append(
                ParcelUnit(seller_id=self.seller_id, parcel_id=parcel.id, order_item_id=item_id, quantity=quantity)
            )

    def _change(
        self, parcel: Parcel, data: ParcelData, wanted: dict[UUID, int], present: dict[UUID, ParcelUnit], now: datetime
    ) -> Outcome:
        values = {name: getattr(data, name) for name in _FIELDS if getattr(parcel, name) != getattr(data, name)}
        _require_no_contradiction(values, wanted, present)
        same_units = {item_id: unit.quantity for item_id, unit in present.items()} == wanted
        if same_units and not values:
            return Outcome("unchanged")
        if "tracking_number" in values and parcel.tracking_number:
            values["tracking_number_changed_at"] = now
        if values:
            Parcel.objects.filter(seller_id=self.seller_id, id=parcel.id).update(**values)
        if not same_units:
            self._change_units(parcel, wanted, present)
        return Outcome("updated")

    def _change_units(self, parcel: Parcel, wanted: dict[UUID, int], present: dict[UUID, ParcelUnit]) -> None:
        for item_id, unit in present.items():
            row = ParcelUnit.objects.filter(seller_id=self.seller_id, id=unit.id)
            if item_id not in wanted:
                row.delete()
            elif wanted[item_id] != unit.quantity:
                row.update(quantity=wanted[item_id])
            self.shipped[item_id] += wanted.get(item_id, 0) - unit.quantity
        self._add_units(parcel, {item_id: n for item_id, n in wanted.items() if item_id not in present})
        if any(unit.quantity_written_off for unit in present.values()):
            self.recount.add(parcel.id)


def _require_no_contradiction(values: dict[str, Any], wanted: dict[UUID, int], present: dict[UUID, ParcelUnit]) -> None:
    decided = any(unit.quantity_written_off for unit in present.values())
    if decided and (fixed := [name for name in values if name in _DECISIVE]):
        raise ParcelContradicts(
            _("%(what)s of this parcel cannot change any more: units of it were written off")
            % {"what": ", ".join(fixed)}
        )
    for item_id, unit in present.items():
        gone = unit.quantity_written_off + unit.quantity_returned
        if wanted.get(item_id, 0) < gone:
            raise ParcelContradicts(
                _("%(n)d units of this parcel were written off or returned already; fewer cannot be in it")
                % {"n": gone}
            )

"""Create or update parcels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.clock import utc
from lostpost.core.errors import Conflict, NotFound, Refused, Rejected
from lostpost.core.text import compact_form, is_blank
from lostpost.customer_queries.stakes import forget_stakes
from lostpost.intake.announce import announce_changes
from lostpost.intake.inserts import insert_parcels
from lostpost.orders.data import Outcome, ParcelData
from lostpost.orders.locks import Locked, LockedItem, lock_intake, lock_orders, lock_parcels_by_id
from lostpost.orders.models import OrderItem, Parcel, ParcelUnit
from lostpost.orders.problems import parcel_problems
from lostpost.orders.spellings import same_value, with_forms
from lostpost.orders.written_off import note_written_off
from lostpost.sales.book_sales import book_sales
from lostpost.sales.models import Sale
from lostpost.tracking.unmatched_scans import ParcelKeys, attach_waiting_scans

_FIELDS = ("shipping_method", "carrier", "tracking_number", "shipped_at")
_DECISIVE = ("shipping_method", "shipped_at")  # Write-offs rest on these.


class ParcelContradicts(Conflict):
    """What is sent contradicts the order, or what was returned or written off of this parcel."""

    code = "parcel-contradicts"


@transaction.atomic(durable=True)
def put_parcels(*, seller: Seller, parcels: Sequence[ParcelData], now: datetime) -> list[Outcome]:
    """Create or update parcels of one shop, each by itself: a refused one leaves no row, the others are stored.

    Repeating the same content changes nothing. A corrected tracking number starts the clock of `recent-update` again.
    """
    lock_intake(seller.id)
    orders = lock_orders(seller.id, (parcel.order_number for parcel in parcels))
    locked = Locked(seller.id, orders, lock_parcels_by_id(seller.id, (parcel.code for parcel in parcels)))
    return ingest_parcels(locked, parcels, now)


def put_parcel(*, seller: Seller, parcel: ParcelData, now: datetime) -> Outcome:
    """Create or update one parcel. Raises Rejected, NotFound or ParcelContradicts, and then leaves no row."""
    (outcome,) = put_parcels(seller=seller, parcels=[parcel], now=now)
    if outcome.refusal:
        raise outcome.refusal
    return outcome


def ingest_parcels(locked: Locked, parcels: Sequence[ParcelData], now: datetime) -> list[Outcome]:
    """Create or update parcels within the caller's transaction, which has locked their orders and existing parcels."""
    outcomes: dict[int, Outcome] = {}
    sound: list[tuple[int, ParcelData]] = []
    codes: set[str] = set()
    for index, data in enumerate(parcels):
        if problems := list(parcel_problems(data, now)):
            outcomes[index] = Outcome("refused", Rejected("; ".join(problems)))
        elif data.code in codes:
            outcomes[index] = Outcome("refused", Rejected(_("this parcel stands twice in the same batch")))
        else:
            sound.append((index, _without_blank_number(data)))
            codes.add(data.code)
    if sound:
        books = _Books(locked, [data for _index, data in sound])
        for index, data in sound:
            try:
                outcomes[index] = books.put(data, now)
            except Refused as refusal:
                outcomes[index] = Outcome("refused", refusal)
        books.write(now)
        book_sales(locked.seller_id, books.touched, Sale.Cause.HANDED_OVER, now)
        forget_stakes(locked.seller_id, books.touched - locked.new_items.keys())
    ended = [outcomes[index] for index in range(len(parcels))]
    announce_changes(locked.seller_id, parcels, ended, now)
    return ended


class _Books:
    """What is known of the orders and parcels that a batch is about, and what the batch will add to them."""

    def __init__(self, locked: Locked, batch: Sequence[ParcelData]) -> None:
        self.locked = locked
        self.seller_id = locked.seller_id
        self.known = self._parcels([locked.parcels[data.code] for data in batch if data.code in locked.parcels])
        orders = {locked.orders[data.order_number] for data in batch if data.order_number in locked.orders}
        self.items = {row.id: row for order_id in orders for row in locked.new_items.get(order_id, ())}
        self.shipped: dict[UUID, int] = defaultdict(int)
        self.units: dict[UUID, dict[UUID, ParcelUnit]] = defaultdict(dict)
        if earlier := orders - locked.new_items.keys():
            self._read(list(earlier))
        self.names = {(row.order_id, row.item): row.id for row in self.items.values()}
        self.new_parcels: list[tuple[ParcelData, UUID, dict[UUID, int]]] = []
        self.new_units: list[ParcelUnit] = []
        self.renumbered: list[ParcelKeys] = []
        self.recount: set[UUID] = set()
        self.touched: set[UUID] = set()  # Orders with other parcels than before.

    def _parcels(self, ids: list[UUID]) -> dict[str, Parcel]:
        rows = Parcel.objects.filter(seller_id=self.seller_id, id__in=ids) if ids else ()
        return {parcel.code: parcel for parcel in rows}

    def _read(self, orders: list[UUID]) -> None:
        """Read the lines of orders that were there, and what of them lies in parcels."""
        lines = OrderItem.objects.filter(seller_id=self.seller_id, order_id__in=orders)
        for row in lines.values_list("id", "order_id", "item", "quantity", "quantity_cancelled"):
            self.items[row[0]] = LockedItem(*row)
        for unit in ParcelUnit.objects.filter(seller_id=self.seller_id, order_item_id__in=list(self.items)):
            self.shipped[unit.order_item_id] += unit.quantity
            self.units[unit.parcel_id][unit.order_item_id] = unit

    def put(self, data: ParcelData, now: datetime) -> Outcome:
        order_id = self.locked.orders.get(data.order_number)
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
        self.new_parcels.append((data, order_id, wanted))
        self.touched.add(order_id)
        for item_id, quantity in wanted.items():
            self.shipped[item_id] += quantity
        return Outcome("created")

    def write(self, now: datetime) -> None:
        renumbered = self.renumbered
        if self.new_parcels:
            parcel_ids = insert_parcels(self.seller_id, self.new_parcels)
            self.locked.parcels |= parcel_ids
            new = (data for data, _order_id, _units in self.new_parcels)
            renumbered = [*renumbered, *(_keys(parcel_ids[data.code], data) for data in new)]
        if renumbered:
            attach_waiting_scans(self.seller_id, renumbered, now)
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

    def _change(
        self, parcel: Parcel, data: ParcelData, wanted: dict[UUID, int], present: dict[UUID, ParcelUnit], now: datetime
    ) -> Outcome:
        values = {
            name: getattr(data, name) for name in _FIELDS if not same_value(getattr(parcel, name), getattr(data, name))
        }
        _require_no_contradiction(values, wanted, present)
        same_units = {item_id: unit.quantity for item_id, unit in present.items()} == wanted
        if same_units and not values:
            return Outcome("unchanged")
        other_number = compact_form(data.tracking_number) != parcel.tracking_number_normalised
        if (
            other_number and parcel.tracking_number_normalised
        ):  # In other capitals or with blanks it is the same number.
            values["tracking_number_changed_at"] = now
        if other_number or compact_form(data.carrier) != parcel.carrier_normalised:
            self.renumbered.append(_keys(parcel.id, data))
        if values:
            if "shipped_at" in values:
                values["shipped_at"] = utc(data.shipped_at)
            Parcel.objects.filter(seller_id=self.seller_id, id=parcel.id).update(**with_forms(values))
        if not same_units:
            self._change_units(parcel, wanted, present)
            self.touched.add(parcel.order_id)
        return Outcome("updated")

    def _change_units(self, parcel: Parcel, wanted: dict[UUID, int], present: dict[UUID, ParcelUnit]) -> None:
        for item_id, unit in present.items():
            row = ParcelUnit.objects.filter(seller_id=self.seller_id, id=unit.id)
            if item_id not in wanted:
                row.delete()
            elif wanted[item_id] != unit.quantity:
                row.update(quantity=wanted[item_id])
            self.shipped[item_id] += wanted.get(item_id, 0) - unit.quantity
        for item_id, quantity in wanted.items():
            if item_id not in present:
                self.shipped[item_id] += quantity
                self.new_units.append(
                    ParcelUnit(seller_id=self.seller_id, parcel_id=parcel.id, order_item_id=item_id, quantity=quantity)
                )
        if any(unit.quantity_written_off for unit in present.values()):
            self.recount.add(parcel.id)


def _without_blank_number(data: ParcelData) -> ParcelData:
    """Replace a tracking number of blanks and invisible characters by none."""
    return replace(data, tracking_number="") if data.tracking_number and is_blank(data.tracking_number) else data


def _keys(parcel_id: UUID, data: ParcelData) -> ParcelKeys:
    return ParcelKeys(parcel_id, data.code, data.carrier, data.tracking_number)


def _require_no_contradiction(values: dict[str, Any], wanted: dict[UUID, int], present: dict[UUID, ParcelUnit]) -> None:
    decided = any(unit.quantity_written_off for unit in present.values())
    if decided and (fixed := [name for name in values if name in _DECISIVE]):
        raise ParcelContradicts(
            _("%(what)s of this parcel cannot change any more: units of it were written off")
            % {"what": ", ".join(fixed)}
        )
    for item_id, unit in present.items():
        unavailable = unit.quantity_written_off - unit.quantity_paid_again + unit.quantity_returned
        if wanted.get(item_id, 0) < unavailable or (unit.quantity_written_off and item_id not in wanted):
            raise ParcelContradicts(
                _("%(n)d units of this parcel were written off or returned already; fewer cannot be in it")
                % {"n": unavailable}
            )

"""Take returns in: units on their way back cannot be written off as lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.errors import Conflict, NotFound, Refused, Rejected
from lostpost.parcels.intake import Outcome, ReturnData
from lostpost.parcels.locks import lock_intake
from lostpost.parcels.models import Order, ParcelUnit, Return, ReturnUnit
from lostpost.parcels.problems import return_problems


class ReturnContradicts(Conflict):
    """More would come back than was sent and not written off."""

    code = "return-contradicts"


@transaction.atomic(durable=True)
def put_returns(*, seller: Seller, returns: Sequence[ReturnData], now: datetime) -> list[Outcome]:
    """Take in returns of one shop, each for itself: a refused one leaves no row, the others go in.

    Repeating the same content changes nothing; a cancelled return gives its units free again. The order is locked, so
    of a return and a write-off of the same units at the same moment one comes first, and the other is refused.
    """
    lock_intake(seller.id)
    numbers = {data.order_number for data in returns}
    orders = dict(
        Order.objects.filter(seller_id=seller.id, number__in=numbers)
        .order_by("id")
        .select_for_update(of=("self",))
        .values_list("number", "id")
    )
    known = {
        row.code: row for row in Return.objects.filter(seller_id=seller.id, code__in=[data.code for data in returns])
    }
    units: dict[tuple[UUID, str, str], ParcelUnit] = {}
    for unit in ParcelUnit.objects.filter(seller_id=seller.id, parcel__order_id__in=orders.values()).select_related(
        "parcel", "order_item"
    ):
        units[unit.parcel.order_id, unit.parcel.code, unit.order_item.item] = unit
    lines: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for line in ReturnUnit.objects.filter(seller_id=seller.id, return_id__in=[row.id for row in known.values()]):
        lines[line.return_id][line.parcel_unit_id] = line.quantity
    outcomes = []
    for data in returns:
        try:
            outcomes.append(_put(seller, data, orders, known, units, lines, now))
        except Refused as refusal:
            outcomes.append(Outcome("refused", refusal))
    return outcomes


def put_return(*, seller: Seller, data: ReturnData, now: datetime) -> Outcome:
    """Take in one return. Raises Rejected, NotFound or ReturnContradicts, and then leaves no row."""
    (outcome,) = put_returns(seller=seller, returns=[data], now=now)
    if outcome.refusal:
        raise outcome.refusal
    return outcome


def _put(
    seller: Seller,
    data: ReturnData,
    orders: dict[str, UUID],
    known: dict[str, Return],
    units: dict[tuple[UUID, str, str], ParcelUnit],
    lines: dict[UUID, dict[UUID, int]],
    now: datetime,
) -> Outcome:
    if problems := list(return_problems(data)):
        raise Rejected("; ".join(problems))
    order_id = orders.get(data.order_number)
    if order_id is None:
        raise NotFound(_("there is no order “%(it)s” in this shop; put the order in first") % {"it": data.order_number})
    row = known.get(data.code)
    if row and row.order_id != order_id:
        raise ReturnContradicts(_("return “%(it)s” belongs to another order") % {"it": data.code})
    wanted: dict[UUID, int] = {}
    by_id: dict[UUID, ParcelUnit] = {}
    for unit_data in data.units:
        unit = units.get((order_id, unit_data.parcel, unit_data.item))
        if unit is None:
            raise NotFound(
                _("parcel “%(parcel)s” of this order holds no item “%(it)s”")
                % {"parcel": unit_data.parcel, "it": unit_data.item}
            )
        wanted[unit.id] = unit_data.quantity
        by_id[unit.id] = unit
    before = lines[row.id] if row else {}
    if row and row.status == data.status and before == wanted:
        return Outcome("unchanged")
    held_before = before if row and row.status != Return.Status.CANCELLED else {}
    holds = wanted if data.status != Return.Status.CANCELLED else {}
    by_id |= {unit.id: unit for unit in units.values() if unit.id in held_before}
    changes = {unit_id: holds.get(unit_id, 0) - held_before.get(unit_id, 0) for unit_id in {*holds, *held_before}}
    for unit_id, more in changes.items():
        unit = by_id[unit_id]
        left = unit.quantity - unit.quantity_written_off - unit.quantity_returned
        if more > left:
            raise ReturnContradicts(
                _("parcel “%(parcel)s”, item “%(it)s”: only %(n)d units are neither returned nor written off")
                % {"parcel": unit.parcel.code, "it": unit.order_item.item, "n": left}
            )
    if row is None:
        row = Return(seller_id=seller.id, order_id=order_id, code=data.code, status=data.status, registered_at=now)
        row.save(force_insert=True)
        known[data.code] = row
    elif row.status != data.status:
        row.status = data.status
        Return.objects.filter(seller_id=seller.id, id=row.id).update(status=data.status)
    if before != wanted:
        ReturnUnit.objects.filter(seller_id=seller.id, return_id=row.id).delete()
        ReturnUnit.objects.bulk_create(
            ReturnUnit(seller_id=seller.id, return_id=row.id, parcel_unit_id=unit_id, quantity=quantity)
            for unit_id, quantity in wanted.items()
        )
        lines[row.id] = wanted
    for unit_id, more in changes.items():
        if more:
            ParcelUnit.objects.filter(seller_id=seller.id, id=unit_id).update(
                quantity_returned=F("quantity_returned") + more
            )
            by_id[unit_id].quantity_returned += more
    return Outcome("updated" if before else "created")

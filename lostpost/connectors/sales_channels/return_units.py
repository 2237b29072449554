"""Find the parcels in which units came that go back: platforms name the article or the line alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.connectors.sales_channels.platform import RecordUnreadable
from lostpost.orders.data import UnitData
from lostpost.orders.models import ParcelUnit, ReturnUnit


def units_to_return(*, seller_id: UUID, order: str, of_item: Q, quantity: int, code: str) -> list[UnitData]:
    """Choose units of an order's parcels that a return can take, the first ones sent first.

    What the return holds already it keeps, so that a repeat changes nothing.

    Args: `of_item`: matches items of the order. `code`: of the return. Raises: RecordUnreadable if there are too few.
    """
    units = list(
        ParcelUnit.objects.filter(
            of_item,
            seller_id=seller_id,
            parcel__order__number=order,
            parcel__order__seller_id=seller_id,
            parcel__seller_id=seller_id,
            order_item__seller_id=seller_id,
        )
        .select_related("parcel", "order_item")
        .order_by("parcel__shipped_at", "parcel__code", "order_item__item")
    )
    lines = ReturnUnit.objects.filter(seller_id=seller_id, return_of__seller_id=seller_id, return_of__code=code)
    has = {line.parcel_unit_id: line.quantity for line in lines}
    units.sort(key=lambda unit: unit.id not in has)  # Stable: the others stay in their order.
    chosen, left = [], quantity
    for unit in units:
        free = unit.quantity - unit.quantity_written_off + unit.quantity_paid_again - unit.quantity_returned
        count = min(left, free + has.get(unit.id, 0))
        if count > 0:
            chosen.append(UnitData(unit.order_item.item, count, unit.parcel.code))
            left -= count
    if left:
        taken_units = quantity - left
        raise RecordUnreadable(
            ngettext(
                "of %(all)d units that go back %(n)d was sent and is neither returned nor written off",
                "of %(all)d units that go back %(n)d were sent and are neither returned nor written off",
                taken_units,
            )
            % {"all": quantity, "n": taken_units}
            if units
            else _("no parcel of order “%(order)s” holds it") % {"order": order}
        )
    return chosen

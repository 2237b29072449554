"""Read WooCommerce's orders and refunds into ours.

Amounts of lines are without VAT whatever the shop shows its customers, their VAT beside them, coupons taken off. Core
knows no parcels: "completed" is sent, and plugins keep Track & Trace numbers in the order's meta data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lostpost.connectors.sales_channels.platform import RecordUnreadable
from lostpost.connectors.sales_channels.reading import (
    decimal_of,
    instant_of,
    line_of,
    number_named,
    quantity_of,
    reference_of,
    rounded_minor,
)
from lostpost.connectors.tracking_sources.adapter import member, members
from lostpost.orders.data import ItemData, OrderData, ParcelData, UnitData
from lostpost.sales_channels.carrier_names import CarrierNames

PAID = frozenset({"processing", "completed", "refunded"})  # Others are not paid, or not any more.
TRACKING, OLD_NUMBER = "_wc_shipment_tracking_items", "_tracking_number"
_LAST_SECOND = time(23, 59, 59)


@dataclass(slots=True)
class RefundedLine:
    """What refunds took of one line: units, and money without units."""

    quantity: int = 0
    amount: Decimal = Decimal(0)


@dataclass(slots=True)
class WooOrder:
    """An order with its parcels, and the units that each refund took."""

    order: OrderData
    parcels: Sequence[ParcelData]
    problem: str  # Why parcels are left out; empty: none are.
    refunds: dict[str, dict[str, int]] = field(default_factory=dict)  # By refund: units by item.


def is_paid(content: Mapping[str, Any]) -> bool:
    """Say whether the customer has paid an order; a cart, or what waits for a bank transfer, is none of ours."""
    return content.get("status") in PAID


def woo_order(
    content: Mapping[str, Any],
    refunds: Sequence[Mapping[str, Any]],
    *,
    prefix: str,
    language: str,
    carriers: CarrierNames,
    now: datetime,
) -> WooOrder:
    """Read an order with its refunds. Args: `language`: of the customer. Raises: RecordUnreadable."""
    number = number_named(prefix, line_of(content, "number", 64) or reference_of(content, "id"))
    placed_at = instant_of(content.get("date_created_gmt"), zoned=False)
    if placed_at is None:
        raise RecordUnreadable(_("no date of the order"))
    billed = member(content, "billing")
    to = member(content, "shipping") if line_of(member(content, "shipping"), "country", 2) else billed
    if not line_of(billed, "email", 254):
        raise RecordUnreadable(_("no e-mail address of the customer"))
    lines = list(members(content, "line_items"))
    taken = _refunded(refunds)
    quantities = {reference_of(line, "id"): quantity_of(line, "quantity", n) for n, line in enumerate(lines, start=1)}
    quantities = {item: quantity for item, quantity in quantities.items() if quantity}
    if content.get("status") in ("refunded", "cancelled"):  # All of it, whatever its refunds say.
        taken = {item: RefundedLine(quantity) for item, quantity in quantities.items()}
    back = {item: min(taken.get(item, RefundedLine()).quantity, quantity) for item, quantity in quantities.items()}
    sent, problem = _parcels(content, number, quantities, back, carriers, now)
    in_parcels = _sum_of(sent)
    cancelled = {item: min(back[item], quantities[item] - in_parcels.get(item, 0)) for item in quantities}
    paid, delivery = _amounts(content, lines, quantities, taken)
    items = [
        ItemData(
            item=item,
            title=line_of(line, "name", 300) or _("without a title"),
            quantity=quantities[item],
            paid_minor=paid[item],
            commission_minor=0,  # It is the shop's own.
            sku=line_of(line, "sku", 64),
            quantity_cancelled=cancelled[item],
        )
        for line in lines
        if (item := line_of(line, "id", 64)) in quantities
    ]
    order = OrderData(
        number=number,
        placed_at=placed_at,
        currency=line_of(content, "currency", 3),
        customer_name=_name_in(to) or _name_in(billed),
        customer_email=line_of(billed, "email", 254),
        items=items,
        delivery_costs_minor=delivery,
        customer_language=language,
        customer_country=line_of(to, "country", 2) or "NL",
        customer_postal_code=line_of(to, "postcode", 20),
    )
    return WooOrder(order, sent, problem, _units_by_refund(content, refunds, quantities, cancelled))


def _refunded(refunds: Sequence[Mapping[str, Any]]) -> dict[str, RefundedLine]:
    """Add up what refunds took of each line; money that names no line is under ""."""
    taken: dict[str, RefundedLine] = {}
    for refund in refunds:
        rest = abs(decimal_of(refund.get("amount")) or Decimal(0))
        for line in members(refund, "line_items"):
            amount = abs(_with_vat(line))
            rest -= amount
            of_line = taken.setdefault(_refunded_item(line), RefundedLine())
            units = line.get("quantity")
            if isinstance(units, int) and units:
                of_line.quantity += abs(units)
            else:
                of_line.amount += amount
        for name in ("shipping_lines", "fee_lines"):
            rest -= sum((abs(_with_vat(line)) for line in members(refund, name)), Decimal(0))
        if rest >= Decimal("0.01"):
            taken.setdefault("", RefundedLine()).amount += rest
    return taken


def _units_by_refund(
    content: Mapping[str, Any],
    refunds: Sequence[Mapping[str, Any]],
    quantities: Mapping[str, int],
    cancelled: Mapping[str, int],
) -> dict[str, dict[str, int]]:
    """Say which units each refund took out of parcels: those that were never sent go first."""
    left = dict(cancelled)
    units: dict[str, dict[str, int]] = {}
    if content.get("status") == "refunded":  # One return of all that was sent.
        whole = {item: quantity - left.get(item, 0) for item, quantity in quantities.items()}
        return {"all": {item: quantity for item, quantity in whole.items() if quantity}}
    for refund in sorted(refunds, key=lambda each: line_of(each, "id", 64).zfill(20)):
        of_refund: dict[str, int] = {}
        for line in members(refund, "line_items"):
            item, quantity = _refunded_item(line), line.get("quantity")
            if item not in quantities or not isinstance(quantity, int):
                continue
            never_sent = min(abs(quantity), left.get(item, 0))
            left[item] = left.get(item, 0) - never_sent
            if abs(quantity) > never_sent:
                of_refund[item] = of_refund.get(item, 0) + abs(quantity) - never_sent
        if of_refund:
            units[line_of(refund, "id", 64)] = of_refund
    return units


def _amounts(
    content: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    quantities: Mapping[str, int],
    taken: Mapping[str, RefundedLine],
) -> tuple[dict[str, int], int]:
    """Return what was paid for each line and for delivery, so that all of it is the order's total, to the cent.

    Fees are paid with the delivery; a fee below nothing is a discount of all lines. Money that was refunded without
    units was never paid. Raises: RecordUnreadable.
    """
    currency = line_of(content, "currency", 3)
    total = decimal_of(content.get("total"))
    if total is None:
        raise RecordUnreadable(_("no total of the order"))
    paid: dict[str, int] = {}
    for n, line in enumerate(lines, start=1):
        if decimal_of(line.get("total")) is None:
            raise RecordUnreadable(_("no price of line %(n)d") % {"n": n})
        if (item := line_of(line, "id", 64)) in quantities:
            paid[item] = rounded_minor(_with_vat(line), currency, _("the price of line %(n)d") % {"n": n})
    delivery, discount = _with_vat(content, "shipping_total", "shipping_tax"), Decimal(0)
    for fee in members(content, "fee_lines"):
        amount = _with_vat(fee)
        delivery, discount = (delivery + amount, discount) if amount >= 0 else (delivery, discount - amount)
    delivery_minor = rounded_minor(delivery, currency, _("the delivery"))
    _take_off(paid, rounded_minor(discount, currency, _("the discount")))
    rest = rounded_minor(total, currency, _("the total")) - sum(paid.values()) - delivery_minor
    if abs(rest) > len(paid) + 1:
        raise RecordUnreadable(
            _("the lines and the delivery differ from the total by %(n)d in the currency's smallest unit") % {"n": rest}
        )
    if rest and paid:  # VAT was rounded per line, or once for all of them.
        dearest = max(paid, key=lambda item: paid[item])
        paid[dearest] = max(0, paid[dearest] + rest)
    for item, amount_minor in paid.items():
        taken_minor = rounded_minor(taken.get(item, RefundedLine()).amount, currency, _("the refund"))
        paid[item] = max(0, amount_minor - taken_minor)
    _take_off(paid, rounded_minor(taken.get("", RefundedLine()).amount, currency, _("the refund")))
    return paid, delivery_minor


def _take_off(paid: dict[str, int], minor: int) -> None:
    """Spread an amount over the lines by what was paid for each, as far as there is anything left."""
    total = sum(paid.values())
    left = minor = min(minor, total)
    for item, amount in paid.items():
        share = min(minor * amount // total, left) if total else 0
        paid[item], left = amount - share, left - share
    for item, amount in paid.items():  # Each share was rounded down: a few units are left.
        share = min(amount, left)
        paid[item], left = amount - share, left - share


def _parcels(
    content: Mapping[str, Any],
    number: str,
    quantities: Mapping[str, int],
    back: Mapping[str, int],
    carriers: CarrierNames,
    now: datetime,
) -> tuple[list[ParcelData], str]:
    """Read the parcels, and say why they are left out where nobody can tell what lies in which."""
    meta = {line_of(each, "key", 64): each.get("value") for each in members(content, "meta_data")}
    trackings = [each for each in _listed(meta.get(TRACKING)) if line_of(each, "tracking_number", 64)]
    if not trackings and isinstance(meta.get(OLD_NUMBER), str):
        trackings = [{"tracking_number": meta[OLD_NUMBER], "tracking_provider": meta.get("_tracking_provider")}]
    completed_at = instant_of(content.get("date_completed_gmt"), zoned=False)
    if not trackings and completed_at is None:
        return [], ""
    everything = [UnitData(item, quantity) for item, quantity in quantities.items()]
    if completed_at is None:  # What was taken back before all was sent was never sent.
        everything = [UnitData(item, left) for item, n in quantities.items() if (left := n - back.get(item, 0))]
    if not everything:
        return [], ""
    modified_at = instant_of(content.get("date_modified_gmt"), zoned=False) or now
    fallback = completed_at or modified_at
    if len(trackings) < 2:
        tracking = trackings[0] if trackings else {}
        return [_parcel(f"{number}-P1", number, tracking, everything, carriers, fallback, now)], ""
    contents = [_contents(each, quantities) for each in trackings]
    if not all(contents):
        problem = _("%(n)d Track & Trace numbers, and nothing says which units lie in which parcel")
        return [], problem % {"n": len(trackings)}
    return [
        _parcel(f"{number}-P{n}", number, tracking, units, carriers, fallback, now)
        for n, (tracking, units) in enumerate(zip(trackings, contents, strict=True), start=1)
    ], ""


def _parcel(
    code: str,
    number: str,
    tracking: Mapping[str, Any],
    units: Sequence[UnitData],
    carriers: CarrierNames,
    fallback: datetime,
    now: datetime,
) -> ParcelData:
    provider = line_of(tracking, "custom_tracking_provider", 64) or line_of(tracking, "tracking_provider", 64)
    return ParcelData(
        code=code,
        order_number=number,
        shipping_method="own",
        shipped_at=_shipped_at(tracking.get("date_shipped"), now) or fallback,
        units=units,
        carrier=carriers.carrier(provider),
        tracking_number=line_of(tracking, "tracking_number", 64),
    )


def _shipped_at(value: object, now: datetime) -> datetime | None:
    """Read a day that plugins keep as seconds since 1970, or as a date: the end of it, as nobody says when."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**33:
        at = datetime.fromtimestamp(value, UTC)
        return at if at.time() != time.min else min(datetime.combine(at.date(), _LAST_SECOND, UTC), max(now, at))
    at_day = instant_of(value, zoned=False)
    return min(at_day + timedelta(hours=23, minutes=59, seconds=59), max(now, at_day)) if at_day else None


def _contents(tracking: Mapping[str, Any], quantities: Mapping[str, int]) -> list[UnitData]:
    """Read what lies in a parcel, as some plugins know it; empty where they do not."""
    units: dict[str, int] = {}
    for each in _listed(tracking.get("products_list")):
        item, quantity = line_of(each, "item_id", 64), each.get("qty")
        if isinstance(quantity, str) and quantity.isdigit():
            quantity = int(quantity)
        if item not in quantities or not isinstance(quantity, int) or quantity < 1:
            return []
        units[item] = units.get(item, 0) + quantity
    return [UnitData(item, quantity) for item, quantity in units.items()]


def _sum_of(parcels: Sequence[ParcelData]) -> dict[str, int]:
    units: dict[str, int] = {}
    for parcel in parcels:
        for unit in parcel.units:
            units[unit.item] = units.get(unit.item, 0) + unit.quantity
    return units


def _refunded_item(line: Mapping[str, Any]) -> str:
    """Return which line of the order a line of a refund is about: its meta data say so."""
    keys = ((line_of(each, "key", 64), each) for each in members(line, "meta_data"))
    return next((line_of(each, "value", 64) for key, each in keys if key == "_refunded_item_id"), "")


def _with_vat(line: Mapping[str, Any], amount: str = "total", vat: str = "total_tax") -> Decimal:
    return (decimal_of(line.get(amount)) or Decimal(0)) + (decimal_of(line.get(vat)) or Decimal(0))


def _listed(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; plugins write some lists as objects with numbers for names."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in values if isinstance(each, dict)]


def _name_in(address: Mapping[str, Any]) -> str:
    names = (line_of(address, "first_name", 100), line_of(address, "last_name", 98))
    return " ".join(name for name in names if name) or line_of(address, "company", 200)

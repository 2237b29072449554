"""Read bol's orders, shipments and returns into ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from lostpost.connectors.sales_channels.platform import RecordUnreadable
from lostpost.connectors.sales_channels.reading import (
    decimal_of,
    instant_of,
    line_of,
    minor_of,
    number_named,
    quantity_of,
    reference_of,
)
from lostpost.connectors.tracking_sources.adapter import member, members
from lostpost.eligibility.facts import ScanStatus, ShippingMethod
from lostpost.orders.data import ItemData, OrderData, ParcelData, ScanData, UnitData
from lostpost.orders.models import Return
from lostpost.sales_channels.carrier_names import CarrierNames
from lostpost.sales_channels.runs import RecordRefusal

CURRENCY = "EUR"  # bol has no other, and no field for it.
EVENT_STATUSES = {
    "PRE_ANNOUNCED": ScanStatus.ANNOUNCED,
    "AT_TRANSPORTER": ScanStatus.WITH_CARRIER,
    "INBOUND_COLLECT": ScanStatus.WITH_CARRIER,
    "IN_TRANSIT": ScanStatus.IN_TRANSIT,
    "AT_PICK_UP_POINT": ScanStatus.AT_PICKUP_POINT,
    "PICKED_UP_AT_PICK_UP_POINT": ScanStatus.PICKED_UP,
    "DELIVERED_AT_NEIGHBOURS": ScanStatus.DELIVERED_AT_NEIGHBOURS,
    "DELIVERED_AT_CUSTOMER": ScanStatus.DELIVERED,
    "RETURNED_TO_SENDER": ScanStatus.RETURNING,  # One code for "on its way back" and "back".
}
_LANGUAGES = {"NL": "nl", "BE": "nl-BE", "FR": "fr", "DE": "de"}


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """A shipment: the parcel, its scans, and its events with codes that are not in the table."""

    parcel: ParcelData
    scans: Sequence[ScanData]
    unknown_events: Sequence[ScanData]  # Without a status.
    hand_over_known: bool  # Else the instant is a stand-in.


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """One line of a return: bol names the order and the article, not the line of the order nor the parcel."""

    code: str
    order_reference: str
    ean: str
    quantity: int
    status: Return.Status


def order_data(content: Mapping[str, Any], prefix: str, placed_at: datetime | None) -> OrderData:
    """Read an order in full. Args: `placed_at`: as the list of orders says. Raises: RecordUnreadable."""
    placed_at = instant_of(content.get("orderPlacedDateTime")) or placed_at
    if placed_at is None:
        raise RecordUnreadable(_("no date of the order"))
    to, billed = member(content, "shipmentDetails"), member(content, "billingDetails")
    name = " ".join(part for part in (line_of(to, "firstName", 100), line_of(to, "surname", 98)) if part)
    email = line_of(to, "email", 254) or line_of(billed, "email", 254)
    if not email:
        raise RecordUnreadable(_("no e-mail address of the customer"))
    country = line_of(to, "countryCode", 2) or "NL"
    return OrderData(
        number=number_named(prefix, reference_of(content, "orderId")),
        placed_at=placed_at,
        currency=CURRENCY,
        customer_name=name or line_of(to, "company", 200),
        customer_email=email,
        customer_language=line_of(to, "language", 10) or _LANGUAGES.get(country, "nl"),
        customer_country=country,
        customer_postal_code=line_of(to, "zipCode", 20),
        items=[_item(each, n) for n, each in enumerate(members(content, "orderItems"), start=1)],
    )


def shipment_record(
    content: Mapping[str, Any], prefix: str, carriers: CarrierNames, seen_at: datetime
) -> ShipmentRecord:
    """Read a shipment. Args: `seen_at`: counts as its hand-over where bol names none. Raises: RecordUnreadable."""
    transport = member(content, "transport")
    code = number_named(prefix, reference_of(content, "shipmentId"))
    scans: list[ScanData] = []
    unknown: list[ScanData] = []
    for event in members(transport, "transportEvents"):
        scanned_at, event_code = instant_of(event.get("eventDateTime")), line_of(event, "eventCode", 64)
        if scanned_at is None or not event_code:
            continue  # Neither says anything of the parcel.
        status = EVENT_STATUSES.get(event_code)
        scan = ScanData(code, scanned_at, status.value if status else "", code=event_code)
        (scans if status else unknown).append(scan)
    handed_over_at = instant_of(content.get("shipmentDateTime"))
    items = list(members(content, "shipmentItems"))
    method = _shipping_method(items, transport)
    units: dict[str, int] = {}
    for n, item in enumerate(items, start=1):
        name = "quantityShipped" if item.get("quantityShipped") is not None else "quantity"
        item_id = number_named("", reference_of(item, "orderItemId"))
        units[item_id] = units.get(item_id, 0) + quantity_of(item, name, n)
    parcel = ParcelData(
        code=code,
        order_number=number_named(prefix, reference_of(member(content, "order"), "orderId")),
        shipping_method=method.value,
        shipped_at=handed_over_at or min((scan.scanned_at for scan in scans), default=seen_at),
        units=[UnitData(name, quantity) for name, quantity in units.items() if quantity],
        carrier=carriers.carrier(line_of(transport, "transporterCode", 64)),
        tracking_number=line_of(transport, "trackAndTrace", 64),
    )
    return ShipmentRecord(parcel, scans, unknown, handed_over_at is not None)


def return_records(content: Mapping[str, Any], prefix: str) -> list[ReturnRecord | RecordRefusal]:
    """Read the lines of a return; one that cannot be read keeps no other out."""
    records: list[ReturnRecord | RecordRefusal] = []
    for n, item in enumerate(members(content, "returnItems"), start=1):
        try:
            records.append(_return_record(content, item, prefix, n))
        except RecordUnreadable as unreadable:
            code = return_code(prefix, line_of(content, "returnId", 30), line_of(item, "rmaId", 30) or str(n))
            records.append(RecordRefusal("return", code, line_of(item, "orderId", 64), str(unreadable)))
    return records


def return_code(prefix: str, reference: str, rma: str) -> str:
    """Write our name of a line of a return."""
    return number_named(f"{prefix}R", f"{reference}-{rma}")


def change_of(listed: Mapping[str, Any]) -> str:
    """Say when an order in a list changed last: another text after each change."""
    return max((line_of(item, "latestChangedDateTime", 40) for item in members(listed, "orderItems")), default="")


def _item(content: Mapping[str, Any], n: int) -> ItemData:
    product = member(content, "product")
    price, commission = decimal_of(content.get("totalPrice")), decimal_of(content.get("commission"))
    if price is None:
        raise RecordUnreadable(_("no price of line %(n)d") % {"n": n})
    if commission is None:
        raise RecordUnreadable(_("no commission of line %(n)d") % {"n": n})
    ean = line_of(product, "ean", 64)
    return ItemData(
        item=number_named("", reference_of(content, "orderItemId")),
        title=line_of(product, "title", 300) or ean or _("without a title"),
        quantity=quantity_of(content, "quantity", n),
        quantity_cancelled=quantity_of(content, "quantityCancelled", n) if "quantityCancelled" in content else 0,
        paid_minor=minor_of(price, CURRENCY, _("the price of line %(n)d") % {"n": n}),
        commission_minor=minor_of(commission, CURRENCY, _("the commission of line %(n)d") % {"n": n}),
        sku=ean,  # Returns name the article by it.
    )


def _shipping_method(items: Sequence[Mapping[str, Any]], transport: Mapping[str, Any]) -> ShippingMethod:
    """Say under whose contract a shipment travels; what bol does not say is unknown, never the seller's own.

    FBR alone says nothing: shipments under bol's contract and with bol's labels are FBR too.
    """
    methods = {_method_of(member(item, "fulfilment"), transport) for item in items}
    return methods.pop() if len(methods) == 1 else ShippingMethod.UNKNOWN


def _method_of(fulfilment: Mapping[str, Any], transport: Mapping[str, Any]) -> ShippingMethod:
    if fulfilment.get("method") == "FBB":
        return ShippingMethod.LOGISTICS_VIA_PLATFORM
    party = fulfilment.get("distributionParty")
    if fulfilment.get("method") != "FBR" or party not in ("BOL", "RETAILER"):
        return ShippingMethod.UNKNOWN
    if party == "BOL":
        return ShippingMethod.SHIPPING_VIA_PLATFORM
    if not transport:
        return ShippingMethod.UNKNOWN  # The label's name would stand there.
    return ShippingMethod.LABEL_VIA_PLATFORM if transport.get("shippingLabelId") else ShippingMethod.OWN


def _return_record(content: Mapping[str, Any], item: Mapping[str, Any], prefix: str, n: int) -> ReturnRecord:
    expected = quantity_of(item, "expectedQuantity", n)
    status, quantity = Return.Status.ANNOUNCED, expected
    if item.get("handled") is True:
        status, quantity = _handled(list(members(item, "processingResults")), expected)
    return ReturnRecord(
        code=return_code(prefix, reference_of(content, "returnId"), reference_of(item, "rmaId")),
        order_reference=reference_of(item, "orderId"),
        ean=reference_of(item, "ean"),
        quantity=quantity,
        status=status,
    )


def _handled(results: Sequence[Mapping[str, Any]], expected: int) -> tuple[Return.Status, int]:
    """Say what became of the units: only ACCEPTED was refunded; while anything is pending all of it stays in return."""
    accepted = 0
    for each in results:
        quantity = each.get("quantity")
        if each.get("processingResult") == "ACCEPTED" and isinstance(quantity, int):
            accepted += quantity
        elif each.get("processingResult") not in ("REJECTED", "CANCELLED"):
            return Return.Status.ANNOUNCED, expected
    if not results:
        return Return.Status.ANNOUNCED, expected
    return (Return.Status.RECEIVED, accepted) if accepted else (Return.Status.CANCELLED, expected)

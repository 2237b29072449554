"""What stands in the fields of a template for one order, in the customer's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import category
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date

from lostpost.core.money import format_money
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit

_STATUSES = {  # Of a scan, as customers read them.
    "nl": {
        "announced": "aangemeld bij de vervoerder",
        "with_carrier": "bij de vervoerder",
        "in_transit": "onderweg",
        "exception": "vertraagd",
        "at_pickup_point": "bij een afhaalpunt",
        "picked_up": "afgehaald",
        "delivered_at_neighbours": "bezorgd bij de buren",
        "delivered": "bezorgd",
        "returning": "op weg terug naar ons",
        "returned": "terug bij ons",
    },
    "fr": {
        "announced": "annoncé au transporteur",
        "with_carrier": "chez le transporteur",
        "in_transit": "en route",
        "exception": "retardé",
        "at_pickup_point": "dans un point relais",
        "picked_up": "retiré",
        "delivered_at_neighbours": "remis à un voisin",
        "delivered": "livré",
        "returning": "en retour vers nous",
        "returned": "revenu chez nous",
    },
    "de": {
        "announced": "beim Paketdienst angekündigt",
        "with_carrier": "beim Paketdienst",
        "in_transit": "unterwegs",
        "exception": "verzögert",
        "at_pickup_point": "in einer Abholstelle",
        "picked_up": "abgeholt",
        "delivered_at_neighbours": "bei Nachbarn abgegeben",
        "delivered": "zugestellt",
        "returning": "auf dem Rückweg zu uns",
        "returned": "wieder bei uns",
    },
    "en": {
        "announced": "announced to the carrier",
        "with_carrier": "with the carrier",
        "in_transit": "on its way",
        "exception": "delayed",
        "at_pickup_point": "at a pick-up point",
        "picked_up": "picked up",
        "delivered_at_neighbours": "delivered at the neighbours",
        "delivered": "delivered",
        "returning": "on its way back to us",
        "returned": "back with us",
    },
}
EXAMPLE = {  # Of nobody: what a template is shown with before it is used.
    "customer": "K. de Vries",
    "order": "1000-2000",
    "query": "4711",
    "items": "1 × Lamp",
    "carrier": "DPD",
    "tracking_number": "3SABCD1234567",
    "last_scan": "…",
    "amount": "€ 25,00",
    "refunded": "€ 25,00",
}


@dataclass(slots=True)
class OrderContents:
    """What the values of an order's fields come from: its items, and what lies in its parcels."""

    items: list[OrderItem] = field(default_factory=list)
    units: list[ParcelUnit] = field(default_factory=list)  # Of parcels that did not arrive first, the oldest first.


def contents_of_orders(seller_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, OrderContents]:
    """Return the contents of orders of a shop, by the order's id: two statements, however many orders."""
    contents: dict[UUID, OrderContents] = defaultdict(OrderContents)
    items = OrderItem.objects.filter(seller_id=seller_id, order_id__in=order_ids).order_by("item")
    for item in items:
        if item.quantity > item.quantity_cancelled:
            contents[item.order_id].items.append(item)
    units = ParcelUnit.objects.filter(seller_id=seller_id, parcel__order_id__in=order_ids).select_related("parcel")
    for unit in units.order_by("parcel__delivered", "parcel__shipped_at", "id"):
        contents[unit.parcel.order_id].units.append(unit)
    return contents


def template_values(
    order: Order,
    contents: OrderContents,
    *,
    order_item_id: UUID | None = None,
    query: str = "",
    shop: str,
    agent: str,
    language: str,
    zone: ZoneInfo,
) -> dict[str, str]:
    """Return the value of every field, in one line each; empty where there is none.

    Args: `order_item_id`: what it is about; None: the entire order. `query`: the query's number, where there is one.
    `language`: nl, fr, de or en. `zone`: whose days are meant.
    """
    items = [item for item in contents.items if order_item_id in (None, item.id)]
    parcel = _parcel(contents, order_item_id)
    refunded_minor = sum(item.refunded_minor - item.paid_again_minor for item in items)
    values = {
        "customer": order.customer_name,
        "order": order.number,
        "query": query,
        "items": ", ".join(f"{item.quantity - item.quantity_cancelled} × {item.title}" for item in items),
        "carrier": parcel.carrier if parcel else "",
        "tracking_number": parcel.tracking_number if parcel else "",
        "last_scan": _last_scan(parcel, language, zone),
        "amount": format_money(sum(item.paid_minor for item in items), order.currency, language),
        "refunded": format_money(refunded_minor, order.currency, language) if refunded_minor else "",
        "shop": shop,
        "agent": agent,
    }
    return {name: _one_line(value) for name, value in values.items()}


def _parcel(contents: OrderContents, order_item_id: UUID | None) -> Parcel | None:
    """Return the parcel that a question is about: of those with the item one that did not arrive, the oldest first."""
    return next((unit.parcel for unit in contents.units if order_item_id in (None, unit.order_item_id)), None)


def _last_scan(parcel: Parcel | None, language: str, zone: ZoneInfo) -> str:
    if parcel is None or parcel.last_scanned_at is None:
        return ""
    status = _STATUSES[language].get(parcel.last_status, parcel.last_status)
    return f"{status} ({_day(parcel.last_scanned_at, language, zone)})"


def _day(when: datetime, language: str, zone: ZoneInfo) -> str:
    return format_date(when.astimezone(zone).date(), format="long", locale=language)


def _one_line(text: str) -> str:
    """Return a value that brings no line of its own into a letter."""
    return " ".join("".join(" " if category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in text).split())

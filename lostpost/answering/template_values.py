"""What stands in the fields of a template for one order, in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence
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


def template_values(
    order: Order,
    *,
    order_item_id: UUID | None = None,
    query: str = "",
    shop: str,
    agent: str,
    language: str,
    zone: ZoneInfo,
) -> dict[str, str]:
    """Return the value of every field, in one line each; empty where there is none: two statements.

    Args: `order_item_id`: what it is about; None: the entire order. `query`: the query's number, where there is one.
    `language`: nl, fr, de or en. `zone`: whose days are meant.
    """
    items = [item for item in _items(order) if order_item_id in (None, item.id)]
    parcel = _parcel(order, order_item_id)
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


def _items(order: Order) -> Sequence[OrderItem]:
    items = OrderItem.objects.filter(seller_id=order.seller_id, order_id=order.id).order_by("item")
    return [item for item in items if item.quantity > item.quantity_cancelled]


def _parcel(order: Order, order_item_id: UUID | None) -> Parcel | None:
    """Return the parcel that a question is about: of those with the item one that did not arrive, the oldest first."""
    units = ParcelUnit.objects.filter(seller_id=order.seller_id, parcel__order_id=order.id).select_related("parcel")
    if order_item_id:
        units = units.filter(order_item_id=order_item_id)
    unit = units.order_by("parcel__delivered", "parcel__shipped_at", "id").first()
    return unit.parcel if unit else None


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

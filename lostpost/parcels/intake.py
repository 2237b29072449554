"""What comes in: the shapes of orders, parcels, returns and scans, what is plainly wrong with one, and how it ended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from babel.numbers import is_currency
from django.db import connection
from django.utils.translation import gettext as _

from lostpost.core.clock import EARLIEST
from lostpost.core.errors import Refused
from lostpost.core.money import LARGEST_MINOR
from lostpost.eligibility.facts import ScanStatus, ShippingMethod

LARGEST_QUANTITY = 10_000
FURTHEST_AHEAD = timedelta(days=366)  # A carrier's clock may be wrong, but not by more.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class ItemData:
    """One line of an order; amounts for the whole line, in minor units of the order's currency."""

    item: str
    title: str
    quantity: int
    paid_minor: int
    commission_minor: int
    sku: str = ""
    quantity_cancelled: int = 0


@dataclass(frozen=True, slots=True)
class OrderData:
    """One seller's part of what a customer bought."""

    number: str
    placed_at: datetime
    currency: str
    customer_name: str
    customer_email: str
    items: Sequence[ItemData]
    delivery_costs_minor: int = 0
    customer_language: str = "en"
    customer_country: str = "NL"


@dataclass(frozen=True, slots=True)
class UnitData:
    """A number of units of one item."""

    item: str
    quantity: int
    parcel: str = ""  # In a return: the parcel in which they came.


@dataclass(frozen=True, slots=True)
class ParcelData:
    """A box of one order, handed to a carrier."""

    code: str
    order_number: str
    shipping_method: str
    shipped_at: datetime
    units: Sequence[UnitData]
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class ReturnData:
    """Units that come back, or came back."""

    code: str
    order_number: str
    status: str
    units: Sequence[UnitData] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class ScanData:
    """One Track & Trace event of one parcel; `id` is the carrier's, where it gives one."""

    parcel: str
    scanned_at: datetime
    status: str
    code: str = ""
    text: str = ""
    location: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one record of a batch ended; a refused one left nothing behind."""

    state: Literal["created", "updated", "unchanged", "refused"]
    refusal: Refused | None = None


def lock_intake(seller_id: UUID) -> None:
    """Let one batch at a time add orders and parcels to a shop, so that two never make the same row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"intake:{seller_id}",))


def order_problems(order: OrderData, now: datetime) -> Iterator[str]:
    """Say in sentences what is wrong with an order by itself."""
    yield from _name_problem(_("the order number"), order.number)
    yield from _instant_problem(_("placed_at"), order.placed_at, latest=now + timedelta(days=1))
    if not is_currency(order.currency):
        yield _("the currency “%(it)s” is none of ISO 4217; write a code such as EUR") % {"it": order.currency}
    yield from _amount_problem(_("delivery_costs_minor"), order.delivery_costs_minor)
    if not order.customer_name.strip() or len(order.customer_name) > 200:
        yield _("the customer's name must have 1 to 200 characters")
    if not _EMAIL.fullmatch(order.customer_email) or len(order.customer_email) > 254:
        yield _("“%(it)s” is no e-mail address; the customer is told there") % {"it": order.customer_email}
    if not _LANGUAGE.fullmatch(order.customer_language):
        yield _("the language “%(it)s” is no code such as nl or fr-BE") % {"it": order.customer_language}
    if not re.fullmatch("[A-Z]{2}", order.customer_country):
        yield _("the country “%(it)s” is no code of two capitals such as NL") % {"it": order.customer_country}
    if not order.items:
        yield _("an order needs at least one item")
    for name, times in Counter(item.item for item in order.items).items():
        if times > 1:
            yield _("item “%(it)s” stands there %(n)d times; give each line its own name") % {"it": name, "n": times}
    for item in order.items:
        yield from _item_problems(item)


def _item_problems(item: ItemData) -> Iterator[str]:
    yield from _name_problem(_("the item"), item.item)
    if not item.title.strip() or len(item.title) > 300:
        yield _("the title of item “%(it)s” must have 1 to 300 characters") % {"it": item.item}
    if len(item.sku) > 64:
        yield _("the sku of item “%(it)s” is longer than 64 characters") % {"it": item.item}
    yield from _quantity_problem(_("quantity"), item.quantity)
    if not 0 <= item.quantity_cancelled <= item.quantity:
        yield _("quantity_cancelled must be between 0 and the quantity of %(n)d") % {"n": item.quantity}
    yield from _amount_problem(_("paid_minor"), item.paid_minor)
    yield from _amount_problem(_("commission_minor"), item.commission_minor)


def parcel_problems(parcel: ParcelData, now: datetime) -> Iterator[str]:
    """Say in sentences what is wrong with a parcel by itself."""
    yield from _name_problem(_("the parcel"), parcel.code)
    yield from _instant_problem(_("shipped_at"), parcel.shipped_at, latest=now + timedelta(days=1))
    methods = [method.value for method in ShippingMethod]
    if parcel.shipping_method not in methods:
        yield _("the shipping method “%(it)s” is none of %(all)s") % {
            "it": parcel.shipping_method,
            "all": ", ".join(methods),
        }
    if len(parcel.carrier) > 64 or len(parcel.tracking_number) > 64:
        yield _("the carrier and the tracking number have at most 64 characters each")
    if not parcel.units:
        yield _("a parcel needs at least one unit")
    yield from _unit_problems(parcel.units)


def return_problems(data: ReturnData) -> Iterator[str]:
    """Say in sentences what is wrong with a return by itself."""
    yield from _name_problem(_("the return"), data.code)
    statuses = ["announced", "in_transit", "received", "cancelled"]
    if data.status not in statuses:
        yield _("the status “%(it)s” is none of %(all)s") % {"it": data.status, "all": ", ".join(statuses)}
    if not data.units:
        yield _("a return needs at least one unit")
    yield from _unit_problems(data.units)


def scan_problems(scan: ScanData, now: datetime) -> Iterator[str]:
    """Say in sentences what is wrong with a scan by itself."""
    yield from _instant_problem(_("occurred_at"), scan.scanned_at, latest=now + FURTHEST_AHEAD)
    statuses = [status.value for status in ScanStatus]
    if scan.status not in statuses:
        yield _("the status “%(it)s” is none of %(all)s") % {"it": scan.status, "all": ", ".join(statuses)}
    for name, value, most in (("code", scan.code, 64), ("text", scan.text, 300), ("location", scan.location, 100)):
        if len(value) > most:
            yield _("the %(name)s is longer than %(n)d characters") % {"name": name, "n": most}


def _unit_problems(units: Sequence[UnitData]) -> Iterator[str]:
    for (parcel, item), times in Counter((unit.parcel, unit.item) for unit in units).items():
        if times > 1:
            yield _("item “%(it)s” stands there %(n)d times; add the quantities up") % {
                "it": f"{parcel}/{item}" if parcel else item,
                "n": times,
            }
    for unit in units:
        yield from _quantity_problem(_("quantity"), unit.quantity)


def _name_problem(what: str, name: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield _("%(what)s “%(it)s” must be 1 to 64 letters, digits or _ . : - and start with a letter or digit") % {
            "what": what,
            "it": name[:80],
        }


def _quantity_problem(what: str, quantity: int) -> Iterator[str]:
    if not 1 <= quantity <= LARGEST_QUANTITY:
        yield _("%(what)s is %(n)d; it must be between 1 and %(most)d") % {
            "what": what,
            "n": quantity,
            "most": LARGEST_QUANTITY,
        }


def _amount_problem(what: str, minor: int) -> Iterator[str]:
    if not 0 <= minor <= LARGEST_MINOR:
        yield _("%(what)s is %(n)d; it must be between 0 and %(most)d") % {
            "what": what,
            "n": minor,
            "most": LARGEST_MINOR,
        }


def _instant_problem(what: str, instant: datetime, *, latest: datetime) -> Iterator[str]:
    if instant.tzinfo is None:
        yield _("%(what)s has no time zone; write it like 2026-03-04T14:32:00+01:00") % {"what": what}
    elif not EARLIEST <= instant <= latest:
        yield _("%(what)s is %(it)s; it must lie between %(from)s and %(to)s") % {
            "what": what,
            "it": instant.isoformat(),
            "from": EARLIEST.date().isoformat(),
            "to": latest.date().isoformat(),
        }

"""Create or update orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.clock import utc
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import DOCUMENTS
from lostpost.intake.announce import announce_changes
from lostpost.intake.inserts import insert_orders
from lostpost.invoicing.issue_credit_note import CREDIT_ORDER
from lostpost.orders.data import ItemData, OrderData, Outcome
from lostpost.orders.locks import Locked, lock_intake, lock_orders, lock_parcels_by_id
from lostpost.orders.models import Order, OrderItem, ParcelUnit
from lostpost.orders.problems import new_value_problems, order_problems
from lostpost.orders.spellings import same_value, with_forms
from lostpost.sales.book_sales import book_sales
from lostpost.sales.models import Sale
from lostpost.tracking.newest_scan import flag_scans_before_order

_ORDER_FIELDS = (
    "placed_at",
    "currency",
    "delivery_costs_minor",
    "customer_name",
    "customer_email",
    "customer_language",
    "customer_country",
    "customer_postal_code",
    "payment_provider",
    "payment_reference",
)
_MONEY_FIELDS = ("placed_at", "currency", "delivery_costs_minor")  # Decisions rest on these.
_PAYMENT_FIELDS = ("payment_provider", "payment_reference")  # Refunds go back by them.
_ITEM_FIELDS = ("title", "sku", "quantity", "quantity_cancelled", "paid_minor", "commission_minor", "vat_rate_bp")
_ITEM_MONEY_FIELDS = ("quantity", "paid_minor", "commission_minor")


class OrderContradicts(Conflict):
    """What is sent contradicts what was shipped, returned or written off of this order."""

    code = "order-contradicts"


@transaction.atomic(durable=True)
def put_orders(*, seller: Seller, orders: Sequence[OrderData], now: datetime) -> list[Outcome]:
    """Create or update orders of one shop, each by itself: a refused one leaves no row, the others are stored.

    Repeating the same content changes nothing. What a write-off rests on (when and in which currency the order was
    placed, quantities and amounts of its items) stays as it is once units of the order are written off.
    """
    lock_intake(seller.id)
    locked = Locked(seller.id, lock_orders(seller.id, (order.number for order in orders)))
    return ingest_orders(locked, orders, now)


def put_order(*, seller: Seller, order: OrderData, now: datetime) -> Outcome:
    """Create or update one order. Raises Rejected or OrderContradicts, and then leaves no row."""
    (outcome,) = put_orders(seller=seller, orders=[order], now=now)
    if outcome.refusal:
        raise outcome.refusal
    return outcome


def ingest_orders(locked: Locked, orders: Sequence[OrderData], now: datetime) -> list[Outcome]:
    """Create or update orders within the caller's transaction, which has locked the existing ones."""
    outcomes: dict[int, Outcome] = {}
    sound: dict[str, tuple[int, OrderData]] = {}
    for index, data in enumerate(orders):
        new_values = () if data.number in locked.orders else new_value_problems(data)
        if problems := [*order_problems(data, now), *new_values]:
            outcomes[index] = Outcome("refused", Rejected("; ".join(problems)))
        elif data.number in sound:
            outcomes[index] = Outcome("refused", Rejected(_("this order stands twice in the same batch")))
        else:
            sound[data.number] = (index, data)
    known = [locked.orders[number] for number in sound if number in locked.orders]
    new = [data for number, (_index, data) in sound.items() if number not in locked.orders]
    if new:
        for number, items in insert_orders(locked.seller_id, new).items():
            locked.orders[number] = items[0].order_id
            locked.new_items[items[0].order_id] = items
            outcomes[sound[number][0]] = Outcome("created")
    if known:
        items_of, shipped = _items_of(locked.seller_id, known)
        updated: list[_Change] = []
        for order in Order.objects.filter(seller_id=locked.seller_id, id__in=known):
            index, data = sound[order.number]
            change = _Change(order, data, items_of[order.id], shipped)
            outcomes[index] = change.apply()
            if outcomes[index].state == "updated":
                updated.append(change)
        redated = [change.order.id for change in updated if "placed_at" in change.fields]
        changed = [locked.orders[number] for number, (at, _data) in sound.items() if outcomes[at].state == "updated"]
        if redated:
            parcels = lock_parcels_by_id(locked.seller_id, (), of_orders=redated)
            flag_scans_before_order(locked.seller_id, parcels.values(), now)
        book_sales(locked.seller_id, changed, Sale.Cause.CHANGED, now)
        _credit_refunds(locked.seller_id, updated)
    ended = [outcomes[index] for index in range(len(orders))]
    announce_changes(locked.seller_id, orders, ended, now)
    return ended


def _credit_refunds(seller_id: UUID, updated: Sequence[_Change]) -> None:
    """Have what was refunded credited where the customer's invoice became known after that."""
    orders = [change.order.id for change in updated if change.is_invoiced_after_refunds]
    if orders:
        seller = str(seller_id)
        defer(*(Job(CREDIT_ORDER, DOCUMENTS, {"seller": seller, "order": str(order_id)}) for order_id in orders))


def _item(order: Order, data: ItemData) -> OrderItem:
    values = with_forms({name: getattr(data, name) for name in _ITEM_FIELDS})
    return OrderItem(seller_id=order.seller_id, order_id=order.id, item=data.item, **values)


def _items_of(seller_id: UUID, orders: Sequence[UUID]) -> tuple[dict[UUID, dict[str, OrderItem]], dict[UUID, int]]:
    """Return the items of each order by name, and how many units of each item lie in parcels."""
    items: dict[UUID, dict[str, OrderItem]] = defaultdict(dict)
    for item in OrderItem.objects.filter(seller_id=seller_id, order_id__in=orders):
        items[item.order_id][item.item] = item
    shipped: dict[UUID, int] = defaultdict(int)
    ids = [item.id for of_order in items.values() for item in of_order.values()]
    for item_id, quantity in ParcelUnit.objects.filter(seller_id=seller_id, order_item_id__in=ids).values_list(
        "order_item_id", "quantity"
    ):
        shipped[item_id] += quantity
    return items, shipped


@dataclass(slots=True)
class _Change:
    """An existing order, the data sent for it, and the differences."""

    order: Order
    data: OrderData
    items: Mapping[str, OrderItem]
    shipped: Mapping[UUID, int]  # By item; 0 for what no parcel holds.
    fields: dict[str, Any] = field(init=False)
    sent: dict[str, ItemData] = field(init=False)
    item_fields: dict[str, list[str]] = field(init=False)  # Of the items that stay: what changes.
    removed_items: list[OrderItem] = field(init=False)

    def __post_init__(self) -> None:
        differing = _differing(_ORDER_FIELDS, self.order, self.data)
        self.fields = {name: getattr(self.data, name) for name in differing}
        if "placed_at" in self.fields:
            self.fields["placed_at"] = utc(self.data.placed_at)
        invoice = self.data.customer_invoice and self.data.customer_invoice.as_json()
        if invoice != self.order.customer_invoice:
            self.fields["customer_invoice"] = invoice
        self.sent = {item.item: item for item in self.data.items}
        self.removed_items = [item for name, item in self.items.items() if name not in self.sent]
        self.item_fields = {
            name: _differing(_ITEM_FIELDS, item, self.sent[name])
            for name, item in self.items.items()
            if name in self.sent
        }

    @property
    def is_invoiced_after_refunds(self) -> bool:
        """Whether the customer's invoice becomes known after something of the order was refunded."""
        refunded = self.order.delivery_refunded_minor or any(item.refunded_minor for item in self.items.values())
        return bool(self.fields.get("customer_invoice") and not self.order.customer_invoice and refunded)

    def apply(self) -> Outcome:
        """Update the order, or return why that is refused."""
        if problems := list(new_value_problems(self.data, self.fields)):
            return Outcome("refused", Rejected("; ".join(problems)))
        if contradictions := list(self.contradictions()):
            return Outcome("refused", OrderContradicts("; ".join(contradictions)))
        new = [_item(self.order, item) for name, item in self.sent.items() if name not in self.items]
        if not (self.fields or self.removed_items or new or any(self.item_fields.values())):
            return Outcome("unchanged")
        if self.fields:
            Order.objects.filter(seller_id=self.order.seller_id, id=self.order.id).update(**with_forms(self.fields))
        for name, fields in self.item_fields.items():
            if fields:
                OrderItem.objects.filter(seller_id=self.order.seller_id, id=self.items[name].id).update(
                    **with_forms({field: getattr(self.sent[name], field) for field in fields})
                )
        if new:
            OrderItem.objects.bulk_create(new)
        if self.removed_items:
            OrderItem.objects.filter(
                seller_id=self.order.seller_id, id__in=[item.id for item in self.removed_items]
            ).delete()
        return Outcome("updated")

    def contradictions(self) -> Iterator[str]:
        """Yield what contradicts units that were shipped or written off."""
        if any(item.quantity_written_off for item in self.items.values()):
            for name in self.fields:
                known = getattr(self.order, name)  # A missing payment provider may still be added, once.
                if name in _MONEY_FIELDS or (name in _PAYMENT_FIELDS and known):
                    yield _("%(what)s cannot change any more: units of this order were written off") % {"what": name}
        for item in self.removed_items:
            if self.shipped[item.id] or item.quantity_written_off:
                yield _("item “%(it)s” cannot go: units of it were shipped") % {"it": item.item}
        for name, fields in self.item_fields.items():
            item, wanted = self.items[name], self.sent[name]
            fixed = [field for field in fields if field in _ITEM_MONEY_FIELDS]
            if item.quantity_written_off and fixed:
                yield _("%(what)s of item “%(it)s” cannot change any more: units of it were written off") % {
                    "what": ", ".join(fixed),
                    "it": name,
                }
            if wanted.quantity - wanted.quantity_cancelled < self.shipped[item.id]:
                yield _("item “%(it)s”: %(n)d units were shipped already; fewer cannot be ordered") % {
                    "it": name,
                    "n": self.shipped[item.id],
                }


def _differing(names: Sequence[str], known: Order | OrderItem, sent: OrderData | ItemData) -> list[str]:
    return [name for name in names if not same_value(getattr(known, name), getattr(sent, name))]

"""Take orders in, or take in what changed of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.errors import Conflict, Rejected
from lostpost.parcels.intake import ItemData, OrderData, Outcome
from lostpost.parcels.locks import lock_intake
from lostpost.parcels.models import Order, OrderItem, ParcelUnit
from lostpost.parcels.problems import order_problems

_ORDER_FIELDS = (
    "placed_at",
    "currency",
    "delivery_costs_minor",
    "customer_name",
    "customer_email",
    "customer_language",
    "customer_country",
)
_MONEY_FIELDS = ("placed_at", "currency", "delivery_costs_minor")  # Decisions rest on these.
_ITEM_FIELDS = ("title", "sku", "quantity", "quantity_cancelled", "paid_minor", "commission_minor")
_ITEM_MONEY_FIELDS = ("quantity", "paid_minor", "commission_minor")


class OrderContradicts(Conflict):
    """What is sent contradicts what was shipped, returned or written off of this order."""

    code = "order-contradicts"


@transaction.atomic(durable=True)
def put_orders(*, seller: Seller, orders: Sequence[OrderData], now: datetime) -> list[Outcome]:
    """Take in orders of one shop, each for itself: a refused one leaves no row, the others go in.

    Repeating the same content changes nothing. What a write-off rests on (when and in which currency the order was
    placed, quantities and amounts of its items) stays as it is once units of the order are written off.
    """
    lock_intake(seller.id)
    outcomes: dict[int, Outcome] = {}
    sound: dict[str, tuple[int, OrderData]] = {}
    for index, data in enumerate(orders):
        if problems := list(order_problems(data, now)):
            outcomes[index] = Outcome("refused", Rejected("; ".join(problems)))
        elif data.number in sound:
            outcomes[index] = Outcome("refused", Rejected(_("this order stands twice in the same batch")))
        else:
            sound[data.number] = (index, data)
    known = {
        order.number: order
        for order in Order.objects.filter(seller_id=seller.id, number__in=list(sound))
        .order_by("id")
        .select_for_update(of=("self",))
    }
    new_orders, new_items = [], []
    for number, (index, data) in sound.items():
        if number in known:
            continue
        order = Order(seller_id=seller.id, number=number, **{name: getattr(data, name) for name in _ORDER_FIELDS})
        new_orders.append(order)
        new_items += [_item(order, item) for item in data.items]
        outcomes[index] = Outcome("created")
    Order.objects.bulk_create(new_orders)
    OrderItem.objects.bulk_create(new_items)
    if known:
        items, shipped = _items_of(seller.id, list(known.values()))
        for number, order in known.items():
            index, data = sound[number]
            outcomes[index] = _change(order, data, items[order.id], shipped)
    return [outcomes[index] for index in range(len(orders))]


def put_order(*, seller: Seller, order: OrderData, now: datetime) -> Outcome:
    """Take in one order. Raises Rejected or OrderContradicts, and then leaves no row."""
    (outcome,) = put_orders(seller=seller, orders=[order], now=now)
    if outcome.refusal:
        raise outcome.refusal
    return outcome


def _item(order: Order, data: ItemData) -> OrderItem:
    values = {name: getattr(data, name) for name in _ITEM_FIELDS}
    return OrderItem(seller_id=order.seller_id, order_id=order.id, item=data.item, **values)


def _items_of(seller_id: UUID, orders: Sequence[Order]) -> tuple[dict[UUID, dict[str, OrderItem]], dict[UUID, int]]:
    """Return the items of each order by name, and how many units of each item lie in parcels."""
    items: dict[UUID, dict[str, OrderItem]] = defaultdict(dict)
    for item in OrderItem.objects.filter(seller_id=seller_id, order_id__in=[order.id for order in orders]):
        items[item.order_id][item.item] = item
    shipped: dict[UUID, int] = defaultdict(int)
    ids = [item.id for of_order in items.values() for item in of_order.values()]
    for item_id, quantity in ParcelUnit.objects.filter(seller_id=seller_id, order_item_id__in=ids).values_list(
        "order_item_id", "quantity"
    ):
        shipped[item_id] += quantity
    return items, shipped


def _change(order: Order, data: OrderData, items: dict[str, OrderItem], shipped: dict[UUID, int]) -> Outcome:
    """Bring a known order up to date, or say why it cannot be."""
    decided = any(item.quantity_written_off for item in items.values())
    changed = [name for name in _ORDER_FIELDS if getattr(order, name) != getattr(data, name)]
    contradictions = [
        _("%(what)s cannot change any more: units of this order were written off") % {"what": name}
        for name in changed
        if decided and name in _MONEY_FIELDS
    ]
    sent = {item.item: item for item in data.items}
    gone = [item for name, item in items.items() if name not in sent]
    touched: list[tuple[OrderItem, list[str]]] = []
    for item in gone:
        if shipped[item.id] or item.quantity_written_off:
            contradictions.append(_("item “%(it)s” cannot go: units of it were shipped") % {"it": item.item})
    for name, wanted in sent.items():
        item = items.get(name) or _item(order, wanted)
        fields = [field for field in _ITEM_FIELDS if getattr(item, field) != getattr(wanted, field)]
        if item.quantity_written_off and (fixed := [field for field in fields if field in _ITEM_MONEY_FIELDS]):
            contradictions.append(
                _("%(what)s of item “%(it)s” cannot change any more: units of it were written off")
                % {"what": ", ".join(fixed), "it": name}
            )
        if wanted.quantity - wanted.quantity_cancelled < shipped[item.id]:
            contradictions.append(
                _("item “%(it)s”: %(n)d units were shipped already; fewer cannot be ordered")
                % {"it": name, "n": shipped[item.id]}
            )
        if fields or name not in items:
            touched.append((item, fields))
    if contradictions:
        return Outcome("refused", OrderContradicts("; ".join(contradictions)))
    if not (changed or touched or gone):
        return Outcome("unchanged")
    if changed:
        Order.objects.filter(seller_id=order.seller_id, id=order.id).update(
            **{name: getattr(data, name) for name in changed}
        )
    for item, fields in touched:
        if item.item not in items:
            item.save(force_insert=True)
        else:
            OrderItem.objects.filter(seller_id=item.seller_id, id=item.id).update(
                **{field: getattr(sent[item.item], field) for field in fields}
            )
    OrderItem.objects.filter(seller_id=order.seller_id, id__in=[item.id for item in gone]).delete()
    return Outcome("updated")

"""What was written off of an order since a page of it was shown: by whom, when, and what the customer gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.money import format_money
from lostpost.orders.models import Order
from lostpost.texts.moments import at_text
from lostpost.writeoffs.models import WriteOff, WriteOffLine


@dataclass(frozen=True, slots=True)
class EarlierWriteOff:
    """A write-off that was made after a page was shown."""

    sentence: str
    query_number: str
    own: bool  # Whether the user of the page made it.


def newest_write_offs(order: Order, *, units: int, actor: Actor) -> list[EarlierWriteOff]:
    """Return the newest write-offs of an order that add up to so many units; oldest first."""
    earlier: list[EarlierWriteOff] = []
    write_offs = WriteOff.objects.select_related("query").filter(seller_id=order.seller_id, order_id=order.id)
    for write_off in write_offs.order_by("-confirmed_at", "-id")[:units]:
        if units <= 0:
            break
        lines = WriteOffLine.objects.filter(seller_id=order.seller_id, write_off_id=write_off.id)
        lines_in_order = list(lines.select_related("order_item").order_by("id"))
        units -= sum(line.quantity for line in lines_in_order)
        own = write_off.by_user_id == actor.user_id
        earlier.insert(0, EarlierWriteOff(_sentence(write_off, lines_in_order, own=own), write_off.query.number, own))
    return earlier


def _sentence(write_off: WriteOff, lines: Sequence[WriteOffLine], *, own: bool) -> str:
    sentence = (
        _("You wrote off %(items)s %(at)s (write-off %(number)s). The customer gets %(amount)s.")
        if own
        else _("%(name)s wrote off %(items)s %(at)s (write-off %(number)s). The customer gets %(amount)s.")
    )
    return sentence % {
        "name": write_off.by_name,
        "items": ", ".join(f"{line.quantity} × {line.order_item.title}" for line in lines),
        "at": at_text(write_off.confirmed_at),
        "number": write_off.number,
        "amount": format_money(write_off.refund_minor, write_off.currency, get_language() or "en"),
    }

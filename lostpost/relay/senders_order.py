"""Find the order that an e-mail to a shop is about: the sender's own, and the only one that it names."""

from __future__ import annotations

import re
from uuid import UUID

from lostpost.orders.models import Order
from lostpost.relay.parsing.parse import ParsedMail

ORDERS_MAX = 100  # Of one customer with one shop, the newest.


def senders_order(seller_id: UUID, mail: ParsedMail) -> Order | None:
    """Return the order, locked; None if the sender is not its customer, or if it names none or several."""
    if not mail.sender_address:
        return None
    own = Order.objects.filter(seller_id=seller_id, customer_email__iexact=mail.sender_address)
    numbers = own.order_by("-placed_at").values_list("number", flat=True)[:ORDERS_MAX]
    said = f"{mail.subject}\n{mail.text}\n{mail.quoted}".casefold()
    named = [number for number in numbers if _names(said, number.casefold())]
    if len(named) != 1:
        return None
    return Order.objects.select_for_update().get(seller_id=seller_id, number=named[0])


def _names(said: str, number: str) -> bool:
    """Whether the number stands by itself, and not within a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(number)}(?![\w-])", said) is not None

"""Orders of a shop: the list, newest first, and what a search finds. Every way of finding has an index behind it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate, Concat, Lower

from lostpost.core.keyset import Key, Page, page_of
from lostpost.parcels.models import BYTEWISE_EMAIL, BYTEWISE_LAST_NAME, BYTEWISE_NAME, Order, Parcel

LONGEST_WORDS = 254  # The longest thing that can be found, an e-mail address.
_LAST = "\U0010ffff"  # Behind every character that a name can hold.


def newest_orders(seller_id: UUID, *, after: Key | None, size: int) -> Page[Order]:
    """Return a page of the shop's orders, newest first."""
    return page_of(_orders(seller_id), by="placed_at", after=after, size=size, newest_first=True)


def orders_found(seller_id: UUID, words: str, *, after: Key | None, size: int) -> Page[Order]:
    """Return a page of the orders that match, newest first; see `order_ids_found`."""
    rows = _orders(seller_id).filter(id__in=order_ids_found(seller_id, words))
    return page_of(rows, by="placed_at", after=after, size=size, newest_first=True)


def order_ids_found(seller_id: UUID, words: str) -> QuerySet[Order, UUID]:
    """Return the ids of the orders that match, as a query: each way of finding is answered by an index of its own.

    Args: `words`: a whole order number or Track & Trace number (spaces in it do not count), or the beginning of the
    customer's name, of its last part (“de Vries”) or of the e-mail address; capitals do not matter. Behind other words
    the last one must have three letters at least: fewer would match half a shop.
    """
    words = " ".join(words.replace("\x00", " ").split())[:LONGEST_WORDS]
    number = words.replace(" ", "")
    orders, last_word = _orders(seller_id), words.rpartition(" ")[2]
    by_name = orders.annotate(found=BYTEWISE_NAME).filter(_begins_with("found", words))
    by_last_name = orders.annotate(found=BYTEWISE_LAST_NAME).filter(
        _begins_with("found", last_word), customer_name__icontains=words
    )
    if last_word != words and len(last_word) < 3:
        by_last_name = by_last_name.none()
    by_email = orders.annotate(found=BYTEWISE_EMAIL).filter(_begins_with("found", words))
    by_number = orders.filter(number__in={words, number, number.upper()})
    parcels = Parcel.objects.filter(seller_id=seller_id, tracking_number__in={number, number.upper()})
    found = [each.order_by().values_list("id", flat=True) for each in (by_name, by_last_name, by_email)]
    return (
        by_number.order_by()
        .values_list("id", flat=True)
        .union(*found, parcels.exclude(tracking_number="").values_list("order_id", flat=True), all=True)
    )


def orders_to(seller_id: UUID, email: str) -> QuerySet[Order, UUID]:
    """Return the ids of the orders to an e-mail address, whatever its capitals, as a query."""
    orders = _orders(seller_id).annotate(found=BYTEWISE_EMAIL).filter(found=_bytewise(Value(email)))
    return orders.values_list("id", flat=True)


def _begins_with(column: str, words: str) -> Q:
    """Compare as a range, not with LIKE: a range uses the index whatever the words are, prepared statements too."""
    return Q(
        **{f"{column}__gte": _bytewise(Value(words)), f"{column}__lt": _bytewise(Concat(Value(words), Value(_LAST)))}
    )


def _bytewise(words: Combinable) -> Collate:
    return Collate(Lower(words), "C")


def _orders(seller_id: UUID) -> QuerySet[Order]:
    return Order.objects.filter(seller_id=seller_id)

"""The list of a shop's orders, newest first, and the search in them. Every kind of search uses an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate, Lower

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.core.text import compact_form, search_form, spelling
from lostpost.orders.models import (
    BYTEWISE_EMAIL,
    BYTEWISE_LAST_NAME,
    BYTEWISE_NAME,
    LONGEST_TITLE_WORD,
    REVERSED_NUMBER,
    TITLE_WORDS,
    Order,
    OrderItem,
    Parcel,
)

LONGEST_WORDS = 254  # An e-mail address, the longest thing to search for.
SHORTEST_END = 4  # Characters of the end of an order number; fewer would match a part of the shop.
SHORTEST_WORD = 3
_LAST = "\U0010ffff"  # Sorts after every character of a name.
_SIGNS_OF_NUMBERS = str.maketrans("", "", "_.:- ")


def newest_orders(seller_id: UUID, *, after: PageKey | None, size: int) -> Page[Order]:
    """Return a page of the shop's orders, newest first."""
    return page_of(_orders(seller_id), by="placed_at", after=after, size=size, newest_first=True)


def matching_orders(seller_id: UUID, words: str, *, after: PageKey | None, size: int) -> Page[Order]:
    """Return a page of the orders that match, newest first; see `matching_order_ids`."""
    rows = _orders(seller_id).filter(id__in=matching_order_ids(seller_id, words))
    return page_of(rows, by="placed_at", after=after, size=size, newest_first=True)


def matching_order_ids(seller_id: UUID, words: str) -> QuerySet[Order, UUID]:
    """Return the ids of the orders that match, as a query: each kind of search uses an index of its own.

    Args: `words`: an order number, with or without punctuation, or its end of at least four characters; a complete
    Track & Trace number; the beginning of the customer's name, of its last part (“de Vries”) or of the e-mail address;
    or words that begin those of an item's title. Capitals, blanks and how letters are composed do not matter. Of a
    name's last part and of a title one word must have at least three letters: fewer would match half a shop.
    """
    typed = search_form(words)[:LONGEST_WORDS]
    if not typed:
        return Order.objects.none().values_list("id", flat=True)
    others = [
        *_by_customer(seller_id, typed, spelling(words)[:LONGEST_WORDS]),
        *_by_title(seller_id, typed),
        _by_tracking_number(seller_id, compact_form(typed)),
    ]
    return _by_number(seller_id, typed).union(*others, all=True)


def orders_to(seller_id: UUID, email: str) -> QuerySet[Order, UUID]:
    """Return the ids of the orders to an e-mail address, whatever its capitals, as a query."""
    orders = _orders(seller_id).annotate(match=BYTEWISE_EMAIL).filter(match=_bytewise(Lower(Value(email))))
    return _ids(orders)


def orders_of_all(words: str, *, most: int) -> list[Order]:
    """Find orders of all shops, for the marketplace's desk: newest first, each with its shop.

    Args: `words`: an order number or its end of at least four characters; a complete Track & Trace number; the
    beginning of the customer's name or e-mail address, of at least four characters.
    """
    typed, orders = search_form(words)[:LONGEST_WORDS], Order.objects.order_by()
    if len(typed) < SHORTEST_END:
        return []
    backwards, spelled = typed.translate(_SIGNS_OF_NUMBERS)[::-1], spelling(words)[:LONGEST_WORDS].lower()
    parcels = Parcel.objects.filter(tracking_number_normalised=compact_form(typed)).order_by()
    found = [
        orders.annotate(match=BYTEWISE_NAME).filter(_begins_with("match", typed)),
        orders.annotate(match=BYTEWISE_EMAIL).filter(_begins_with("match", spelled)),
    ]
    if len(backwards) >= SHORTEST_END:
        found.append(orders.annotate(match=REVERSED_NUMBER).filter(_begins_with("match", backwards)))
    with cross_seller("Partnerservice: search in all shops"):
        keys = {key for rows in found for key in rows.values_list("seller_id", "id")[:most]}
        by_parcel = parcels.exclude(tracking_number_normalised="")
        keys |= set(by_parcel.values_list("seller_id", "order_id")[:most])
        rows = Order.objects.select_related("seller").filter(pk__in=list(keys))
        return list(rows.order_by("-placed_at", "-id")[:most])


def _by_number(seller_id: UUID, typed: str) -> QuerySet[Order, UUID]:
    backwards = typed.translate(_SIGNS_OF_NUMBERS)[::-1]
    orders = _orders(seller_id).annotate(match=REVERSED_NUMBER)
    if len(backwards) < SHORTEST_END:
        return _ids(orders.filter(match=_bytewise(Value(backwards))))
    return _ids(orders.filter(_begins_with("match", backwards)))


def _by_customer(seller_id: UUID, typed: str, spelled: str) -> Iterator[QuerySet[Order, UUID]]:
    orders, last_word = _orders(seller_id), typed.rpartition(" ")[2]
    yield _ids(orders.annotate(match=BYTEWISE_NAME).filter(_begins_with("match", typed)))
    if last_word == typed or len(last_word) >= SHORTEST_WORD:
        by_last_name = orders.annotate(match=BYTEWISE_LAST_NAME).filter(_begins_with("match", last_word))
        yield _ids(by_last_name.filter(customer_name_normalised__contains=typed))
    yield _ids(orders.annotate(match=BYTEWISE_EMAIL).filter(_begins_with("match", spelled.lower())))


def _by_title(seller_id: UUID, typed: str) -> Iterator[QuerySet[Any, UUID]]:
    """Find items whose titles have words that begin as these, in any order."""
    words = [word[:LONGEST_TITLE_WORD] for word in typed.split(" ")]
    if max(map(len, words)) >= SHORTEST_WORD:
        wanted = " & ".join(_begun(seller_id, word) for word in words)
        items = OrderItem.objects.filter(seller_id=seller_id).alias(match=_Matches(TITLE_WORDS, _Wanted(Value(wanted))))
        yield items.filter(match=True).order_by().values_list("order_id", flat=True)


def _by_tracking_number(seller_id: UUID, number: str) -> QuerySet[Any, UUID]:
    parcels = Parcel.objects.filter(seller_id=seller_id, tracking_number_normalised=number)
    return parcels.exclude(tracking_number_normalised="").order_by().values_list("order_id", flat=True)


class _Wanted(Func):
    """A `tsquery`."""

    template = "%(expressions)s::tsquery"
    output_field = TextField()


class _Matches(Func):
    """Whether a `tsvector` matches a `tsquery`."""

    arg_joiner = " @@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()


def _begun(seller_id: UUID, word: str) -> str:
    """Return the `tsquery` for words of the seller that begin so: quoted, with quotes and backslashes doubled."""
    written = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{seller_id}:{written}':*"


def _begins_with(column: str, words: str) -> Q:
    """Compare as a range, not with LIKE: a range uses the index whatever the words are, prepared statements too."""
    return Q(**{f"{column}__gte": _bytewise(Value(words)), f"{column}__lt": _bytewise(Value(words + _LAST))})


def _bytewise(words: Combinable) -> Collate:
    return Collate(words, "C")


def _ids(orders: QuerySet[Order, Order]) -> QuerySet[Order, UUID]:
    return orders.order_by().values_list("id", flat=True)


def _orders(seller_id: UUID) -> QuerySet[Order]:
    return Order.objects.filter(seller_id=seller_id)

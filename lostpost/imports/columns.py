"""The kinds of files and their columns, named as the API names them. docs/importing.md says the same to people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from lostpost.accounts.put_seller import SellerData
from lostpost.core.clock import utc
from lostpost.core.mail_address import cleaned_address
from lostpost.core.text import quoted

DIGITS_MAX = 15
CUSTOMER_INVOICE = "customer_invoice_"  # What the columns about the customer's invoice begin with.


def read_words(text: str) -> str:
    """Return a cell as it is."""
    return text


def read_whole_number(text: str) -> int:
    """Read digits. Raises ValueError with a sentence."""
    if re.fullmatch("[0-9]+", text):
        if len(text.lstrip("0")) > DIGITS_MAX:
            raise ValueError(_("is “%(it)s”; a number may have %(n)d digits") % {"it": quoted(text), "n": DIGITS_MAX})
        return int(text)
    if text.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError(_("is “%(it)s”; it cannot be negative") % {"it": quoted(text)})
    raise ValueError(_("is “%(it)s”; write a whole number in digits, such as 3") % {"it": quoted(text)})


def read_minor_units(text: str) -> int:
    """Read an amount in minor units. Raises ValueError with a sentence."""
    if decimal := re.fullmatch(r"([0-9]{1,13})[.,]([0-9]{1,3})", text):
        meant = "".join(decimal.groups()).lstrip("0") or "0"
        raise ValueError(
            _("is “%(it)s”; write it in minor units (cents) without a point, such as %(meant)s")
            % {"it": quoted(text), "meant": meant}
        )
    return read_whole_number(text)


def read_instant(text: str) -> datetime:
    """Read a date and time with its offset. Raises ValueError with a sentence."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            _("is “%(it)s”; write date and time like 2026-03-04T14:32:00+01:00") % {"it": quoted(text)}
        ) from None
    if read.tzinfo is None:
        raise ValueError(
            _("is “%(it)s”, without a time zone; write it like 2026-03-04T14:32:00+01:00") % {"it": quoted(text)}
        )
    try:
        utc(read)
    except OverflowError:
        raise ValueError(_("is “%(it)s”, which lies in no year that there is") % {"it": quoted(text)}) from None
    return read


def read_day(text: str) -> date:
    """Read a date. Raises ValueError with a sentence."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise ValueError(_("is “%(it)s”; write a day like 2026-03-04") % {"it": quoted(text)})


class Column(NamedTuple):
    """A column, how its cells are read, and what an empty cell or a missing column means (None: neither may be)."""

    name: str
    read: Callable[[str], Any] = read_words
    default: Any = None


@dataclass(frozen=True)
class Format:
    """One kind of file; `head` names the columns that must be the same in all rows of one `thing`."""

    name: str
    thing: str
    columns: Sequence[Column]
    head: Sequence[str] = ()

    @property
    def required(self) -> frozenset[str]:
        """The columns that must be there."""
        return frozenset(column.name for column in self.columns if column.default is None)

    @property
    def names(self) -> list[str]:
        """All columns that may be there."""
        return [column.name for column in self.columns]


_NEW_SELLER = SellerData("", "")

SELLERS = Format(
    "sellers",
    "seller",
    [
        Column("seller"),
        Column("name"),
        Column("country", default=_NEW_SELLER.country),
        Column("language", default=_NEW_SELLER.language),
        Column("currency", default=_NEW_SELLER.currency),
        Column("invoice_cadence", default=_NEW_SELLER.invoice_cadence),
    ],
)
ORDERS = Format(
    "orders",
    "order",
    [
        Column("seller"),
        Column("order_number"),
        Column("placed_at", read_instant),
        Column("currency"),
        Column("delivery_costs_minor", read_minor_units, 0),
        Column("customer_name"),
        Column("customer_email", cleaned_address),
        Column("customer_language", default="en"),
        Column("customer_country", default="NL"),
        Column("customer_postal_code", default=""),
        Column("item"),
        Column("sku", default=""),
        Column("title"),
        Column("quantity", read_whole_number),
        Column("quantity_cancelled", read_whole_number, 0),
        Column("paid_minor", read_minor_units),
        Column("commission_minor", read_minor_units),
        Column("vat_rate_bp", read_whole_number, ""),
        Column("payment_provider", default=""),
        Column("payment_reference", default=""),
        Column("customer_invoice_number", default=""),
        Column("customer_invoice_issued_on", read_day, ""),
        Column("customer_invoice_name", default=""),
        Column("customer_invoice_street", default=""),
        Column("customer_invoice_postal_code", default=""),
        Column("customer_invoice_city", default=""),
        Column("customer_invoice_vat_number", default=""),
        Column("customer_invoice_country", default=""),
        Column("customer_invoice_registration_number", default=""),
        Column("customer_invoice_electronic_address", default=""),
        Column("customer_invoice_vat_category", default=""),
    ],
    head=(
        *("placed_at", "currency", "delivery_costs_minor"),
        *("customer_name", "customer_email", "customer_language", "customer_country", "customer_postal_code"),
        *("payment_provider", "payment_reference"),
        *(f"{CUSTOMER_INVOICE}{name}" for name in ("number", "issued_on", "name", "street", "postal_code")),
        *(f"{CUSTOMER_INVOICE}{name}" for name in ("city", "vat_number", "country")),
        *(f"{CUSTOMER_INVOICE}{name}" for name in ("registration_number", "electronic_address")),
    ),
)
PARCELS = Format(
    "parcels",
    "parcel",
    [
        Column("seller"),
        Column("parcel"),
        Column("order_number"),
        Column("shipping_method"),
        Column("carrier", default=""),
        Column("tracking_number", default=""),
        Column("shipped_at", read_instant),
        Column("item"),
        Column("quantity", read_whole_number),
    ],
    head=("order_number", "shipping_method", "carrier", "tracking_number", "shipped_at"),
)
SCANS = Format(
    "scans",
    "scan",
    [
        Column("seller"),
        Column("parcel"),
        Column("occurred_at", read_instant),
        Column("status"),
        Column("code", default=""),
        Column("text", default=""),
        Column("location", default=""),
        Column("id", default=""),
    ],
)
RETURNS = Format(
    "returns",
    "return",
    [
        Column("seller"),
        Column("return"),
        Column("order_number"),
        Column("status"),
        Column("parcel"),
        Column("item"),
        Column("quantity", read_whole_number),
    ],
    head=("order_number", "status"),
)
FORMATS = (SELLERS, ORDERS, PARCELS, RETURNS, SCANS)  # In the order in which one needs the other.

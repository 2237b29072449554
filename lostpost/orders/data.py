"""The data of orders, parcels, returns and scans as they are sent, and the outcome of storing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from lostpost.core.errors import Refused


@dataclass(frozen=True, slots=True)
class ItemData:
    """One line of an order; amounts for all of its units, in minor units of the order's currency."""

    item: str
    title: str
    quantity: int
    paid_minor: int
    commission_minor: int
    sku: str = ""
    quantity_cancelled: int = 0
    vat_rate_bp: int | None = None  # Of the goods, in basis points: 2100 = 21 %.


@dataclass(frozen=True, slots=True)
class CustomerInvoiceData:
    """The seller's own invoice to the customer, where the customer got one; `name` and on: as it is addressed."""

    number: str
    issued_on: date
    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    vat_number: str = ""
    country: str = ""  # Where it is billed to, ISO 3166-1 alpha-2; empty: where the order goes.
    registration_number: str = ""
    electronic_address: str = ""  # scheme:identifier of Peppol.
    vat_category: str = (
        ""  # Why its lines at 0 % bear no VAT, as `core.vat.WITHOUT_VAT`; empty: follows from the parties.
    )

    def as_json(self) -> dict[str, str]:
        """Return it as it is stored with the order; what came later is left out where it is empty."""
        later = {
            "country": self.country,
            "registration_number": self.registration_number,
            "electronic_address": self.electronic_address,
            "vat_category": self.vat_category,
        }
        return {
            "number": self.number,
            "issued_on": self.issued_on.isoformat(),
            "name": self.name,
            "street": self.street,
            "postal_code": self.postal_code,
            "city": self.city,
            "vat_number": self.vat_number,
            **{name: value for name, value in later.items() if value},
        }


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
    customer_postal_code: str = ""  # Where it is to be delivered; "" where nobody says.
    payment_provider: str = ""  # Who took the customer's payment; "" where nobody says.
    payment_reference: str = ""  # What that calls the payment.
    customer_invoice: CustomerInvoiceData | None = None


@dataclass(frozen=True, slots=True)
class UnitData:
    """A number of units of one item."""

    item: str
    quantity: int
    parcel: str = ""  # In a return: the parcel in which they came.


@dataclass(frozen=True, slots=True)
class ParcelData:
    """A parcel of one order, handed to a carrier."""

    code: str
    order_number: str
    shipping_method: str
    shipped_at: datetime
    units: Sequence[UnitData]
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class ReturnData:
    """A return: units on their way back or received back."""

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
    by_number: bool = False  # Came by the Track & Trace number: it speaks for every parcel that has it.
    time_certainty: str = ""  # Of `TimeCertainty`: "" where the carrier gave an exact time with its offset.

    @property
    def utc_offset_minutes(self) -> int | None:
        """The offset of the time as it was written; none for UTC, or where it was not told."""
        if self.scanned_at.tzinfo is UTC or self.time_certainty:
            return None
        offset = self.scanned_at.utcoffset()
        return int(offset.total_seconds()) // 60 if offset else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one record of a batch; a refused one left no row."""

    state: Literal["created", "updated", "unchanged", "refused"]
    refusal: Refused | None = None

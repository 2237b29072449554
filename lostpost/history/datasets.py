"""What the history holds: a row for each scan, parcel, line of a write-off, and sign that a lost parcel came after all.

No names, addresses, Track & Trace numbers or free text: what is deleted for somebody is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lostpost.core.sql import sql_file

PARTS = "0123456789abcdef"  # The last digit of a seller's id (UUIDv7: random).
SCHEMA = 1  # Raised when columns change; files of another are written anew.
_ID, _TIME, _TEXT, _FLAG = "UUID", "TIMESTAMPTZ", "VARCHAR", "BOOLEAN"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A kind of rows, with the statement that reads those of a month and part, and DuckDB's types of its columns."""

    name: str
    statement: str
    columns: Mapping[str, str]


SCANS = Dataset(
    "scans",
    sql_file(__name__, "scans"),
    {
        "seller_id": _ID,
        "parcel_id": _ID,
        "scanned_at": _TIME,
        "received_at": _TIME,  # By its month they are divided into files.
        "status": _TEXT,
        "code": _TEXT,
        "from_future": _FLAG,
        "before_order": _FLAG,
    },
)
PARCELS = Dataset(
    "parcels",
    sql_file(__name__, "parcels"),
    {
        "seller_id": _ID,
        "id": _ID,
        "shipped_at": _TIME,  # Divides them.
        "shipping_method": _TEXT,
        "carrier": _TEXT,
        "carrier_normalised": _TEXT,
        "country": _TEXT,
        "tracked": _FLAG,
        "delivered": _FLAG,
        "last_scanned_at": _TIME,
    },
)
DECISIONS = Dataset(
    "decisions",
    sql_file(__name__, "decisions"),
    {
        "seller_id": _ID,
        "write_off_id": _ID,
        "parcel_id": _ID,
        "confirmed_at": _TIME,  # Divides them.
        "policy_version": "INTEGER",
        "quantity": "INTEGER",
        "refund_minor": "BIGINT",
        "currency": _TEXT,
    },
)
OUTCOMES = Dataset(
    "outcomes",
    sql_file(__name__, "outcomes"),
    {
        "seller_id": _ID,
        "write_off_id": _ID,
        "parcel_id": _ID,
        "kind": _TEXT,
        "happened_at": _TIME,
        "noted_at": _TIME,  # Divides them.
    },
)
DATASETS = (SCANS, PARCELS, DECISIONS, OUTCOMES)

"""The radar as a CSV file, for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from lostpost.core.clock import rfc3339
from lostpost.core.spreadsheets import csv_file
from lostpost.insight.radar import RadarParcel
from lostpost.invoicing.documents.ubl import amount_text

COLUMNS = (
    *("seller", "order_number", "parcel", "carrier", "tracking_number", "state", "silent_since", "eligible_from"),
    *("last_on", "claim_on", "paused_since", "quantity", "value", "currency", "customer_query", "titles"),
)


def radar_csv(parcels: Iterable[RadarParcel], codes: Mapping[UUID, str]) -> Iterator[bytes]:
    """Write parcels as they come, a line each. Args: `codes`: the shops', by their id."""
    return csv_file(COLUMNS, (_cells(parcel, codes[parcel.seller_id]) for parcel in parcels))


def _cells(parcel: RadarParcel, code: str) -> list[str]:
    return [
        code,
        parcel.order_number,
        parcel.parcel,
        parcel.carrier,
        parcel.tracking_number,
        str(parcel.state),
        rfc3339(parcel.silent_since),
        rfc3339(parcel.eligible_from),
        parcel.last_on.isoformat(),
        parcel.claim_on.isoformat() if parcel.claim_on else "",
        rfc3339(parcel.paused_since) if parcel.paused_since else "",
        str(parcel.quantity),
        amount_text(parcel.value_minor, parcel.currency),
        parcel.currency,
        parcel.query.number if parcel.query else "",
        ", ".join(parcel.titles),
    ]

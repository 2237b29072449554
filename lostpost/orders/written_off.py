"""The `written_off` flag of parcels, which leaves them out of searches for silent parcels."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from lostpost.core.sql import execute

_NOTE = """
    WITH counted AS (
        SELECT parcel_id,
               bool_or(quantity_written_off > 0)
               AND bool_and(quantity <= quantity_written_off + quantity_returned) AS written_off
          FROM lostpost_parcelunit
         WHERE seller_id = %(seller)s AND parcel_id = ANY(%(parcels)s)
         GROUP BY parcel_id
    )
    UPDATE lostpost_parcel parcel
       SET written_off = counted.written_off
      FROM counted
     WHERE parcel.seller_id = %(seller)s AND parcel.id = counted.parcel_id
       AND parcel.written_off <> counted.written_off
"""


def note_written_off(seller_id: UUID, parcel_ids: Iterable[UUID]) -> None:
    """Update the flag of these parcels, locked by the caller: at least one unit written off, all others returned.

    A parcel that was paid again keeps its flag: it is with the customer, and silent for that reason.
    """
    execute(_NOTE, {"seller": seller_id, "parcels": sorted(set(parcel_ids))})

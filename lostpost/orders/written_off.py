"""Whether a parcel is written off: the mark that keeps it out of searches for silent parcels."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

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
    """Set the mark of these parcels, locked by the caller: something of it written off, and all the rest returned.

    A parcel that was found and paid again keeps its mark: it is with the customer, and silent for that reason.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"seller": seller_id, "parcels": sorted(set(parcel_ids))})

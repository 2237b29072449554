"""Mark that a carrier answered a connector of ours: the sign of life of a feed that is fetched."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from lostpost.carrier_feeds.models import CarrierFeed
from lostpost.core.sql import execute, insertion
from lostpost.core.text import compact_form

MISSED_MOST = 3  # Looks without a good answer,
SILENT_AFTER_LEAST = timedelta(hours=2)  # but at least so long.

_ALREADY_THERE = """
        ON CONFLICT (carrier_normalised) DO UPDATE
       SET answered_at = greatest(existing.answered_at, EXCLUDED.answered_at),
           silent_after_seconds = EXCLUDED.silent_after_seconds
"""


@transaction.atomic(durable=True)
def mark_carrier_answered(*, carrier: str, at: datetime, next_within: timedelta) -> None:
    """Mark that a carrier gave a good answer, with scans in it or without; a repeat, or an older one, changes nothing.

    A connector calls it after each good answer. From then on its silence counts: if it misses three looks, and two
    hours at least, and no scan of the carrier comes another way, the carrier's feed is silent.

    Args: `carrier`: as its parcels have it. `next_within`: how long until the connector asks again, at most.
    """
    silent_after = max(MISSED_MOST * next_within, SILENT_AFTER_LEAST)
    values = {
        "carrier_normalised": compact_form(carrier),
        "carrier": carrier[:64],
        "answered_at": at,
        "silent_after_seconds": int(silent_after.total_seconds()),
    }
    execute(insertion(CarrierFeed, same=tuple(values)) + _ALREADY_THERE, values)


@transaction.atomic(durable=True)
def forget_carrier_answers(*, carrier: str) -> None:
    """Forget that a connector asks a carrier, as it was disconnected: nobody waits for its answers any more."""
    CarrierFeed.objects.filter(carrier_normalised=compact_form(carrier)).update(
        answered_at=None, silent_after_seconds=0
    )

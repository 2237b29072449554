"""Mark that a carrier answered a connector of ours: the sign of life of a feed that is fetched."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from lostpost.carrier_feeds.models import CarrierFeed
from lostpost.core.sql import execute
from lostpost.core.text import compact_form

MISSED_MOST = 3  # Looks without a good answer,
SILENT_AFTER_LEAST = timedelta(hours=2)  # but at least so long.

_MARK = """
    INSERT INTO lostpost_carrierfeed AS feed
           (carrier_normalised, carrier, answered_at, silent_after_seconds, state, usual_week, expected_day,
            received_day)
    VALUES (%(normalised)s, %(carrier)s, %(at)s, %(seconds)s, 'learning', 0, 0, 0)
        ON CONFLICT (carrier_normalised) DO UPDATE
       SET answered_at = greatest(feed.answered_at, EXCLUDED.answered_at),
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
    execute(
        _MARK,
        {
            "normalised": compact_form(carrier),
            "carrier": carrier[:64],
            "at": at,
            "seconds": int(silent_after.total_seconds()),
        },
    )


@transaction.atomic(durable=True)
def forget_carrier_answers(*, carrier: str) -> None:
    """Forget that a connector asks a carrier, as it was disconnected: nobody waits for its answers any more."""
    CarrierFeed.objects.filter(carrier_normalised=compact_form(carrier)).update(
        answered_at=None, silent_after_seconds=0
    )

"""When a digest is sent: once a day at an hour of the marketplace's clock, also where that changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


def next_digest_at(now: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """Return the next moment after `now` at which it is that hour there.

    An hour that is left out when summer time begins is the one after it; of an hour that comes twice when summer time
    ends the first counts, so a day has one digest.
    """
    day = now.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)  # fold=0: the first of two, or after a gap.
        if at > now:
            return at
        day += timedelta(days=1)

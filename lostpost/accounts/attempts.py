"""Count failed attempts to sign in, for all web servers together, and delay further ones.

An attempt counts before it is verified, so that concurrent ones all count; it is given back if it succeeds.
Nobody is locked out: after some failures each further one delays the next more, up to a limit. Attempts from a browser
in which the user signed in before have their own count.

Times are the database's. Waits that are longer than possible, because its clock was ahead, are ignored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from lostpost.accounts.models import AttemptCount
from lostpost.core.sql import execute, fetch, insertion

FORGOTTEN_AFTER = timedelta(hours=24)  # Without a failure.


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures cost nothing, and how long the next attempts wait: doubled from one to the next."""

    free: int
    first_wait_seconds: int
    longest_wait_seconds: int


OF_PERSON = Limit(5, 5, 15 * 60)  # However they call the person, and from wherever.
OF_BROWSER = Limit(10, 5, 15 * 60)  # Of a person in a browser where that person signed in before.
OF_NETWORK = Limit(30, 1, 60)  # Many people may share one.
OF_CLIENTS_NETWORK = Limit(30, 1, 300)  # Wrong secrets of programs; a right one never waits.
RESETS_OF_ADDRESS = Limit(3, 60, 10 * 60)
RESETS_OF_NETWORK = Limit(20, 10, 5 * 60)
CHANGES_OF_ADDRESS = Limit(3, 60, 60 * 60)  # E-mails to addresses that were typed.

_OR_COUNT = """
    ON CONFLICT (key) DO UPDATE
       SET failures = CASE WHEN existing.failed_at < clock_timestamp() - %(forgotten)s THEN 1
                           ELSE existing.failures + 1 END,
           failed_at = clock_timestamp(),
           waits_until = clock_timestamp() + make_interval(secs => CASE
               WHEN existing.failed_at < clock_timestamp() - %(forgotten)s OR existing.failures < %(free)s THEN 0
               ELSE least(%(longest)s, %(first)s * power(2, least(existing.failures - %(free)s, 20))) END)
     WHERE NOT (existing.waits_until > clock_timestamp()
                AND existing.waits_until <= clock_timestamp() + make_interval(secs => %(longest)s))
    RETURNING failures
"""
_WAIT = """
    SELECT ceil(extract(epoch FROM waits_until - clock_timestamp()))::int FROM lostpost_attemptcount WHERE key = %s
"""
_GIVE_BACK = """
    UPDATE lostpost_attemptcount SET failures = failures - 1, waits_until = clock_timestamp()
     WHERE key = %s AND failures > 0
"""


@dataclass(frozen=True, slots=True)
class LimitedKey:
    """What is counted together, and its limit."""

    key: str
    limit: Limit


def limited_name(kind: str, name: str, limit: Limit) -> LimitedKey:
    """Return the key of a count for typed text: hashed, so that it is short and reveals nothing."""
    return LimitedKey(f"{kind} {hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}", limit)


def count_attempt(counts: Sequence[LimitedKey]) -> int:
    """Count an attempt under each key; return for how many seconds it has to wait, 0 if it may proceed.

    One that has to wait is not counted, so that trying again does not prolong the wait.
    """
    counted: list[LimitedKey] = []
    for count in counts:
        if not fetch(_first() + _OR_COUNT, _values(count)):
            uncount_attempt(counted)
            return wait_seconds(count) or 1
        counted.append(count)
    return 0


def wait_seconds(count: LimitedKey) -> int:
    """Return how long the next attempt has to wait; 0 if it need not."""
    rows = fetch(_WAIT, (count.key,))
    seconds = int(rows[0][0]) if rows else 0
    return seconds if 0 < seconds <= count.limit.longest_wait_seconds else 0


def uncount_attempt(counts: Sequence[LimitedKey]) -> None:
    """Take one attempt off each count: it succeeded, or did not take place."""
    for count in counts:
        execute(_GIVE_BACK, (count.key,))


def forget_attempts(counts: Sequence[LimitedKey]) -> None:
    """Reset these counts after a successful sign-in."""
    AttemptCount.objects.filter(key__in=[count.key for count in counts]).delete()


def _first() -> str:
    now = "clock_timestamp()"
    return insertion(AttemptCount, same=("key",), failures="1", failed_at=now, waits_until=now)


def _values(count: LimitedKey) -> dict[str, object]:
    return {
        "key": count.key,
        "free": count.limit.free,
        "first": count.limit.first_wait_seconds,
        "longest": count.limit.longest_wait_seconds,
        "forgotten": FORGOTTEN_AFTER,
    }

"""What is wrong with the database for a while: for that a request is answered "later", not "a fault of ours"."""

from __future__ import annotations

from typing import NamedTuple

import psycopg
from django.db import DatabaseError as DjangoDatabaseError
from django.db import InterfaceError as DjangoInterfaceError
from django.db import OperationalError as DjangoOperationalError
from psycopg import errors


class Outage(NamedTuple):
    """Why something is not done now, and when to ask again."""

    code: str
    retry_after_seconds: int


BUSY = Outage("busy", 2)  # A lock is not available, or the server is overloaded.
UNAVAILABLE = Outage("unavailable", 5)  # The database is unreachable, full, or read-only.

_BUSY = (
    errors.LockNotAvailable,
    errors.QueryCanceled,  # By the time-out for statements.
    errors.DeadlockDetected,
    errors.SerializationFailure,
)
_UNAVAILABLE = (
    errors.ReadOnlySqlTransaction,
    errors.InsufficientResources,  # A full disk, no memory, too many connections.
    errors.IdleInTransactionSessionTimeout,
    psycopg.OperationalError,  # All that has to do with the server, not with the statement.
    psycopg.InterfaceError,
    DjangoOperationalError,  # Without a cause: of Django itself.
    DjangoInterfaceError,
)


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what kind of outage an exception comes from; None if it is none."""
    while isinstance(error, DjangoDatabaseError | DjangoInterfaceError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, _BUSY):
        return BUSY
    if isinstance(error, _UNAVAILABLE):
        return UNAVAILABLE
    return None

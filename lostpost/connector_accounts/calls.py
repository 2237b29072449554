"""Calls of an account: reserve one within its pace and the day's budget, and note how it went.

Polling spreads its calls over the day, and leaves a tenth of them for people who are about to decide.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.core.sql import fetch, sql_file

_RESERVE = sql_file(__name__, "reserve_call")
POLLING_SHARE = 0.9  # Of a day's calls.
DAY = timedelta(days=1)
PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)  # After one failure, and after many in a row.
LONGEST_RETRY_AFTER = timedelta(days=1)


class CallRefused(Exception):
    """No call may be made now; nothing was sent."""


class BudgetSpent(CallRefused):
    """The calls of the day, or of this part of it, are spent."""


class CallsPaused(CallRefused):
    """The account pauses after what went wrong, or others are in front."""


def polling_budget(account: ConnectorAccount, now: datetime) -> int:
    """Return how many calls of the day polling may have made by now: its share, spread evenly over the day in UTC.

    An hour's worth may be spent ahead, so that a small budget is no drop every few hours.
    """
    at = now.astimezone(UTC)
    passed = (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) / DAY
    return int(account.calls_a_day * POLLING_SHARE * min(1.0, passed + 1 / 24))


@transaction.atomic(durable=True)
def reserve_call(*, account: ConnectorAccount, most: int, now: datetime, patience: timedelta) -> datetime:
    """Reserve a call, and return when it may begin, at most `patience` from now.

    Args: `most`: calls of the day, this one included. Raises: BudgetSpent, CallsPaused; NoConnectorAccount never: a
    removed account is a paused one.
    """
    day = now.astimezone(UTC).date()
    values = {"account": account.id, "now": now, "day": day, "most": most, "latest": now + patience}
    if rows := fetch(_RESERVE, values):
        ((begins_at,),) = rows
        return begins_at  # type: ignore[no-any-return]
    row = ConnectorAccount.objects.filter(id=account.id).only("day", "calls").first()
    if row is not None and (most <= 0 or (row.day == day and row.calls >= most)):
        raise BudgetSpent
    raise CallsPaused


@transaction.atomic(durable=True)
def note_good_answer(*, account_id: UUID, now: datetime, resumes: bool = False) -> None:
    """Note that an account was answered, whatever the answer said. Args: `resumes`: a pause is over."""
    changes: dict[str, object] = {"answered_at": now, "failures": 0, "problem": "", "problem_detail": ""}
    if resumes:
        changes["next_call_at"] = now
    ConnectorAccount.objects.filter(id=account_id).update(**changes)


@transaction.atomic(durable=True)
def note_failed_call(
    *, account_id: UUID, code: str, detail: str, now: datetime, pauses: bool, retry_after: timedelta | None = None
) -> None:
    """Note why a call failed; with `pauses`, nobody calls for a while, longer after each failure in a row.

    Args: `retry_after`: as the other side asks.
    """
    row = ConnectorAccount.objects.select_for_update().filter(id=account_id).first()
    if row is None:
        return
    changes: dict[str, object] = {
        "failures": F("failures") + 1,
        "failed_at": now,
        "problem": code[:40],
        "problem_detail": " ".join(detail.split())[:300],
    }
    if pauses or retry_after:
        own = min(PAUSE * 2 ** min(row.failures, 10), LONGEST_PAUSE)
        until = now + min(max(own, retry_after or own), LONGEST_RETRY_AFTER)
        changes["next_call_at"] = Greatest(F("next_call_at"), until)
    ConnectorAccount.objects.filter(id=account_id).update(**changes)

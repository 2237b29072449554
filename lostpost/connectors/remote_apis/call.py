"""Call a remote interface within its account's budget, and note how that went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import sleep
from typing import TypeVar

from lostpost.connector_accounts.calls import note_failed_call, note_good_answer, reserve_call
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.remote_apis.problems import RemoteProblem
from lostpost.core.sql import database_now

Result = TypeVar("Result")


def call_within_budget(
    account: ConnectorAccount, call: Callable[[], Result], *, most: int, patience: timedelta
) -> Result:
    """Make one call once its turn comes. No transaction may be open.

    Args: `most`: calls of the day, this one included; `patience`: how long to wait for the turn.
    Raises: BudgetSpent, CallsPaused, with nothing sent; RemoteProblem, noted with the account.
    """
    now = database_now()
    begins_at = reserve_call(account=account, most=most, now=now, patience=patience)
    sleep(max(0.0, (begins_at - now).total_seconds()))
    try:
        result = call()
    except RemoteProblem as problem:
        note_failed_call(
            account_id=account.id,
            code=problem.code,
            detail=str(problem),
            now=database_now(),
            pauses=problem.pauses,
            retry_after=problem.retry_after,
        )
        raise
    note_good_answer(account_id=account.id, now=database_now())
    return result

"""Which carriers our accounts with them get answers from: a sign of life of their scans."""

from __future__ import annotations

from collections.abc import Iterable

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers import CARRIERS


def carriers_that_answer(accounts: Iterable[ConnectorAccount]) -> dict[str, bool]:
    """Return the carriers that are asked, in the form in which they are compared, and whether the newest call was good.

    With several accounts, one that is answered is enough: what fails then is an account, and not the carrier.
    """
    answering: dict[str, bool] = {}
    for account in accounts:
        if account.connector in CARRIERS and account.answered_at:
            for name in CARRIERS[account.connector].names(account.options.get("carriers", ())):
                answering[name] = answering.get(name, False) or not account.problem
    return answering

"""Ask a carrier about one parcel, within its account's budget."""

from __future__ import annotations

from datetime import timedelta

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.client import CarrierAnswer, CarrierQuestion
from lostpost.connectors.remote_apis.call import call_within_budget
from lostpost.connectors.remote_apis.session import RemoteSession


def ask_carrier(
    account: ConnectorAccount, question: CarrierQuestion, *, most: int, patience: timedelta, seconds: float
) -> CarrierAnswer:
    """Ask about one parcel; how that went stands with the account. No transaction may be open.

    Args: `most`: calls of the day, this one included. `patience`: how long to wait for the turn. `seconds`: how long
    to wait for the answer, fetching an access token included.
    Raises: BudgetSpent, CallsPaused; RemoteProblem.
    """
    client = CARRIERS[account.connector]

    def ask() -> CarrierAnswer:
        return client.track(RemoteSession(account, url=client.url, seconds=seconds), question)

    return call_within_budget(account, ask, most=most, patience=patience)

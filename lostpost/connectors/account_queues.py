"""How many parcels wait for an account's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.tracking.parcel_polls import PollQueue, poll_queues


def account_queues(accounts: Sequence[ConnectorAccount], *, now: datetime) -> Mapping[UUID, PollQueue]:
    """Return how the parcels wait about which each account asks: its shop's, or those of shops without an account.

    Args: `accounts`: all of their connectors. Accounts of connectors that ask about no parcels are left out.
    """
    queues: dict[UUID, PollQueue] = {}
    for connector in {each.connector for each in accounts} & CARRIERS.keys():
        of_connector = [each for each in accounts if each.connector == connector]
        by_shop = poll_queues(connector=connector, now=now)
        own = {each.shop_id for each in of_connector}
        for account in of_connector:
            if account.shop_id is None:
                queues[account.id] = _together([queue for shop, queue in by_shop.items() if shop not in own])
            else:
                queues[account.id] = by_shop.get(account.shop_id, PollQueue())
    return queues


def _together(queues: Sequence[PollQueue]) -> PollQueue:
    oldest = min((each.oldest_due_at for each in queues if each.oldest_due_at), default=None)
    return PollQueue(sum(each.parcels for each in queues), sum(each.due for each in queues), oldest)

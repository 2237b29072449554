"""Signs of life of carriers that are asked for all shops: a wire of ours that is cut must not look like silent parcels.

A carrier is asked at least once an hour, also while no parcel is due, so that its silence means something. A shop's own
account says nothing of the carrier: its key may have ended.
"""

from __future__ import annotations

from datetime import timedelta

from lostpost.carrier_feeds.mark_answered import forget_carrier_answers, mark_carrier_answered
from lostpost.carrier_feeds.models import CarrierFeed
from lostpost.connector_accounts.calls import CallRefused
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.remote_apis.call import call_within_budget
from lostpost.connectors.remote_apis.problems import RemoteProblem
from lostpost.connectors.remote_apis.session import RemoteSession
from lostpost.core.sql import database_now

ASKED_WITHIN = timedelta(hours=1)
ANSWER_SECONDS = 20.0
PATIENCE = timedelta(seconds=30)


def mark_sign_of_life(account: ConnectorAccount, carrier: str) -> None:
    """Mark that a carrier answered about one of its parcels. Args: `carrier`: as the parcel has it."""
    if account.shop_id is None:
        mark_carrier_answered(carrier=carrier, at=database_now(), next_within=ASKED_WITHIN)


def ask_for_sign_of_life(account: ConnectorAccount) -> bool:
    """Ask something harmless of a carrier that was not asked for an hour; return whether it was. No transaction."""
    row = ConnectorAccount.objects.filter(id=account.id, shop_id=None).first()
    if row is None or (row.answered_at and row.answered_at > database_now() - ASKED_WITHIN):
        return False
    client = CARRIERS[row.connector]

    def check() -> None:
        client.check(RemoteSession(row, url=client.url, seconds=ANSWER_SECONDS))

    try:
        call_within_budget(row, check, most=row.calls_a_day, patience=PATIENCE)
    except (CallRefused, RemoteProblem):  # It is noted with the account.
        return False
    for carrier in _marked(row):
        mark_carrier_answered(carrier=carrier, at=database_now(), next_within=ASKED_WITHIN)
    return True


def forget_signs_of_life(account: ConnectorAccount) -> None:
    """Wait no more for a carrier's answers: the account for all shops is removed."""
    for carrier in _marked(account) if account.shop_id is None else ():
        forget_carrier_answers(carrier=carrier)


def _marked(account: ConnectorAccount) -> list[str]:
    names = CARRIERS[account.connector].names(account.options.get("carriers", ()))
    feeds = CarrierFeed.objects.filter(carrier_normalised__in=sorted(names), answered_at__isnull=False)
    return list(feeds.values_list("carrier", flat=True))

"""Ask carriers about parcels once more before they are written off: a newer scan stops the confirmation by itself.

It is taken in like every other, before the confirming transaction begins, which then finds the order changed or the
parcel not eligible. A carrier that does not answer in time stops nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import NamedTuple
from uuid import UUID

from lostpost.connector_accounts.calls import CallRefused
from lostpost.connector_accounts.known_accounts import account_for, known_accounts
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.poll_parcels import ask_about_parcel
from lostpost.connectors.remote_apis.problems import RemoteProblem
from lostpost.core.sql import database_now, fetch
from lostpost.eligibility.facts import FINAL
from lostpost.tracking.models import ParcelPoll
from lostpost.tracking.parcel_polls import claim_parcel_poll, hasten_polls

ASK_SECONDS = 2.0  # For all parcels of one confirmation together: somebody waits.
PARCELS_MOST = 5
BULK_SECONDS = 60.0  # For all confirmations of a batch together.
TURN = timedelta(seconds=0.5)  # How long to wait for the turn of a call.
FRESH, FRESH_IN_BULK = timedelta(minutes=10), timedelta(hours=1)  # What was answered since is not asked again.
LOOK_AGAIN_SECONDS = 0.1  # While a worker asks about the same parcel.

_PARCELS = """
    SELECT parcel.id, parcel.carrier_normalised, poll.asked_at
      FROM lostpost_parcel parcel
      LEFT JOIN lostpost_parcelpoll poll ON poll.seller_id = parcel.seller_id AND poll.parcel_id = parcel.id
     WHERE parcel.seller_id = %(seller)s AND parcel.code = ANY(%(codes)s)
       AND parcel.shipping_method = 'own' AND parcel.tracking_number_normalised <> ''
       AND NOT parcel.last_status = ANY(%(final)s)
     ORDER BY parcel.code
"""


class ParcelToAsk(NamedTuple):
    """A parcel whose carrier can be asked, and when it last answered about it."""

    parcel_id: UUID
    account: ConnectorAccount
    asked_at: datetime | None


@dataclass(slots=True)
class AskLimit:
    """How long carriers may be asked, and what was answered so lately that it is not asked again."""

    seconds: float = ASK_SECONDS
    fresh: timedelta = FRESH
    failed: set[str] = field(default_factory=set)  # Connectors that did not answer: they are not asked again.


def ask_before_write_off(*, seller_id: UUID, parcels: Collection[str], limit: AskLimit | None = None) -> list[str]:
    """Ask about parcels of a shop, by their codes; return the titles of carriers that should have been asked, in vain.

    No transaction may be open. Where no account is set up, nothing is asked of the database either.
    """
    if not known_accounts():
        return []
    limit = limit or AskLimit()
    in_vain: dict[str, None] = {}
    for each in _to_ask(seller_id, parcels):
        title = CARRIERS[each.account.connector].title
        if each.asked_at and each.asked_at > database_now() - limit.fresh:
            continue
        if each.account.connector in limit.failed or limit.seconds <= 0:
            in_vain[title] = None
            continue
        began = monotonic()
        if not _ask_in_time(seller_id, each, limit):
            in_vain[title] = None
        limit.seconds -= monotonic() - began
    return list(in_vain)


def ask_soon(*, seller_id: UUID, parcels: Collection[str]) -> None:
    """Let workers ask next about parcels that somebody is about to write off. No transaction may be open."""
    if not known_accounts():
        return
    now = database_now()
    if ids := [each.parcel_id for each in _to_ask(seller_id, parcels)]:
        hasten_polls(seller_id=seller_id, parcel_ids=ids, unless_asked_since=now - FRESH, now=now)


def _to_ask(seller_id: UUID, parcels: Collection[str]) -> Sequence[ParcelToAsk]:
    values = {"seller": seller_id, "codes": sorted(set(parcels)), "final": sorted(status.value for status in FINAL)}
    found = []
    for parcel_id, carrier, asked_at in fetch(_PARCELS, values):
        if account := _account_of(carrier, seller_id):
            found.append(ParcelToAsk(parcel_id, account, asked_at))
    return found[:PARCELS_MOST]


def _account_of(carrier: str, seller_id: UUID) -> ConnectorAccount | None:
    accounts = known_accounts()
    for name, client in CARRIERS.items():
        account = account_for(name, seller_id, accounts)
        if account and carrier in client.names(account.options.get("carriers", ())):
            return account
    return None


def _ask_in_time(seller_id: UUID, parcel: ParcelToAsk, limit: AskLimit) -> bool:
    """Ask about one parcel, or wait for the worker that is doing so; return whether there was an answer."""
    ends_at = monotonic() + min(limit.seconds, ASK_SECONDS)
    while True:
        claim = claim_parcel_poll(
            seller_id=seller_id, parcel_id=parcel.parcel_id, connector=parcel.account.connector, now=database_now()
        )
        if claim:
            break
        if monotonic() + LOOK_AGAIN_SECONDS >= ends_at:
            return False
        sleep(LOOK_AGAIN_SECONDS)
        if _others_were_answered(seller_id, parcel):
            return True
    most, seconds = parcel.account.calls_a_day, ends_at - monotonic()
    try:
        ask_about_parcel(parcel.account, claim, most=most, patience=TURN, seconds=seconds)
    except CallRefused:
        return False
    except RemoteProblem as problem:
        if problem.pauses:
            limit.failed.add(parcel.account.connector)
        return False
    return True


def _others_were_answered(seller_id: UUID, parcel: ParcelToAsk) -> bool:
    """Tell whether a worker was answered since; its row goes where there is nothing more to ask."""
    row = ParcelPoll.objects.filter(seller_id=seller_id, parcel_id=parcel.parcel_id).first()
    return row is None or (row.claimed_until is None and row.asked_at is not None and row.asked_at != parcel.asked_at)

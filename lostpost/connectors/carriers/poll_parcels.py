"""Poll carriers: claim the next parcel, ask about it, take its scans in, and plan the next time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.connector_accounts.calls import CallRefused, polling_budget
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.ask_carrier import ask_carrier
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.client import CarrierQuestion
from lostpost.connectors.carriers.polling_plan import (
    PolledParcel,
    may_still_matter,
    next_poll,
    shipped_from,
)
from lostpost.connectors.carriers.sign_of_life import mark_sign_of_life
from lostpost.connectors.remote_apis.problems import RemoteProblem
from lostpost.connectors.tracking_sources.put_source_scans import put_source_scans
from lostpost.core.sql import database_now, fetch, sql_file
from lostpost.eligibility.facts import FINAL
from lostpost.eligibility.policy import Policy
from lostpost.tracking.mark_silent_parcels import silent_until
from lostpost.tracking.parcel_polls import (
    ENROLLED_AT_ONCE,
    ClaimedPoll,
    claim_poll,
    enrol_polls,
    release_poll,
    settle_poll,
    shop_with_due_poll,
    shops_to_enrol,
)

logger = logging.getLogger("lostpost.carriers")

ANSWER_SECONDS = 20.0
PATIENCE = timedelta(seconds=30)  # For the turn of a call.

_POLLED_PARCEL = sql_file(__name__, "polled_parcel")


def enrol_silent_parcels(accounts: Sequence[ConnectorAccount]) -> int:
    """Begin to ask about silent parcels of all shops that an account speaks for; return how many are new."""
    now, policy, count = database_now(), current_policy(), 0
    since = shipped_from(policy, now)
    for connector, of_connector in _by_connector(accounts).items():
        further = [name for each in of_connector for name in each.options.get("carriers", ())]
        names = CARRIERS[connector].names(further)
        with_own = {each.shop_id for each in of_connector}
        for seller_id in shops_to_enrol(carriers=names, shipped_from=since):
            if None not in with_own and seller_id not in with_own:
                continue
            while new := enrol_polls(
                seller_id=seller_id, connector=connector, carriers=names, shipped_from=since, now=now
            ):
                count += new
                if new < ENROLLED_AT_ONCE:
                    break
    return count


def poll_account(account: ConnectorAccount, *, shops_with_own: Sequence[UUID], seconds: float) -> int:
    """Ask about one due parcel after another: until none is left, the time is over or the budget spent. Return a count.

    Args: `shops_with_own`: shops whose own accounts ask about their parcels.
    """
    ends_at, count = monotonic() + seconds, 0
    while monotonic() < ends_at:
        claim = _next_claim(account, shops_with_own)
        if claim is None:
            break
        most = polling_budget(account, database_now())
        try:
            if _put_off_until_silent(claim):
                continue
            count += ask_about_parcel(account, claim, most=most, patience=PATIENCE, seconds=ANSWER_SECONDS)
        except CallRefused:
            break
        except RemoteProblem as problem:
            if problem.pauses:
                break
    return count


def ask_about_parcel(
    account: ConnectorAccount, claim: ClaimedPoll, *, most: int, patience: timedelta, seconds: float
) -> bool:
    """Ask about a claimed parcel, take in what is new, and plan the next time; return whether there was a question.

    No transaction may be open. Args: `most`, `patience`, `seconds`: as `ask_carrier` takes them.
    Raises: CallRefused, RemoteProblem; the parcel is let go of then.
    """
    policy, parcel = current_policy(), _polled_parcel(claim)
    if parcel is None or not may_still_matter(parcel, policy, database_now()):
        settle_poll(claim=claim, next_poll_at=None)
        return False
    question = CarrierQuestion(parcel.tracking_number, parcel.carrier)
    try:
        answer = ask_carrier(account, question, most=most, patience=patience, seconds=seconds)
    except CallRefused:
        release_poll(claim=claim)
        raise
    except RemoteProblem as problem:
        logger.warning("%s gave no usable answer: %s", account.connector, problem, extra={"code": problem.code})
        if problem.pauses:
            release_poll(claim=claim)
        else:  # About this parcel alone: seldom, as if nobody knew it.
            _plan(claim, parcel, policy, not_found=claim.not_found + 1, asked_at=None)
        raise
    now = database_now()
    mark_sign_of_life(account, parcel.carrier)
    seller = Seller.objects.get(id=claim.seller_id)
    put_source_scans(source=account.connector, seller=seller, scans=answer.scans, now=now)
    not_found = 0 if answer.known else claim.not_found + 1
    _plan(claim, _polled_parcel(claim) or parcel, policy, not_found=not_found, asked_at=now)
    return True


def _plan(
    claim: ClaimedPoll, parcel: PolledParcel, policy: Policy, *, not_found: int, asked_at: datetime | None
) -> None:
    planned = next_poll(parcel, policy, not_found=not_found, now=database_now())
    settle_poll(
        claim=claim,
        next_poll_at=planned.at if planned else None,
        urgency=planned.urgency if planned else 0,
        not_found=not_found,
        asked_at=asked_at,
    )


def _put_off_until_silent(claim: ClaimedPoll) -> bool:
    """Let go of a parcel that was scanned lately, whoever delivered that; it is asked about once it is silent again."""
    now, parcel = database_now(), _polled_parcel(claim)
    silent_from = silent_until(current_policy(), now)
    if parcel is None or parcel.updated_at <= silent_from or parcel.last_status in FINAL:
        return False
    release_poll(claim=claim, next_poll_at=now + (parcel.updated_at - silent_from))
    return True


def _next_claim(account: ConnectorAccount, shops_with_own: Sequence[UUID]) -> ClaimedPoll | None:
    now = database_now()
    if account.shop_id is not None:
        return claim_poll(seller_id=account.shop_id, connector=account.connector, now=now)
    for _attempt in range(10):  # Other workers may take the last parcel of a shop in between.
        shop = shop_with_due_poll(connector=account.connector, without=shops_with_own, now=now)
        if shop is None:
            return None
        if claim := claim_poll(seller_id=shop, connector=account.connector, now=now):
            return claim
    return None


def _polled_parcel(claim: ClaimedPoll) -> PolledParcel | None:
    rows = fetch(_POLLED_PARCEL, {"seller": claim.seller_id, "parcel": claim.parcel_id})
    return PolledParcel(*rows[0]) if rows else None


def _by_connector(accounts: Sequence[ConnectorAccount]) -> dict[str, list[ConnectorAccount]]:
    grouped: dict[str, list[ConnectorAccount]] = {}
    for account in accounts:
        if account.connector in CARRIERS:
            grouped.setdefault(account.connector, []).append(account)
    return grouped

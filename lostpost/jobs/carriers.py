"""The jobs that ask carriers about parcels."""

from __future__ import annotations

import logging
from uuid import UUID

from procrastinate.contrib.django import app

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.poll_parcels import enrol_silent_parcels, poll_account
from lostpost.connectors.carriers.sign_of_life import ask_for_sign_of_life
from lostpost.core.jobs import Job, defer_unless_waiting
from lostpost.core.queues import CARRIERS as QUEUE
from lostpost.core.queues import UPKEEP, WATCH

logger = logging.getLogger("lostpost.jobs")

ENROL, LOOK, POLL = "carriers.enrol", "carriers.look", "carriers.poll"
TURN_SECONDS = 50.0  # After so long other accounts have their turn; the next look is a minute later.


@app.periodic(cron="4-59/5 * * * *")
@app.task(name=ENROL, queue=UPKEEP, queueing_lock=ENROL)
def enrol_parcels_of_all(timestamp: int) -> None:
    """Begin to ask carriers about parcels that fell silent, some minutes after they are marked so."""
    accounts = _accounts()
    if accounts and (count := enrol_silent_parcels(accounts)):
        logger.info("carriers are asked about %s more parcels", count)


@app.periodic(cron="* * * * *")
@app.task(name=LOOK, queue=WATCH, queueing_lock=LOOK)
def look_whom_to_ask(timestamp: int) -> None:
    """Let each account ask its carrier every minute about the parcels that are due."""
    if accounts := _accounts():
        defer_unless_waiting(*(_poll_job(each.id) for each in accounts))


@app.task(name=POLL, queue=QUEUE)
def poll_carrier(account: str) -> None:
    """Ask a carrier about the parcels that are due, by one account. Safe to break off and repeat."""
    row = ConnectorAccount.objects.filter(id=account).first()
    if row is None or row.connector not in CARRIERS:
        return
    others = ConnectorAccount.objects.filter(connector=row.connector, shop_id__isnull=False)
    own = [] if row.shop_id else [shop_id for shop_id in others.values_list("shop_id", flat=True) if shop_id]
    poll_account(row, shops_with_own=own, seconds=TURN_SECONDS)
    ask_for_sign_of_life(row)


def _accounts() -> list[ConnectorAccount]:
    return list(ConnectorAccount.objects.filter(connector__in=CARRIERS).order_by("id"))


def _poll_job(account_id: UUID) -> Job:
    """Return the job of an account: one at a time, so that it keeps its pace without waiting for itself."""
    name = f"carrier account {account_id}"
    return Job(POLL, QUEUE, {"account": str(account_id)}, lock=name, waits_once=name)

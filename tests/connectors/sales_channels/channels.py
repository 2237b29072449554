"""Run channels as their job does, and look what came of it."""

from __future__ import annotations

from datetime import datetime

from lostpost.connectors.sales_channels.run_channel import run_channel
from lostpost.sales_channels.models import RefusedRecord, SalesChannel
from lostpost.sales_channels.runs import claim_run
from tests.cast import NOW


def run_once(channel: SalesChannel, now: datetime = NOW) -> str:
    """Run a channel as its job does, whenever it is due."""
    claimed = claim_run(seller_id=channel.seller_id, channel_id=channel.id, now=now, early=True)
    assert claimed
    return run_channel(claimed, clock=lambda: now)


def refusals_of(channel: SalesChannel) -> dict[str, str]:
    rows = RefusedRecord.objects.filter(seller_id=channel.seller_id, channel_id=channel.id)
    return {f"{row.kind} {row.reference}": row.reason for row in rows}

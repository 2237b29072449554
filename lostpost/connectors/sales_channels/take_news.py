"""Take in what a platform tells by webhook: nothing of it is believed but which order to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.connectors.sales_channels.run_channel import CHANNEL_RUN, PLATFORMS
from lostpost.core.errors import Rejected
from lostpost.core.jobs import Job, defer_unless_waiting
from lostpost.core.queues import SALES_CHANNELS
from lostpost.sales_channels.channel_news import note_news
from lostpost.sales_channels.hook_secret import hook_secret_of
from lostpost.sales_channels.models import SalesChannel


class NewsNotSigned(Rejected):
    """A delivery is not signed with the secret that the platform was given."""

    code = "not-signed"


def take_in_news(*, row: SalesChannel, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Verify the raw body, note the order and have it fetched. Raises: NewsNotSigned, TooMuchNews; nothing is kept."""
    platform = PLATFORMS[row.platform]
    if platform.is_ping(body):
        return
    secret = hook_secret_of(row)
    if not secret or not platform.is_signed(body, headers, secret):
        raise NewsNotSigned(_("The signature is missing or wrong."))
    news = platform.changed_order(body)
    if news and note_news(channel=row, order=news.reference, key=news.key, now=now) and row.state == row.State.ACTIVE:
        with transaction.atomic():
            defer_unless_waiting(channel_job(row))


def channel_job(channel: SalesChannel) -> Job:
    """Return the job that runs a channel: one at a time."""
    args = {"seller": str(channel.seller_id), "channel": str(channel.id)}
    name = f"sales channel {channel.id}"
    return Job(CHANNEL_RUN, SALES_CHANNELS, args, lock=name, waits_once=name)

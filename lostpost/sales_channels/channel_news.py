"""Which orders changed, as platforms tell by webhook; the order is fetched, as news come late, twice and unordered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.core.errors import Rejected
from lostpost.core.ownership import cross_seller
from lostpost.sales_channels.models import ChannelNews, SalesChannel

KEPT_FOR = timedelta(days=7)  # Longer than any platform repeats a delivery.
PENDING_MOST = 10_000  # Of a channel; what is told beyond is found by when it was modified.


class TooMuchNews(Rejected):
    """More orders are to be fetched than the channel can do soon."""

    code = "too-many-requests"


@transaction.atomic(durable=True)
def note_news(*, channel: SalesChannel, order: str, key: str, now: datetime) -> bool:
    """Note that an order changed, for the next run, which is due at once; return whether that is new.

    Args: `key`: what tells this news from another one of the same order. Raises: TooMuchNews.
    """
    news = ChannelNews.objects.filter(seller_id=channel.seller_id, channel_id=channel.id)
    if news.filter(taken_at=None)[:PENDING_MOST].count() >= PENDING_MOST:
        raise TooMuchNews(_("Too many orders wait to be fetched."))
    rows = SalesChannel.objects.filter(seller_id=channel.seller_id, id=channel.id)
    rows.update(told_at=now)
    if news.filter(key=key).exists():
        return False
    row = ChannelNews(seller_id=channel.seller_id, channel_id=channel.id, reference=order, key=key, told_at=now)
    ChannelNews.objects.bulk_create([row], ignore_conflicts=True)
    rows.filter(next_run_at__gt=now).update(next_run_at=now)
    return True


def orders_told_of(channel: SalesChannel, most: int) -> list[str]:
    """Return the platform's names of orders that changed since they were fetched, the longest waiting first."""
    news = ChannelNews.objects.filter(seller_id=channel.seller_id, channel_id=channel.id, taken_at=None)
    return list(dict.fromkeys(news.order_by("told_at").values_list("reference", flat=True)[: 5 * most]))[:most]


@transaction.atomic(durable=True)
def take_news(*, channel: SalesChannel, orders: Sequence[str], until: datetime, now: datetime) -> None:
    """Note that orders were fetched. Args: `until`: before they were asked for; what was told later is still news."""
    news = ChannelNews.objects.filter(seller_id=channel.seller_id, channel_id=channel.id, taken_at=None)
    news.filter(reference__in=orders, told_at__lte=until).update(taken_at=now)


def forget_news(*, now: datetime) -> int:
    """Delete old news; return how many."""
    with cross_seller("upkeep: old news of sales channels"):
        return ChannelNews.objects.filter(told_at__lt=now - KEPT_FOR).delete()[0]

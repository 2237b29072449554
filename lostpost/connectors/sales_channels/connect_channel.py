"""Connect a shop to a platform on which it sells, written into the security log."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.connectors.sales_channels.run_channel import PLATFORMS
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.put_sales_channel import (
    CredentialsMalformed,
    pause_sales_channel,
    put_sales_channel,
    remove_sales_channel,
    resume_sales_channel,
)


def connect_channel(
    *, seller: Seller, platform: str, values: object, prefix: str | None, by: str, now: datetime
) -> tuple[SalesChannel, bool]:
    """Connect a shop, or give its connection other credentials; return the channel, and whether it is new.

    Raises: CredentialsMalformed, PrefixRefused.
    """
    adapter = PLATFORMS[platform]
    names = [each.name for each in adapter.credentials]
    if not isinstance(values, dict) or not all(isinstance(values.get(name), str) for name in names):
        raise CredentialsMalformed(_("Give %(names)s, each as a text.") % {"names": ", ".join(names)})
    credentials = {name: values[name].strip() for name in names}
    row, new = put_sales_channel(
        seller_id=seller.id,
        platform=platform,
        account=adapter.account(credentials),
        credentials=credentials,
        prefix=prefix,
        by=by,
        now=now,
    )
    record_security_event(f"sales-channel.{'connected' if new else 'credentials-changed'}", about=_about(row, seller))
    return row, new


def pause_channel(*, row: SalesChannel, seller: Seller) -> None:
    """Fetch nothing until it is resumed. Raises: ChannelUnknown."""
    pause_sales_channel(seller_id=row.seller_id, channel_id=row.id)
    record_security_event("sales-channel.paused", about=_about(row, seller))


def resume_channel(*, row: SalesChannel, seller: Seller, now: datetime) -> None:
    """Fetch again, from where it stopped. Raises: ChannelUnknown."""
    resume_sales_channel(seller_id=row.seller_id, channel_id=row.id, now=now)
    record_security_event("sales-channel.resumed", about=_about(row, seller))


def disconnect_channel(*, row: SalesChannel, seller: Seller) -> None:
    """Forget the account and its credentials. Raises: ChannelUnknown."""
    remove_sales_channel(seller_id=row.seller_id, channel_id=row.id)
    record_security_event("sales-channel.removed", about=_about(row, seller))


def _about(row: SalesChannel, seller: Seller) -> str:
    return f"{row.platform} {row.account} of {seller.code}"

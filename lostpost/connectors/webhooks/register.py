"""Register an address, or give a webhook another one: looked up first, with no transaction open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lostpost.accounts.security_log import record_security_event
from lostpost.connectors.webhooks.address import require_address
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import put_webhook


def register_webhook(
    *, seller_id: UUID, name: str, url: str, after: int | None, by: str, now: datetime
) -> tuple[Webhook, bool]:
    """Register a public address, as `put_webhook` does.

    Raises: AddressRefused, NameRefused, TooManyWebhooks.
    """
    require_address(url)
    before = Webhook.objects.filter(seller_id=seller_id, name=name).values_list("url", flat=True).first()
    webhook, new = put_webhook(seller_id=seller_id, name=name, url=url, after=after, by=by, now=now)
    if new or before != url:
        record_webhook_change("registered" if new else "moved", name=name, shop=webhook.seller.code)
    return webhook, new


def record_webhook_change(change: str, *, name: str, shop: str) -> None:
    """Write into the security log what became of a webhook, not by its address, in which a secret may stand."""
    record_security_event(f"webhook.{change}", about=f"{name} of {shop}")

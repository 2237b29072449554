"""Register an address, or give a webhook another one: looked up first, with no transaction open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lostpost.connectors.webhooks.address import require_address
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import put_webhook


def register_webhook(
    *, seller_id: UUID, name: str, url: str, after: int | None, by: str, now: datetime
) -> tuple[Webhook, bool]:
    """Register an address that leads into the world, as `put_webhook` does.

    Raises: AddressRefused, NameRefused, TooManyWebhooks.
    """
    require_address(url)
    return put_webhook(seller_id=seller_id, name=name, url=url, after=after, by=by, now=now)

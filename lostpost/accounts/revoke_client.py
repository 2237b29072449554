"""Let a client of the API in no longer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import ApiClient, Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import NotFound
from lostpost.core.text import is_storable, quoted


class ClientNotFound(NotFound):
    """There is no such client."""


@transaction.atomic(durable=True)
def revoke_client(*, client_id: str, seller: Seller | None = None, now: datetime) -> ApiClient:
    """Revoke a client from this moment on; revoking it again changes nothing.

    Args: `seller`: only a client of this shop. Raises: ClientNotFound.
    """
    client = lock_client(client_id, seller=seller)
    if client.revoked_at is None:
        client.revoked_at = now
        client.save(update_fields=["revoked_at"])
        record_security_event("client.revoked", about=f"client {client_id}")
    return client


def lock_client(client_id: str, *, seller: Seller | None) -> ApiClient:
    """Return a client, of this shop if one is given, locked until commit. Raises ClientNotFound."""
    clients = ApiClient.objects.select_for_update().filter(client_id=client_id)
    in_shop = clients.filter(shop_id=seller.id) if seller else clients
    client = in_shop.first() if is_storable(client_id) else None
    if client is None:
        raise ClientNotFound(_("There is no client “%(it)s”.") % {"it": quoted(client_id)})
    return client

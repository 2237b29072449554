"""Make and revoke the machines that may use the API."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import ApiClient, Seller
from lostpost.core.errors import NotFound, Rejected


class ClientNotFound(NotFound):
    """There is no such client."""


@transaction.atomic
def record_client(
    *, client_id: str, name: str, seller: Seller | None, read_only: bool, by: str, now: datetime
) -> ApiClient:
    """Record what a client may do; its secret is kept by the OAuth2 library. Raises Rejected without a name."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise Rejected(_("Give the client a name of 1 to 200 characters: timelines show it."))
    if seller is None and read_only:
        raise Rejected(_("A platform client is never read-only; make a client of a seller."))
    return ApiClient.objects.create(
        client_id=client_id,
        name=name,
        shop_id=seller.id if seller else None,
        read_only=read_only,
        made_at=now,
        made_by=by,
    )


@transaction.atomic
def revoke_client(*, client_id: str, seller: Seller | None = None, now: datetime) -> ApiClient:
    """Let a client in no longer, from this moment; revoking again changes nothing.

    Args: `seller`: only a client of this shop. Raises: ClientNotFound.
    """
    found = ApiClient.objects.select_for_update().filter(client_id=client_id)
    client = (found.filter(shop_id=seller.id) if seller else found).first()
    if client is None:
        raise ClientNotFound(_("There is no client “%(it)s”.") % {"it": client_id})
    if client.revoked_at is None:
        client.revoked_at = now
        client.save(update_fields=["revoked_at"])
    return client

"""Make a client of the API: what it may do, and its secret, shown once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import get_application_model

from lostpost.accounts.models import ApiClient, Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Rejected
from lostpost.core.text import trimmed


class Credentials(NamedTuple):
    """What a machine signs in with."""

    client_id: str
    client_secret: str


@transaction.atomic(durable=True)
def create_client(
    *, name: str, seller: Seller | None, read_only: bool, by: str, now: datetime, by_user_id: int | None = None
) -> Credentials:
    """Create a client for the platform, or for one shop; only a hash of the secret is stored.

    Raises: Rejected without a name, or for a platform client that may only read.
    """
    name = " ".join(trimmed(name).split())
    if not 1 <= len(name) <= 200:
        raise Rejected(_("Give the client a name of 1 to 200 characters: timelines show it."))
    if seller is None and read_only:
        raise Rejected(_("A platform client is never read-only; make a client of a seller."))
    credentials = Credentials(generate_client_id(), generate_client_secret())
    ApiClient.objects.create(
        client_id=credentials.client_id,
        name=name,
        shop_id=seller.id if seller else None,
        read_only=read_only,
        made_at=now,
        made_by=by,
        made_by_user_id=by_user_id,
    )
    get_application_model().objects.create(
        name=name,
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    record_security_event(
        "client.made", about=f"client {credentials.client_id} of {seller.code if seller else 'the platform'}"
    )
    return credentials

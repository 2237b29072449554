"""A new client: what it may do, and its secret, shown once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import get_application_model

from lostpost.accounts.api_clients import record_client
from lostpost.accounts.models import Seller


class Credentials(NamedTuple):
    """What a machine signs in with."""

    client_id: str
    client_secret: str


@transaction.atomic(durable=True)
def make_client(*, name: str, seller: Seller | None, read_only: bool, by: str, now: datetime) -> Credentials:
    """Make a client for the platform, or for one shop; only a hash of the secret is kept. Raises Rejected."""
    credentials = Credentials(generate_client_id(), generate_client_secret())
    record_client(client_id=credentials.client_id, name=name, seller=seller, read_only=read_only, by=by, now=now)
    get_application_model().objects.create(
        name=name[:255],
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    return credentials

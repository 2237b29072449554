"""Give a client of the API a new secret; the former one counts for some days more, so that nothing stops meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_application_model

from lostpost.accounts.make_client import Credentials
from lostpost.accounts.models import Seller
from lostpost.accounts.revoke_client import lock_client
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Conflict

OVERLAP_DAYS = 7
LONGEST_OVERLAP_DAYS = 90


class ClientRevoked(Conflict):
    """The client is revoked, so it gets no new secret."""


@transaction.atomic(durable=True)
def rotate_client_secret(
    *,
    client_id: str,
    seller: Seller | None = None,
    overlap_days: int = OVERLAP_DAYS,
    by_user_id: int | None = None,
    now: datetime,
) -> Credentials:
    """Create a new secret, shown once. Of two former ones only the newer stays valid; with 0 days none does.

    Args: `seller`: only a client of this shop. `by_user_id`: who sees it; None: the operator.
    Raises: ClientNotFound, ClientRevoked.
    """
    client = lock_client(client_id, seller=seller)
    if client.revoked_at is not None:
        raise ClientRevoked(_("“%(name)s” is revoked; make a new client.") % {"name": client.name})
    application = get_application_model().objects.get(client_id=client_id)
    client.former_secret = application.client_secret if overlap_days else ""
    client.former_secret_until = now + timedelta(days=overlap_days) if overlap_days else None
    if by_user_id and by_user_id not in client.secret_seen_by:
        client.secret_seen_by = [*client.secret_seen_by, by_user_id]
    client.save(update_fields=["former_secret", "former_secret_until", "secret_seen_by"])
    credentials = Credentials(client_id, generate_client_secret())
    application.client_secret = credentials.client_secret  # The library's field stores a hash of it.
    application.save(update_fields=["client_secret"])
    record_security_event("client.secret-rotated", about=f"client {client_id}")
    return credentials

"""Connect a shop to a source: which secret, at which address, written into the security log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.connectors.tracking_sources.take_delivery import SOURCES
from lostpost.tracking.put_tracking_source import (
    SecretRefused,
    new_source_secret,
    put_tracking_source,
    remove_tracking_source,
)


@dataclass(frozen=True, slots=True)
class SourceConnection:
    """What is set at the source: the address, and the secret, shown once; both where the source need not sign."""

    address: str
    secret: str
    is_new: bool


def connect_source(*, seller: Seller, source: str, secret: str, by: str, now: datetime) -> SourceConnection:
    """Connect a shop, or change its secret; without one, it is made, where the source lets us.

    Raises: SecretRefused.
    """
    adapter = SOURCES[source]
    if not secret and adapter.secret_is_theirs:
        raise SecretRefused(_("%(source)s makes the secret itself: copy it from there.") % {"source": adapter.title})
    if secret and not adapter.takes_any_secret:
        raise SecretRefused(_("The secret is made here: leave the field empty."))
    secret = secret or new_source_secret()
    _row, new = put_tracking_source(seller_id=seller.id, source=source, secret=secret, by=by, now=now)
    record_security_event(f"tracking-source.{'connected' if new else 'secret-changed'}", about=_about(seller, source))
    address = source_address(seller.code, source)
    if adapter.token_in_address:
        address += f"?{urlencode({'token': secret})}"
    return SourceConnection(address, secret, new)


def disconnect_source(*, seller: Seller, source: str) -> None:
    """Refuse what a source sends of a shop from now on. Raises: NotConnected."""
    remove_tracking_source(seller_id=seller.id, source=source)
    record_security_event("tracking-source.removed", about=_about(seller, source))


def source_address(shop: str, source: str) -> str:
    """Return the address that is set at the source."""
    return f"{settings.LOSTPOST_URL}/api/tracking/{shop}/{source}"


def _about(seller: Seller, source: str) -> str:
    return f"{source} of {seller.code}"

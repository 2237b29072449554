"""What a client's tokens may be for, and who gets one; the rest of signing machines in is the OAuth2 library's."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from lostpost.accounts.models import ApiClient
from lostpost.core.text import is_storable

SCOPES = {
    "platform": "Act for the marketplace: put sellers, orders, parcels, returns and scans; read and act for any seller",
    "seller:read": "Read what belongs to the seller",
    "seller:write": "Write to customers and write off for the seller",
}
HASHER = "pbkdf2_sha256_random"


class GivenSecret(NamedTuple):
    """The client id and secret in a request, not verified yet."""

    client_id: str
    client_secret: str


class ClientScopes(BaseScopes):  # type: ignore[misc]
    """The scopes of each client; a client that requests none gets all of its own."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope with its description."""
        return SCOPES

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return the scopes that this client may request; none if it is revoked."""
        client = ApiClient.objects.filter(client_id=application.client_id, revoked_at=None).first()
        return sorted(client.scopes) if client else []

    get_default_scopes = get_available_scopes


class ClientValidator(OAuth2Validator):  # type: ignore[misc]
    """Sign in who has the right secret and is not revoked: a revoked client gets no token, not even an empty one."""

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        """Return the client with this id; None if the id cannot be stored."""
        return super()._load_application(client_id, request) if is_storable(client_id or "") else None

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Authenticate the client by its secret, or by the former one while that is valid."""
        secret = secret_of_header(request.headers.get("HTTP_AUTHORIZATION", "")) or GivenSecret(
            request.client_id or "", getattr(request, "client_secret", None) or ""
        )
        application = self._load_application(secret.client_id, request)
        if application is None or not is_storable(secret.client_secret):
            make_password(secret.client_secret, hasher=HASHER)  # As much work as for a client that there is.
            return False
        client = ApiClient.objects.filter(client_id=application.client_id, revoked_at=None).first()
        return client is not None and (
            check_password(secret.client_secret, application.client_secret)
            or (
                client.former_secret_counts_at(timezone.now())
                and check_password(secret.client_secret, client.former_secret)
            )
        )


def secret_of_header(header: str) -> GivenSecret | None:
    """Read `Authorization: Basic …`, its scheme in capitals or not (RFC 9110, 11.1); none if it is no such header."""
    kind, _space, written = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(written, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return GivenSecret(unquote_plus(name), unquote_plus(secret)) if colon else None

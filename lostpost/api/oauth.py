"""What a client's tokens may be for; the rest of signing machines in is the OAuth2 library's."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from lostpost.accounts.models import ApiClient
from lostpost.core.text import can_be_kept

SCOPES = {
    "platform": "Act for the marketplace: put sellers, orders, parcels, returns and scans; read and act for any seller",
    "seller:read": "Read what belongs to the seller",
    "seller:write": "Write to customers and write off for the seller",
}


class ClientScopes(BaseScopes):  # type: ignore[misc]
    """The scopes of each client; asked for none, a client gets all of its own."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope with its description."""
        return SCOPES

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return the scopes that this client may ask for; none once it is revoked."""
        client = ApiClient.objects.filter(client_id=application.client_id, revoked_at=None).first()
        return sorted(client.scopes) if client else []

    get_default_scopes = get_available_scopes


class ClientValidator(OAuth2Validator):  # type: ignore[misc]
    """Sign in who has the right secret and is not revoked: a revoked client gets no token, not even an empty one."""

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        """Return the client of this id; what no database can hold is nobody's."""
        return super()._load_application(client_id, request) if can_be_kept(client_id or "") else None

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Say whether the client is who it says it is."""
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        return ApiClient.objects.filter(client_id=request.client.client_id, revoked_at=None).exists()

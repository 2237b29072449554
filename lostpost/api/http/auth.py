"""Authentication of API clients: of the platform for the whole marketplace, or of one shop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import ApiClient, Seller
from lostpost.api.http.rate_limits import enforce_rate_limit
from lostpost.core.sql import fetch_first
from lostpost.web.origin import CLIENT_ID
from lostpost.web.problems import Problem, not_found

# Every request waits for it, so it is one statement for the library's token, what its client may do, and the shop; read
# anew each time, as a client that is revoked is let in no longer. It is the request's first, and always one row.
_HOLDER = """
    SELECT current_setting('transaction_read_only'), token.expires, token.scope, client.revoked_at,
           client.client_id, client.name, client.shop_id, client.read_only,
           shop.id, shop.code, shop.name, shop.country, shop.language, shop.currency, shop.invoice_cadence, shop.legal
      FROM (SELECT) one
      LEFT JOIN oauth2_provider_accesstoken token ON token.token_checksum = %s
      LEFT JOIN oauth2_provider_application application ON application.id = token.application_id
      LEFT JOIN lostpost_apiclient client ON client.client_id = application.client_id
      LEFT JOIN lostpost_seller shop ON shop.id = client.shop_id
"""
_CLIENT = ("client_id", "name", "shop_id", "read_only")
_SHOP = ("id", "code", "name", "country", "language", "currency", "invoice_cadence", "legal")


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine that signed in."""

    client: ApiClient
    scopes: frozenset[str]
    shop: Seller | None = None  # The client's own; None for the platform.

    @property
    def is_platform(self) -> bool:
        """Whether the client acts for the whole marketplace."""
        return "platform" in self.scopes


class ApiRequest(HttpRequest):
    """A request of the API after its token was read."""

    auth: Caller


class scope(HttpBearer):  # noqa: N801 - reads as a word: auth=scope("seller:write")
    """Require a token that is good for one of these scopes; a platform token is good for all."""

    openapi_name = "oauth2"

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = frozenset(scopes)

    def __call__(self, request: HttpRequest) -> Any:
        """Read the Authorization header; without one, answer 401 with how to sign in."""
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise _unknown("Send a token: Authorization: Bearer …; POST /oauth/token gives one.")
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Return the holder of the token. Raises Problem 401 or 403."""
        ((_read_only, expires, granted, revoked_at, *row),) = fetch_first(
            _HOLDER, (hashlib.sha256(token.encode()).hexdigest(),)
        )
        if expires is None or expires <= timezone.now():
            raise _unknown("The token is unknown or has expired; POST /oauth/token gives a new one.")
        if row[0] is None or revoked_at is not None:
            raise _unknown("This client was revoked.")
        client = ApiClient.from_db("default", _CLIENT, row[: len(_CLIENT)])
        request.META[CLIENT_ID] = client.client_id
        enforce_rate_limit(request, client)
        caller = Caller(client, frozenset(granted.split()) & client.scopes, _shop(row[len(_CLIENT) :]))
        if not caller.is_platform and not self.scopes & caller.scopes:
            raise Problem(
                403,
                "insufficient-scope",
                f"This needs a token with the scope {' or '.join(sorted(self.scopes))}.",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(sorted(self.scopes))}"'
                },
            )
        return caller


def _shop(row: Sequence[Any]) -> Seller | None:
    if row[0] is None:
        return None
    *columns, legal = row
    return Seller.from_db("default", _SHOP, [*columns, json.loads(legal) if isinstance(legal, str) else legal])


def _unknown(detail: str) -> Problem:
    return Problem(401, "not-authenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="lostpost"'})


def acting_seller(request: ApiRequest, seller: str | None) -> Seller:
    """Return the shop that a call is about: a shop's client acts for its own; the platform names one.

    Raises: Problem 404 for any other shop, 422 if the platform names none.
    """
    own = request.auth.shop
    if own is not None:
        if seller is not None and seller != own.code:
            raise not_found()
        return own
    if seller is None:
        raise Problem(422, "seller-missing", "Name the seller that this is about: ?seller=…")
    return known_seller(seller)


def known_seller(code: str) -> Seller:
    """Return the shop of this code. Raises Problem 404."""
    seller = Seller.objects.filter(code=code).first()
    if seller is None:
        raise not_found()
    return seller


def acting_in_shop(request: ApiRequest, seller: str | None) -> Actor:
    """Return who acts, as timelines show it: the client by its name, in the shop that the call is about."""
    return Actor.of_client(request.auth.client, seller=acting_seller(request, seller))

"""The token endpoint: the OAuth2 library's view, with checks of the request and its own rate limit.

A correct secret of 128 random characters is never delayed by attempts of strangers in the client's name. Wrong ones
are counted, and delayed, by network address.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from lostpost.accounts.attempts import OF_CLIENTS_NETWORK, LimitedKey, count_attempt
from lostpost.accounts.models import ApiClient
from lostpost.accounts.security_log import REFUSED, log_security_event, record_security_event
from lostpost.api.http.oauth import secret_of_header
from lostpost.api.http.rate_limits import enforce_sign_in_limit, wrong_secret_limit_reached
from lostpost.core.text import is_storable, quoted
from lostpost.web.client_address import client_network
from lostpost.web.origin import CLIENT_ID

GRANT = "client_credentials"


@method_decorator(csrf_exempt, name="dispatch")
class ClientTokenView(TokenView):  # type: ignore[misc]
    """Issue a token to a client. Errors of OAuth2 have its format (RFC 6749, 5.2), all others are problems.

    Client libraries read `error`; OAuth2 has none for too many attempts, a body that is too large, or a bug.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give a token by the one grant that there is. Raises Problem 429."""
        if error := _wrong_with(request):
            return _oauth_error(*error)
        if self.authenticate_client(request):
            client_id = _client_id(request)
            request.META[CLIENT_ID] = client_id
            enforce_sign_in_limit(client_id)
            response: HttpResponse = self.authorization_flow_token_response(request)
            if response.status_code == 200:
                ApiClient.objects.filter(client_id=client_id).update(last_used_at=timezone.now())
                record_security_event("client-sign-in.attempted")
            return response
        _count_wrong_secret(request)
        return _oauth_error("invalid_client", status=401)


def _wrong_with(request: HttpRequest) -> tuple[str, str] | None:
    """Return what is wrong with the request: RFC 6749 requires each parameter once, and one way to authenticate."""
    form = request.POST
    if repeated := sorted(name for name, values in form.lists() if len(values) > 1):
        return "invalid_request", f"The parameter {quoted(repeated[0])} is repeated."
    if any(name in request.GET for name in ("grant_type", "client_id", "client_secret", "scope")):
        return "invalid_request", "Send the parameters in the body, not in the address."
    secret = secret_of_header(request.headers.get("Authorization", ""))
    if secret and (form.get("client_secret") or form.get("client_id", secret.client_id) != secret.client_id):
        return "invalid_request", "Say who the client is in the header or in the body, not in both."
    if form.get("grant_type") != GRANT:
        return "unsupported_grant_type", f"There is one grant: {GRANT}."
    if not is_storable(form.get("scope", "")):
        return "invalid_scope", "The scope holds a character that none has."
    return None


def _oauth_error(error: str, description: str = "", *, status: int = 400) -> HttpResponse:
    """Refuse as OAuth2 has it; RFC 9110 wants the way that is open to be named beside a 401."""
    body = {"error": error, **({"error_description": description} if description else {})}
    response = HttpResponse(json.dumps(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="lostpost"'
    return response


def _client_id(request: HttpRequest) -> str:
    """Return the client id in the request."""
    secret = secret_of_header(request.headers.get("Authorization", ""))
    return secret.client_id if secret else request.POST.get("client_id", "")


def _count_wrong_secret(request: HttpRequest) -> None:
    """Count it where it comes from. Raises Problem 429."""
    about = _client_id(request)
    exists = is_storable(about) and ApiClient.objects.filter(client_id=about).exists()  # Others may write anything.
    about = f"client {about}" if exists else "no such client"
    if seconds := count_attempt([LimitedKey(f"clients of {client_network(request)}", OF_CLIENTS_NETWORK)]):
        log_security_event("client-sign-in.attempted", outcome=REFUSED, about=about)
        raise wrong_secret_limit_reached(seconds)
    record_security_event("client-sign-in.attempted", outcome=REFUSED, about=about)

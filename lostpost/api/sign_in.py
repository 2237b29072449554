"""Where machines sign in: the OAuth2 library's page, with a limit of its own before anything is looked up."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from lostpost.api.limits import require_room_to_sign_in


@method_decorator(csrf_exempt, name="dispatch")
class SignIn(TokenView):  # type: ignore[misc]
    """Give a client its token. What OAuth2 has a word for is said in its form (RFC 6749, 5.2), all else as a problem.

    Client libraries read `error`; too many attempts, a body that is too large or a fault have none in OAuth2.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the attempt, whatever becomes of it, then give the token. Raises Problem 429."""
        require_room_to_sign_in(request, _client_ids(request))
        response: HttpResponse = super().post(request, *args, **kwargs)
        if response.status_code == 401:  # RFC 9110 wants the way that is open here; a token is what is asked for.
            response.headers["WWW-Authenticate"] = 'Basic realm="lostpost"'
        return response


def _client_ids(request: HttpRequest) -> set[str]:
    """Return who the request says it is from, unproven: the library tries the header, and then the body."""
    return {_of_header(request.headers.get("Authorization", "")), request.POST.get("client_id", "")} - {""}


def _of_header(header: str) -> str:
    kind, _space, written = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        name, _colon, _secret = base64.b64decode(written).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return unquote_plus(name)

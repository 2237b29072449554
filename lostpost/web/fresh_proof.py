"""Ask for the password again for money, clients and secrets: somebody else may be using the session."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.http import HttpRequest


def require_fresh_proof(request: HttpRequest) -> None:
    """Let pass who typed their password again in the last minutes (ACCOUNT_REAUTHENTICATION_TIMEOUT).

    Everybody else is led to do so, and what they sent is done after it.

    Raises: allauth's ReauthenticationRequired, which its middleware answers.
    """
    raise_if_reauthentication_required(request, app="allauth.account")

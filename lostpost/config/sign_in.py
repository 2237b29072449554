"""How people get in: with a login that the operator or the owner of a shop made for them."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types.
    """Nobody signs up alone: a login without a seller would see nothing."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no, always."""
        return False

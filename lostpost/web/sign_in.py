"""Sign-in with a login that the operator or the owner of a shop created."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from lostpost.accounts.account_mail import PASSWORD_CHANGED, defer_account_mail
from lostpost.accounts.attempts import (
    OF_BROWSER,
    OF_NETWORK,
    OF_PERSON,
    LimitedKey,
    count_attempt,
    forget_attempts,
    limited_name,
    uncount_attempt,
)
from lostpost.accounts.logins import login_named
from lostpost.accounts.security_log import REFUSED, log_security_event, record_security_event
from lostpost.core.kept_query import KeptQuery
from lostpost.web.client_address import client_address, client_network
from lostpost.web.known_browser import browser_of
from lostpost.web.origin import origin_of

_NOTICES = {
    "account/email/password_changed": PASSWORD_CHANGED,
    "account/email/password_reset": PASSWORD_CHANGED,
}


class TooManyAttempts(ValidationError):
    """The user has to wait before the next attempt; the password was not checked."""

    def __init__(self, seconds: int) -> None:
        self.wait_seconds = seconds
        super().__init__(
            ngettext(
                "Too many attempts failed. Wait %(n)d second, then try again.",
                "Too many attempts failed. Wait %(n)d seconds, then try again.",
                seconds,
            )
            % {"n": seconds},
            code="too_many_login_attempts",
        )


_USER = KeptQuery(lambda user_id: User.objects.filter(id=user_id), user_id=int)


class LoginBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types.
    """Verify one password against one login, with the same work for an unknown name."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = login_named(str(credentials.get("username") or credentials.get("email") or ""))
        user: User | None = self._check_password(login, str(credentials["password"])) if login else None
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session, read anew with each request; none who was switched off."""
        user = next(iter(_USER(user_id=user_id)), None)
        return user if self.user_can_authenticate(user) else None


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types.
    """What allauth leaves to a site: who may sign up, how attempts are counted, where letters go."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up: a login without a seller would see nothing."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Verify a password, counted under the person it is for and the network it comes from.

        Raises: TooManyAttempts.
        """
        name = str(credentials.get("username") or credentials.get("email") or "")
        login = login_named(name)
        of_person, counts = _counts(request, login, name)
        if seconds := count_attempt(counts):
            log_security_event(
                "sign-in.attempted", outcome=REFUSED, about=f"wait {seconds} s", origin=origin_of(request)
            )
            raise TooManyAttempts(seconds)
        user: User | None = super().authenticate(request, **credentials)
        about = f"user {login.pk} {login.get_username()}" if login else "no such login"
        if user is None:
            record_security_event("sign-in.attempted", outcome=REFUSED, about=about)
            return None
        uncount_attempt([count for count in counts if count is not of_person])
        forget_attempts([of_person])
        if not user.is_active:
            record_security_event("sign-in.attempted", outcome=REFUSED, about=f"{about}, switched off")
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting to `authenticate`: allauth's own counts are of one process."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return where the request comes from."""
        address = client_address(request)
        return address if "." in address or ":" in address else "0.0.0.0"  # noqa: S104 - "unknown" in its column.

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Defer an e-mail that says that the password was changed."""
        if template_prefix in _NOTICES and user.email:
            defer_account_mail(_NOTICES[template_prefix], user_id=user.pk, to=user.email)


def _counts(request: HttpRequest, login: User | None, name: str) -> tuple[LimitedKey, list[LimitedKey]]:
    """Return the user's count, and all counts of an attempt.

    A browser in which the user signed in before has its own count, so that guesses by strangers, even in the same
    network, do not delay the user.
    """
    if login and (browser := browser_of(request, login.pk)):
        own = LimitedKey(f"browser {browser} person {login.pk}", OF_BROWSER)
        return own, [own]
    person = LimitedKey(f"person {login.pk}", OF_PERSON) if login else limited_name("name", name.lower(), OF_PERSON)
    return person, [LimitedKey(f"network {client_network(request)}", OF_NETWORK), person]

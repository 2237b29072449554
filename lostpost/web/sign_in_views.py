"""allauth's pages around a login, as far as this site has them."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ResetPasswordForm
from allauth.account.views import (
    LoginView,
    PasswordChangeView,
    PasswordResetFromKeyView,
    PasswordResetView,
    ReauthenticateView,
)
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from lostpost.accounts.account_mail import RESET, defer_account_mail
from lostpost.accounts.attempts import RESETS_OF_ADDRESS, RESETS_OF_NETWORK, LimitedKey, count_attempt, limited_name
from lostpost.accounts.security_log import record_security_event
from lostpost.web.client_address import client_network
from lostpost.web.known_browser import remember_browser
from lostpost.web.sign_in import TooManyAttempts


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types.
    """Sign in; if the user has to wait, say for how long."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and remember the browser."""
        response: HttpResponse = super().form_valid(form)
        if self.request.user.is_authenticated:
            record_security_event("sign-in.attempted")
            remember_browser(self.request, response, self.request.user.pk)
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show the form again."""
        return _with_wait(super().form_invalid(form), form)


class Reauthenticate(ReauthenticateView):  # type: ignore[misc]
    """Type the password again; what was sent before is done after it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on."""
        record_security_event("password.typed-again")
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show the form again."""
        return _with_wait(super().form_invalid(form), form)


class ChangePassword(PasswordChangeView):  # type: ignore[misc]
    """Change one's own password."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer; who has no password yet gets one by a link."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it."""
        response: HttpResponse = super().form_valid(form)
        record_security_event("password.changed")
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show the form again."""
        return _with_wait(super().form_invalid(form), form)


class RequestReset(PasswordResetView):  # type: ignore[misc]
    """Request a link to choose a new password."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show the form again."""
        return _with_wait(super().form_invalid(form), form)


class ChooseNewPassword(PasswordResetFromKeyView):  # type: ignore[misc]
    """Choose a new password, with a link from one's own mailbox."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and know the browser again: who guesses elsewhere cannot keep its owner out."""
        response: HttpResponse = super().form_valid(form)
        record_security_event("password.reset", about=f"user {self.reset_user.pk} {self.reset_user.get_username()}")
        remember_browser(self.request, response, self.reset_user.pk)
        return response


class OldAndNewPassword(ChangePasswordForm):  # type: ignore[misc]
    """A new password; wrong guesses at the old one count like those at the sign-in."""

    def clean_oldpassword(self) -> str:
        """Verify the old password. Raises: TooManyAttempts, ValidationError."""
        old_password = str(self.cleaned_data.get("oldpassword", ""))
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, old_password):
            raise adapter.validation_error("enter_current_password")
        return old_password


class AddressForReset(ResetPasswordForm):  # type: ignore[misc]
    """Request a link: with the same work and response whether the address is known or not."""

    def clean_email(self) -> str:
        """Count the request, of this address and of this network. Raises: TooManyAttempts."""
        address = str(self.cleaned_data["email"]).lower()
        request = get_adapter().request
        network = LimitedKey(f"reset network {client_network(request)}", RESETS_OF_NETWORK)
        if seconds := count_attempt([network, limited_name("reset", address, RESETS_OF_ADDRESS)]):
            raise TooManyAttempts(seconds)
        return address

    def save(self, request: HttpRequest, **_options: Any) -> str:
        """Let a job look for the login and send the link."""
        address = str(self.cleaned_data["email"])
        record_security_event("password.reset-requested")
        defer_account_mail(RESET, to=address)
        return address


def _with_wait(response: HttpResponse, form: BaseForm) -> HttpResponse:
    """Use status 429 when the user has to wait."""
    for errors in form.errors.as_data().values():
        for error in errors:
            if isinstance(error, TooManyAttempts):
                response.status_code = 429
                response.headers["Retry-After"] = str(error.wait_seconds)
    return response

"""Change the e-mail address of one's own login: with the password, a link to the new one, a letter to the old one."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lostpost.accounts.account_mail import (
    ADDRESS_CHANGED,
    CONFIRM_ADDRESS,
    defer_account_mail,
    read_address_key,
)
from lostpost.accounts.attempts import CHANGES_OF_ADDRESS, LimitedKey, count_attempt
from lostpost.accounts.logins import logins_with_address
from lostpost.accounts.security_log import record_security_event
from lostpost.core.mail_address import address_problem, cleaned_address, wire_address
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.sign_in import TooManyAttempts


class EmailAddressForm(forms.Form):
    """A new address."""

    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Give the new address."),
            "invalid": gettext_lazy("This is no e-mail address. Write one such as name@example.com."),
        },
    )

    def clean_email(self) -> str:
        """Convert the domain by IDNA 2008; Django alone would change `faß.de` to fass.de."""
        address = cleaned_address(self.cleaned_data["email"])
        if problem := address_problem(address):
            raise forms.ValidationError(f"{problem[:1].upper()}{problem[1:]}.")
        return wire_address(address).lower()


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_address(request: HttpRequest) -> HttpResponse:
    """Show the address and a form for another; it is changed once its owner has opened the link."""
    user = cast(User, request.user)
    if request.method != "POST":
        return _page(request, EmailAddressForm())
    require_fresh_proof(request)
    form = EmailAddressForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    new = str(form.cleaned_data["email"])
    if new == user.email.lower():
        form.add_error("email", _("This is the address that your login has already."))
        return _page(request, form, status=422)
    if seconds := count_attempt([LimitedKey(f"address of {user.pk}", CHANGES_OF_ADDRESS)]):
        form.add_error(None, TooManyAttempts(seconds))
        return _page(request, form, status=429)
    record_security_event("address.change-requested")
    defer_account_mail(CONFIRM_ADDRESS, to=new, user_id=user.pk, old=user.email)
    return _page(request, EmailAddressForm(), sent_to=new)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the user who opens the link for confirmation, and change the address."""
    about = read_address_key(key)
    user = _login_of(about) if about else None
    if about is None or user is None:
        return render(request, "account/address_confirm.html", {"usable": False}, status=410)
    if request.method != "POST":
        return render(request, "account/address_confirm.html", {"usable": True, "address": about["new"]})
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(email=about["new"])
        EmailAddress.objects.filter(user_id=user.pk).delete()
        EmailAddress.objects.create(user_id=user.pk, email=about["new"], primary=True, verified=True)
        record_security_event("address.changed", about=f"user {user.pk} {user.get_username()}")
        if about["old"]:
            defer_account_mail(ADDRESS_CHANGED, to=about["old"], user_id=user.pk)
    messages.success(request, _("The e-mail address of your login is now %(new)s.") % {"new": about["new"]})
    return redirect("account_email" if request.user.is_authenticated else "account_login")


def _login_of(about: dict[str, Any]) -> User | None:
    """Return the login for a link that is still valid: the new address is free, and the old one unchanged."""
    if logins_with_address(about["new"]) or EmailAddress.objects.filter(email=about["new"], verified=True).exists():
        return None
    return User.objects.filter(pk=about["user"], email=about["old"], is_active=True).first()


def _page(request: HttpRequest, form: EmailAddressForm, *, sent_to: str = "", status: int = 200) -> HttpResponse:
    return render(request, "account/address_change.html", {"form": form, "sent_to": sent_to}, status=status)

"""The page behind an invitation's link: come into a shop with the login that one has, or with a new one."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lostpost.accounts.accept_invitation import AddressInUse, InvitationClosed, accept_invitation, accept_with_new_login
from lostpost.accounts.invite_member import open_invitation
from lostpost.accounts.logins import login_named, login_owning
from lostpost.accounts.models import Invitation
from lostpost.core.text import is_blank, is_storable

_NAME_TAKEN = gettext_lazy("There is a login of this name already. Choose another one.")


class NewLoginForm(forms.Form):
    """A login for somebody who has none yet; its address is the invitation's."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=150,
        help_text=gettext_lazy("Your colleagues see it beside what you do."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Give your name.")},
    )
    username = forms.CharField(
        label=gettext_lazy("Name of your login"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=gettext_lazy("You sign in with it, or with your e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
        error_messages={"required": gettext_lazy("Choose a name for your login.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )

    def clean_name(self) -> str:
        """Require a name that can be seen and stored."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if is_blank(name) or not is_storable(name):
            raise forms.ValidationError(_("Give your name."))
        return name

    def clean_username(self) -> str:
        """Require a name that no other login has, whatever its capitals, and that is nobody's address."""
        username = str(self.cleaned_data["username"])
        if login_named(username):
            raise forms.ValidationError(_NAME_TAKEN)
        return username

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules of all passwords."""
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            user = User(username=cleaned.get("username", ""), first_name=cleaned.get("name", ""))
            try:
                password_validation.validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show who invites into which shop; sent, let the login in: the one that is signed in, or a new one."""
    invitation = open_invitation(key, now=timezone.now())
    if invitation is None:
        return render(request, "account/invitation.html", {"usable": False}, status=410)
    if request.user.is_authenticated:
        return _with_login(request, invitation)
    if owner := login_owning(invitation.email):
        if not owner.is_active:
            return render(request, "account/invitation.html", _about(invitation) | {"stopped": True}, status=409)
        sign_in = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
        return render(request, "account/invitation.html", _about(invitation) | {"sign_in": sign_in})
    return _with_new_login(request, invitation)


def _with_login(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/invitation.html", _about(invitation) | {"joins": True})
    try:
        accept_invitation(invitation=invitation, user=cast(User, request.user), now=timezone.now())
    except InvitationClosed:
        return render(request, "account/invitation.html", {"usable": False}, status=410)
    return _welcome(request, invitation)


def _with_new_login(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = NewLoginForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, invitation, form)
    try:
        user, _member = accept_with_new_login(invitation=invitation, **form.cleaned_data, now=timezone.now())
    except InvitationClosed:
        return render(request, "account/invitation.html", {"usable": False}, status=410)
    except AddressInUse:  # Since the page was asked for.
        return redirect(request.path)
    except IntegrityError:  # Somebody took the name since the form was checked.
        form.add_error("username", _NAME_TAKEN)
        return _form_page(request, invitation, form)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return _welcome(request, invitation)


def _form_page(request: HttpRequest, invitation: Invitation, form: NewLoginForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "account/invitation.html", _about(invitation) | {"form": form}, status=status)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to %(shop)s.") % {"shop": invitation.seller.name})
    return redirect("portal:home", seller=invitation.seller.code)


def _about(invitation: Invitation) -> dict[str, Any]:
    return {"usable": True, "invitation": invitation, "shop": invitation.seller.name}

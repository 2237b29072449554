"""Compose e-mails about a login. Links use the site's own address, whatever host a request named."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lostpost.accounts.account_mail import (
    ADDRESS_CHANGED,
    CONFIRM_ADDRESS,
    INVITATION,
    PASSWORD_CHANGED,
    RESET,
    address_key,
)
from lostpost.accounts.invite_member import INVITATION_DAYS, invitation_key
from lostpost.accounts.logins import logins_with_address
from lostpost.connectors.mail.letter import header_line


def letters(*, kind: str, to: str, user_id: int | None, language: str, about: dict[str, str]) -> list[EmailMessage]:
    """Compose the e-mails of one job: none if nobody has that login or address, one per login if several do."""
    if kind == INVITATION:
        with override(language):
            return [_invitation(to, about)]
    if kind == RESET:
        users = logins_with_address(to)
    else:
        users = list(User.objects.filter(pk=user_id, is_active=True)) if user_id else []
    with override(language):
        return [_letter(kind, to, user, about) for user in users]


def _letter(kind: str, to: str, user: User, about: dict[str, str]) -> EmailMessage:
    subject, link = {
        RESET: (_("Choose a new password"), _reset_link),
        CONFIRM_ADDRESS: (_("Confirm your new e-mail address"), _confirm_link),
        ADDRESS_CHANGED: (_("The e-mail address of your login was changed"), _no_link),
        PASSWORD_CHANGED: (_("Your password was changed"), _no_link),
    }[kind]
    context = {
        "name": user.get_full_name() or user.get_username(),
        "login": user.get_username(),
        "site": settings.LOSTPOST_URL,
        "link": link(user, to, about),
    }
    text = render_to_string(f"mail/account/{kind.replace('-', '_')}.txt", context)
    return EmailMessage(subject, text.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [to])


def _invitation(to: str, about: dict[str, str]) -> EmailMessage:
    key = invitation_key(seller_id=about["seller"], invitation_id=about["invitation"])
    link = settings.LOSTPOST_URL + reverse("invitation", kwargs={"key": key})
    shop, inviter = header_line(about["shop"]), header_line(about["by"])
    context = {"shop": shop, "by": inviter, "days": INVITATION_DAYS, "link": link}
    text = render_to_string("mail/account/invitation.txt", context)
    subject = _("Invitation to %(shop)s") % {"shop": shop}
    return EmailMessage(subject, text.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [to])


def _reset_link(user: User, to: str, about: dict[str, str]) -> str:
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return settings.LOSTPOST_URL + reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )


def _confirm_link(user: User, to: str, about: dict[str, str]) -> str:
    key = address_key(user_id=user.pk, old=about.get("old", ""), new=to)
    return settings.LOSTPOST_URL + reverse("account_confirm_address", kwargs={"key": key})


def _no_link(user: User, to: str, about: dict[str, str]) -> str:
    return ""

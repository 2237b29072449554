"""Invite somebody into a shop by e-mail, and withdraw an invitation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.accounts.account_mail import INVITATION, defer_account_mail
from lostpost.accounts.actor import Actor
from lostpost.accounts.change_member import described_rights
from lostpost.accounts.granting import chosen_sections, require_may_grant, require_people_manager
from lostpost.accounts.logins import login_owning, logins_with_address
from lostpost.accounts.models import Invitation, Member
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Rejected
from lostpost.core.mail_address import address_problem, cleaned_address
from lostpost.core.ownership import cross_seller

INVITATION_DAYS = 7
OPEN_MAX = 50  # Invitations of one shop that wait; more is no team, but mail to strangers.
_SALT = "lostpost.accounts.invitation"


@transaction.atomic(durable=True)
def invite_member(
    *, email: str, role: str, by: Actor, now: datetime, sections: Mapping[str, str] | None = None
) -> Invitation:
    """Invite whoever reads the mail of an address; an open invitation gets this role, a new end and a new e-mail.

    Args: `sections`: as in change_role.
    Raises: ReadOnly for whoever does not manage people or would give more than they have, Rejected for an address that
    is none or that a member has.
    """
    require_people_manager(by)
    chosen = chosen_sections(role, sections or {})
    require_may_grant(by, role, chosen)
    email = cleaned_address(email).lower()
    if problem := address_problem(email):
        raise Rejected(_("This is no e-mail address: %(problem)s.") % {"problem": problem})
    users = [user.pk for user in (*logins_with_address(email), login_owning(email)) if user]
    if Member.objects.filter(seller_id=by.seller_id, user_id__in=users).exists():
        raise Rejected(_("Somebody with this address is in the shop already; change the role in the list."))
    open_ones = Invitation.objects.filter(seller_id=by.seller_id, accepted_at=None, withdrawn_at=None, ends_at__gt=now)
    if open_ones.exclude(email=email).count() >= OPEN_MAX:
        raise Rejected(_("Too many invitations wait for an answer. Withdraw some first."))
    values = {
        "role": role,
        "sections": chosen,
        "language": get_language() or "en",
        "invited_at": now,
        "ends_at": now + timedelta(days=INVITATION_DAYS),
        "by_user_id": by.user_id,
        "by_name": by.name,
    }
    invitation, _created = Invitation.objects.update_or_create(
        seller_id=by.seller_id, email=email, accepted_at=None, withdrawn_at=None, defaults=values
    )
    record_security_event("member.invited", about=f"{email} to {by.seller.code} as {described_rights(role, chosen)}")
    defer_account_mail(
        INVITATION, to=email, seller=str(by.seller_id), invitation=str(invitation.id), shop=by.seller.name, by=by.name
    )
    return invitation


@transaction.atomic(durable=True)
def withdraw_invitation(*, invitation_id: UUID, by: Actor, now: datetime) -> None:
    """Withdraw an invitation: its link works no more. One that is closed already stays as it is."""
    require_people_manager(by)
    rows = Invitation.objects.filter(seller_id=by.seller_id, id=invitation_id, accepted_at=None, withdrawn_at=None)
    if rows.update(withdrawn_at=now):
        record_security_event("invitation.withdrawn", about=f"{invitation_id} to {by.seller.code}")


def invitation_key(*, seller_id: UUID | str, invitation_id: UUID | str) -> str:
    """Return the key of an invitation's link; nobody else can make it, and nothing stores it."""
    return signing.dumps({"seller": str(seller_id), "invitation": str(invitation_id)}, salt=_SALT)


def open_invitation(key: str, *, now: datetime) -> Invitation | None:
    """Return the invitation of a link with its shop; none if the key is not ours or the invitation is closed."""
    try:
        values: dict[str, Any] = signing.loads(key, salt=_SALT)
    except signing.BadSignature:
        return None
    with cross_seller("an invitation's link names its shop"):
        rows = Invitation.objects.select_related("seller")
        return rows.filter(
            seller_id=values["seller"], id=values["invitation"], accepted_at=None, withdrawn_at=None, ends_at__gt=now
        ).first()

"""Accept an invitation into a shop: with the login that one has, or with a new one."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lostpost.accounts.logins import login_owning
from lostpost.accounts.models import Invitation, Member
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Conflict
from lostpost.events.record import record_events


class InvitationClosed(Conflict):
    """The invitation was accepted or withdrawn, or its time is over."""

    code = "invitation-closed"
    sentence = _("This invitation was used or withdrawn, or it is too old. Ask for a new one.")


class AddressInUse(Conflict):
    """There is a login with the invitation's address, in use or stopped."""

    code = "address-in-use"
    sentence = _("There is a login with this address. Sign in with it first.")


@transaction.atomic(durable=True)
def accept_invitation(*, invitation: Invitation, user: User, now: datetime) -> Member:
    """Let a login into the shop of an invitation; who is in it already keeps a role that allows more.

    Raises: InvitationClosed.
    """
    return _accept(_locked(invitation, now), user, now)


@transaction.atomic(durable=True)
def accept_with_new_login(
    *, invitation: Invitation, username: str, name: str, password: str, now: datetime
) -> tuple[User, Member]:
    """Make a login for whoever follows an invitation, and let it in; its address is confirmed, as the link came there.

    The form has checked name and password. Raises: InvitationClosed, AddressInUse; then no login is made.
    """
    row = _locked(invitation, now)
    if login_owning(row.email):
        raise AddressInUse
    user = User.objects.create_user(username, email=row.email, password=password, first_name=name)
    EmailAddress.objects.create(user=user, email=row.email, verified=True, primary=True)
    record_security_event("login.made", about=f"user {user.pk} {username}")
    return user, _accept(row, user, now)


def _locked(invitation: Invitation, now: datetime) -> Invitation:
    rows = Invitation.objects.select_for_update().filter(seller_id=invitation.seller_id, id=invitation.id)
    row = rows.filter(accepted_at=None, withdrawn_at=None, ends_at__gt=now).first()
    if row is None:
        raise InvitationClosed
    return row


def _accept(row: Invitation, user: User, now: datetime) -> Member:
    ranks = list(Member.Role.values)  # The one that allows most first.
    member = Member.objects.filter(seller_id=row.seller_id, user_id=user.pk).first()
    event = ""
    if member is None:
        event = "member.joined"
        name = (user.get_full_name() or user.get_username())[:200]
        member = Member.objects.create(
            seller_id=row.seller_id, user_id=user.pk, name=name, role=row.role, sections=row.sections
        )
    elif ranks.index(row.role) < ranks.index(member.role):
        event = "member.changed"
        Member.objects.filter(seller_id=row.seller_id, id=member.id).update(role=row.role, sections=row.sections)
        member.role, member.sections = row.role, row.sections
    Invitation.objects.filter(seller_id=row.seller_id, id=row.id).update(accepted_at=now, accepted_user_id=user.pk)
    record_security_event("invitation.accepted", about=f"user {user.pk} as {member.role}")
    facts = {"user": user.pk, "by_user": user.pk}
    if event:
        record_events(row.seller_id, [(event, facts)], now)  # The last lock.
    return member

"""Give a member of a shop another role, or take the member out: by an owner, or by oneself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.models import Invitation, Member, Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Conflict, NotFound, Rejected


class MemberNotFound(NotFound):
    """There is no such member in this shop."""

    sentence = gettext_lazy("There is nobody of that name in this shop any more.")


class LastOwner(Conflict):
    """The shop would have no owner left."""

    code = "last-owner"
    sentence = gettext_lazy("A shop needs an owner. Make somebody else an owner first.")


def require_owner(actor: Actor) -> None:
    """Refuse everybody but an owner. Raises ReadOnly."""
    if not actor.owns:
        raise ReadOnly(_("Only an owner of the shop may do this. Ask one of them."))


@transaction.atomic(durable=True)
def change_role(*, user_id: int, role: str, by: Actor, now: datetime) -> Member:
    """Give a member another role; the same again changes nothing. Open invitations of a former owner end.

    Raises: ReadOnly for anybody but an owner, MemberNotFound, Rejected for a role that there is not, LastOwner.
    """
    require_owner(by)
    if role not in Member.Role.values:
        raise Rejected(_("Choose what this person may do."))
    member = _locked(user_id, by)
    if member.role == role:
        return member
    _require_other_owner(member)
    Member.objects.filter(seller_id=member.seller_id, id=member.id).update(role=role)
    _withdraw_invitations_by(member, now=now)
    record_security_event("role.changed", about=f"user {user_id} in {by.seller.code}: {member.role} to {role}")
    member.role = role
    return member


@transaction.atomic(durable=True)
def take_out_member(*, user_id: int, by: Actor, now: datetime) -> Member:
    """Take a member out of the shop, or leave it oneself. What the member did there stays; open invitations end.

    Raises: ReadOnly for anybody but an owner or the member, MemberNotFound, LastOwner.
    """
    if user_id != by.user_id:
        require_owner(by)
    member = _locked(user_id, by)
    _require_other_owner(member)
    Member.objects.filter(seller_id=member.seller_id, id=member.id).delete()
    _withdraw_invitations_by(member, now=now)
    record_security_event("role.changed", about=f"user {user_id} in {by.seller.code}: none")
    return member


def _withdraw_invitations_by(member: Member, *, now: datetime) -> None:
    """Let nobody come in by a link of somebody who was an owner until now."""
    sent = Invitation.objects.filter(seller_id=member.seller_id, by_user_id=member.user_id)
    sent.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)


def _locked(user_id: int, by: Actor) -> Member:
    """Return the member; the members of the shop are locked, so that two owners do not take each other out."""
    Seller.objects.select_for_update(no_key=True).get(id=by.seller_id)
    member = Member.objects.filter(seller_id=by.seller_id, user_id=user_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _require_other_owner(member: Member) -> None:
    if member.role != Member.Role.OWNER:
        return
    owners = Member.objects.filter(seller_id=member.seller_id, role=Member.Role.OWNER)
    if not owners.exclude(id=member.id).exists():
        raise LastOwner

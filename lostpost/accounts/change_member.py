"""Give a member of a shop another role, or take the member out: by an owner, or by oneself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor
from lostpost.accounts.granting import chosen_sections, require_may_grant, require_people_manager
from lostpost.accounts.models import Invitation, Member, Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Conflict, NotFound
from lostpost.core.ownership import cross_seller
from lostpost.events.record import record_events


class MemberNotFound(NotFound):
    """There is no such member in this shop."""

    sentence = gettext_lazy("There is nobody of that name in this shop any more.")


class LastOwner(Conflict):
    """The shop would have no owner left."""

    code = "last-owner"
    sentence = gettext_lazy("A shop needs an owner. Make somebody else an owner first.")


@transaction.atomic(durable=True)
def change_role(
    *, user_id: int, role: str, by: Actor, now: datetime, sections: Mapping[str, str] | None = None
) -> Member:
    """Give a member another role, and levels of sections beside it; the same again changes nothing.

    Open invitations of whoever has other rights now end.

    Args: `sections`: levels by section, where they differ from the role's; an owner manages everything.
    Raises: ReadOnly for whoever does not manage people or would give more than they have, MemberNotFound, Rejected for
    a role or level that there is not, LastOwner.
    """
    require_people_manager(by)
    chosen = chosen_sections(role, sections or {})
    member = _locked(user_id, by)
    if (member.role, member.sections) == (role, chosen):
        return member
    require_may_grant(by, member.role, member.sections)
    require_may_grant(by, role, chosen)
    if role != Member.Role.OWNER:
        _require_other_owner(member)
    Member.objects.filter(seller_id=member.seller_id, id=member.id).update(role=role, sections=chosen)
    withdraw_invitations_by(seller_id=member.seller_id, user_id=member.user_id, now=now)
    before, after = described_rights(member.role, member.sections), described_rights(role, chosen)
    record_security_event("role.changed", about=f"user {user_id} in {by.seller.code}: {before} to {after}")
    member.role, member.sections = role, chosen
    record_events(by.seller_id, [("member.changed", _event_data(member, by))], now)  # The last lock.
    return member


@transaction.atomic(durable=True)
def take_out_member(*, user_id: int, by: Actor, now: datetime) -> Member:
    """Take a member out of the shop, or leave it oneself. What the member did there stays; open invitations end.

    Raises: ReadOnly for anybody but the member and whoever manages people, MemberNotFound, LastOwner.
    """
    if user_id != by.user_id:
        require_people_manager(by)
    member = _locked(user_id, by)
    if user_id != by.user_id:
        require_may_grant(by, member.role, member.sections)
    _require_other_owner(member)
    Member.objects.filter(seller_id=member.seller_id, id=member.id).delete()
    withdraw_invitations_by(seller_id=member.seller_id, user_id=member.user_id, now=now)
    record_security_event("role.changed", about=f"user {user_id} in {by.seller.code}: none")
    record_events(by.seller_id, [("member.left", _event_data(member, by))], now)  # The last lock.
    return member


def _event_data(member: Member, by: Actor) -> dict[str, object]:
    """Return what the feed says of a member: ids, no names and no rights, as programs read it."""
    return {"user": member.user_id, "by_user": by.user_id}


def described_rights(role: str, sections: Mapping[str, str]) -> str:
    """Return a role and the levels beside it for the security log: “agent (finance none)”."""
    levels = ", ".join(f"{section} {level}" for section, level in sorted(sections.items()))
    return f"{role} ({levels})" if levels else role


def withdraw_invitations_by(*, user_id: int, now: datetime, seller_id: UUID | None = None) -> None:
    """Let nobody come in by a link of somebody who has other rights now.

    Args: `seller_id`: of the shop; none: in all shops.
    """
    sent = Invitation.objects.filter(by_user_id=user_id, accepted_at=None, withdrawn_at=None)
    if seller_id:
        sent.filter(seller_id=seller_id).update(withdrawn_at=now)
        return
    with cross_seller("invitations of somebody who is let in no more"):
        sent.update(withdrawn_at=now)


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
    owners = Member.objects.filter(seller_id=member.seller_id, role=Member.Role.OWNER).exclude(id=member.id)
    if not User.objects.filter(id__in=list(owners.values_list("user_id", flat=True)), is_active=True).exists():
        raise LastOwner

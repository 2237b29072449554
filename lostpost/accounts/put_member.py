"""Let a user act for a shop, in a role; or no longer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.change_member import withdraw_invitations_by
from lostpost.accounts.models import Member, Seller
from lostpost.accounts.security_log import record_security_event
from lostpost.core.errors import Rejected
from lostpost.core.text import is_blank


@transaction.atomic(durable=True)
def put_member(*, seller: Seller, user_id: int, name: str, role: str, now: datetime) -> Member:
    """Give a user a role in a shop; a role given before is replaced, and so are its sections.

    Open invitations of whoever has other rights now end.
    Raises: Rejected for a role that there is not.
    """
    if role not in Member.Role.values:
        raise Rejected(_("the role “%(it)s” is none of %(all)s") % {"it": role, "all": ", ".join(Member.Role.values)})
    if is_blank(name) or len(name) > 200:
        raise Rejected(_("the member's name must have 1 to 200 characters"))
    former = Member.objects.filter(seller_id=seller.id, user_id=user_id).first()
    member, _created = Member.objects.update_or_create(
        seller_id=seller.id, user_id=user_id, defaults={"name": name.strip(), "role": role, "sections": {}}
    )
    if former and (former.role, former.sections) != (role, {}):
        withdraw_invitations_by(seller_id=seller.id, user_id=user_id, now=now)
    record_security_event("role.changed", about=f"user {user_id} in {seller.code}: {role}")
    return member


@transaction.atomic(durable=True)
def remove_member(*, seller: Seller, user_id: int, now: datetime) -> bool:
    """Take a user out of a shop; what the user did there stays, open invitations end.

    Returns whether there was anything to take.
    """
    deleted_count, _rows = Member.objects.filter(seller_id=seller.id, user_id=user_id).delete()
    if deleted_count:
        withdraw_invitations_by(seller_id=seller.id, user_id=user_id, now=now)
        record_security_event("role.changed", about=f"user {user_id} in {seller.code}: none")
    return bool(deleted_count)

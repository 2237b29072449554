"""Who acts for a shop, and who may change anything in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lostpost.accounts.models import Member
from lostpost.core.errors import Rejected


class ReadOnly(Rejected):
    """A viewer only looks."""

    code = "read-only"


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone of the marketplace itself: Partnerservice, finance, the operator."""

    user_id: int
    name: str


def require_writer(member: Member) -> None:
    """Refuse a viewer. Raises ReadOnly."""
    if not member.may_write:
        raise ReadOnly(_("You may look at this shop but not change anything. Ask its owner for the role of agent."))

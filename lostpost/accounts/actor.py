"""Who acts: in portal, desk, API and jobs alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from lostpost.accounts.models import ApiClient, Member, Seller
from lostpost.accounts.sections import Level, Section, level_of
from lostpost.core.errors import Rejected


class ReadOnly(Rejected):
    """Somebody may not change anything here: a viewer, or a member without this section of the shop."""

    code = "read-only"


class ActorRole(StrEnum):
    """The role in which somebody acts: the first three in a shop, the others for the marketplace."""

    OWNER = "owner"
    AGENT = "agent"
    VIEWER = "viewer"
    PARTNERSERVICE = "partnerservice"
    FINANCE = "finance"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, or a client of the API, by the name that timelines show; in a shop, or for the marketplace.

    Args: `shop`: None for the marketplace. `user_id`: of Django's user, 0 for a client. `client_id`: of the
    API's client, "" for a user. `sections`: the levels that a member has beside those of the role.
    """

    name: str
    role: ActorRole
    shop: Seller | None = None
    user_id: int = 0
    client_id: str = ""
    sections: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_member(cls, member: Member) -> Actor:
        """Return a member of a shop as who acts."""
        sections = tuple(sorted(member.sections.items()))
        return cls(member.name, ActorRole(member.role), shop=member.seller, user_id=member.user_id, sections=sections)

    @classmethod
    def of_staff(cls, user: User, role: ActorRole) -> Actor:
        """Return the actor for a user at a desk of the marketplace."""
        return cls(user.get_full_name() or user.get_username(), role, user_id=user.pk)

    @classmethod
    def of_client(cls, client: ApiClient, *, seller: Seller | None = None) -> Actor:
        """Return a client of the API as who acts: in this shop, or for the marketplace."""
        in_shop = ActorRole.VIEWER if client.read_only else ActorRole.OWNER
        return cls(client.name, in_shop if seller else ActorRole.PLATFORM, shop=seller, client_id=client.client_id)

    @property
    def seller(self) -> Seller:
        """The shop in which the actor acts. Raises ValueError for an actor of the marketplace."""
        if self.shop is None:
            raise ValueError(f"{self.name} acts for the marketplace, in no shop")
        return self.shop

    @property
    def seller_id(self) -> UUID:
        """Id of that shop. Raises ValueError if it is the marketplace."""
        return self.seller.id

    def level(self, section: Section) -> Level:
        """Return what the actor may do in a section of the shop."""
        return level_of(self.role, dict(self.sections), section)

    def may_view(self, section: Section) -> bool:
        """Whether the actor may see a section."""
        return self.level(section) is not Level.NONE

    def may_manage(self, section: Section) -> bool:
        """Whether the actor may change anything in a section."""
        return self.level(section) is Level.MANAGE

    @property
    def owns(self) -> bool:
        """Whether the actor owns the shop."""
        return self.role == ActorRole.OWNER


def require_writer(actor: Actor, section: Section) -> None:
    """Refuse whoever may not change anything in a section. Raises ReadOnly."""
    if not actor.may_manage(section):
        raise ReadOnly(_("You may not change anything in this part of the shop. Ask its owner for the right to do so."))

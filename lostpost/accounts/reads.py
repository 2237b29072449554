"""Reads of accounts: shops, members, desks, versions of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import Group, User

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Member, PolicyVersion, Seller
from lostpost.accounts.sections import Section
from lostpost.core.kept_query import KeptQuery
from lostpost.core.ownership import cross_seller
from lostpost.eligibility.policy import Policy

DESKS = ("partnerservice", "finance")  # The names of the groups of these desks' users.
_MEMBER_OF_SHOP = KeptQuery(
    lambda user_id, shop: Member.objects.select_related("seller").filter(seller__code=shop, user_id=user_id),
    user_id=int,
    shop=str,
)
_SHOPS_OF_USER = KeptQuery(
    lambda user_id: (
        Member.objects.select_related("seller").filter(user_id=user_id).order_by("seller__name", "seller_id")
    ),
    user_id=int,
)
_MEMBERS = KeptQuery(
    lambda seller_id: Member.objects.filter(seller_id=seller_id).order_by("name", "id"), seller_id=UUID
)
_DESKS_OF_USER = KeptQuery(
    lambda user_id: Group.objects.filter(user=user_id, name__in=DESKS).values_list("name", flat=True), user_id=int
)


def member_of_shop(*, user_id: int, shop: str) -> Member | None:
    """Return the user's part in the shop of this code, with the shop; none where there is no such shop for them."""
    with cross_seller("an address names its shop by code"):
        return next(iter(_MEMBER_OF_SHOP(user_id=user_id, shop=shop)), None)


def shops_of_user(user_id: int) -> Sequence[Member]:
    """Return every part that a user has in a shop, with the shop, by the shops' names."""
    with cross_seller("the shops of one user"):
        return _SHOPS_OF_USER(user_id=user_id)


def member_of_email(seller_id: UUID, email: str) -> Member | None:
    """Return the member of a shop who has this e-mail address, in capitals or not; an inactive user is none."""
    users = User.objects.filter(email__iexact=email, is_active=True).values_list("id", flat=True)
    return Member.objects.filter(seller_id=seller_id, user_id__in=list(users[:2])).first()


def members_who_manage(seller_id: UUID, section: Section) -> list[Member]:
    """Return the members of a shop who may change something in a section, by name."""
    return [member for member in _MEMBERS(seller_id=seller_id) if member.may_manage(section)]


def desks_of_user(user: User) -> frozenset[str]:
    """Return the desks of a user; an inactive user has none."""
    if not user.is_active:
        return frozenset()
    return frozenset(_DESKS_OF_USER(user_id=user.pk))


def agents_of_desk(desk: str) -> list[Actor]:
    """Return the active users of a desk, by name."""
    users = User.objects.filter(groups__name=desk, is_active=True)
    agents = [Actor.of_staff(user, ActorRole(desk)) for user in users]
    return sorted(agents, key=lambda agent: (agent.name.casefold(), agent.user_id))


def policy_of_version(version: int) -> Policy:
    """Return that version of the policy; version 0 is the defaults."""
    row = PolicyVersion.objects.filter(version=version).first()
    return Policy.from_values(row.values, version=row.version) if row else Policy()


def seller_of_code(code: str) -> Seller | None:
    """Return the shop with this code, for the marketplace's staff; None if there is none."""
    with cross_seller("an address names its shop by code"):
        return Seller.objects.filter(code=code).first()

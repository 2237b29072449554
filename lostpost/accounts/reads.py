"""Reads of accounts: shops, members, desks, versions of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Member, PolicyVersion, Seller
from lostpost.accounts.sections import Section
from lostpost.core.ownership import cross_seller
from lostpost.eligibility.policy import Policy

DESKS = ("partnerservice", "finance")  # The names of the groups of these desks' users.


def member_of_shop(*, user_id: int, shop: str) -> Member | None:
    """Return the user's part in the shop of this code, with the shop; none where there is no such shop for them."""
    with cross_seller("an address names its shop by code"):
        return Member.objects.select_related("seller").filter(seller__code=shop, user_id=user_id).first()


def shops_of_user(user_id: int) -> Sequence[Member]:
    """Return every part that a user has in a shop, with the shop, by the shops' names."""
    with cross_seller("the shops of one user"):
        return list(
            Member.objects.select_related("seller").filter(user_id=user_id).order_by("seller__name", "seller_id")
        )


def member_of_email(seller_id: UUID, email: str) -> Member | None:
    """Return the member of a shop who has this e-mail address, in capitals or not; an inactive user is none."""
    users = User.objects.filter(email__iexact=email, is_active=True).values_list("id", flat=True)
    return Member.objects.filter(seller_id=seller_id, user_id__in=list(users[:2])).first()


def members_who_manage(seller_id: UUID, section: Section) -> list[Member]:
    """Return the members of a shop who may change something in a section, by name."""
    members = Member.objects.filter(seller_id=seller_id).order_by("name", "id")
    return [member for member in members if member.may_manage(section)]


def desks_of_user(user: User) -> frozenset[str]:
    """Return the desks of a user; an inactive user has none."""
    if not user.is_active:
        return frozenset()
    return frozenset(user.groups.filter(name__in=DESKS).values_list("name", flat=True))


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

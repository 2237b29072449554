"""Who may get notices of a shop: its members, and the agents who decide about its requests."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member, Seller
from lostpost.accounts.reads import agents_of_desk
from lostpost.notices.kinds import Reader
from lostpost.notices.models import Choices, DeskNoticeChoices, NoticeChoices

DESK = "partnerservice"


def readers_of_shop(seller: Seller) -> list[Reader]:
    """Return the members of a shop whose logins are active, with what they chose."""
    return _member_readers(list(Member.objects.select_related("seller").filter(seller_id=seller.id)))


def readers_at_desk() -> list[Reader]:
    """Return the active agents of Partnerservice, with what they chose."""
    agents = agents_of_desk(DESK)
    rows = DeskNoticeChoices.objects.filter(user_id__in=[agent.user_id for agent in agents])
    chosen: dict[int, Choices] = {row.user_id: row for row in rows}
    return [_reader(agent, chosen.get(agent.user_id)) for agent in agents]


def reader(user_id: int, shop_id: UUID | None) -> Reader | None:
    """Return one person as a reader of a shop's notices, or of the desk's; None if they are no such person any more."""
    if shop_id is None:
        return next((each for each in readers_at_desk() if each.actor.user_id == user_id), None)
    members = Member.objects.select_related("seller").filter(seller_id=shop_id, user_id=user_id)
    return next(iter(_member_readers(list(members))), None)


def _member_readers(members: Sequence[Member]) -> list[Reader]:
    if not members:
        return []
    users = [member.user_id for member in members]
    active = set(User.objects.filter(pk__in=users, is_active=True).values_list("pk", flat=True))
    rows = NoticeChoices.objects.filter(seller_id=members[0].seller_id, user_id__in=users)
    chosen: dict[int, Choices] = {row.user_id: row for row in rows}
    return [
        _reader(Actor.of_member(member), chosen.get(member.user_id)) for member in members if member.user_id in active
    ]


def _reader(actor: Actor, chosen: Choices | None) -> Reader:
    language = actor.shop.language if actor.shop else ""
    if chosen is None:
        return Reader(actor, language=language)
    return Reader(
        actor,
        chosen=chosen.timings,
        off=chosen.off,
        digest_hour=chosen.digest_hour,
        language=chosen.language or language,
    )

"""Template context of every page's frame: the shop, the user's other shops and desks, and counts of open work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lostpost.accounts.actor import Actor
from lostpost.accounts.reads import desks_of_user, shops_of_user
from lostpost.accounts.sections import Section
from lostpost.customer_queries.reads import open_queries_counted
from lostpost.partnerservice.reads import waiting_requests_counted
from lostpost.refunds.reads import unpaid_refunds_counted
from lostpost.relay.addresses import relay_is_on
from lostpost.texts.states import state_text

MOST_COUNTED = 100  # Counting further would cost more and help nobody.


@dataclass(frozen=True, slots=True)
class ShopLink:
    """A shop in the choice of shops."""

    code: str
    name: str
    role_name: str


class WorkCounts:
    """How much waits, counted only where a page shows it."""

    def __init__(self, actor: Actor | None) -> None:
        self.actor = actor

    @cached_property
    def customer_queries(self) -> str:
        """Queries of the shop in which it is the seller's turn."""
        return (
            counted(open_queries_counted(self.actor.seller_id, most=MOST_COUNTED))
            if self.actor and self.actor.shop
            else ""
        )

    @cached_property
    def requests(self) -> str:
        """Requests that wait for Partnerservice."""
        return counted(waiting_requests_counted(most=MOST_COUNTED))

    @cached_property
    def refunds(self) -> str:
        """Refunds that finance has to pay or sort out."""
        return counted(unpaid_refunds_counted(most=MOST_COUNTED))


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the frame; the database is queried only when a value is used."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "seller": actor.shop if actor else None,
        "may": rights_of(actor),
        "may_write": actor.may_manage(Section.QUERIES) if actor else False,
        "shops": SimpleLazyObject(lambda: shop_links(user.pk)),
        "desks": SimpleLazyObject(lambda: desks_of_user(user)),
        "counts": WorkCounts(actor),
        "mail_is_relayed": relay_is_on(),
        "has_mailbox": not settings.PRODUCTION and "filebased" in settings.EMAIL_BACKEND,
    }


def rights_of(actor: Actor | None) -> dict[str, dict[str, bool]]:
    """Return what somebody may view and manage, by section: what templates ask before they offer anything."""
    if actor is None or actor.shop is None:
        return {}
    return {
        "view": {section.value: actor.may_view(section) for section in Section},
        "manage": {section.value: actor.may_manage(section) for section in Section},
    }


def shop_links(user_id: int) -> list[ShopLink]:
    """List the shops that a user may go to."""
    return [
        ShopLink(part.seller.code, part.seller.name, state_text("role-name", part.role))
        for part in shops_of_user(user_id)
    ]


def counted(number: int) -> str:
    """Write a number beside a link; nothing for none."""
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number or "")

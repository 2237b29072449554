"""Who may see a page of a shop, and who may change anything there: decided before the page looks at anything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.reads import member_of_shop
from lostpost.accounts.sections import Section
from lostpost.accounts.security_log import REFUSED, record_security_event
from lostpost.eligibility.policy import Policy
from lostpost.web.ended_session import ask_to_sign_in

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]


class PortalRequest(HttpRequest):
    """A request of a member of a shop."""

    user: User
    htmx: HtmxDetails
    actor: Actor
    seller: Seller
    policy: Policy  # As of the request; a command reads it again.


ShopView = Callable[Concatenate[PortalRequest, P], HttpResponseBase]


def of_shop(section: Section, /, *, writing: bool = False) -> Callable[[ShopView[P]], View]:
    """Allow only members of the shop in the path who may view the page's section; everyone else of the site gets 404.

    Users who are not signed in are asked to sign in. A member without the section gets 403; who may only view it, for
    every change; with `writing` for the page as well. The view gets `request.actor`, `request.seller` and
    `request.policy`; times are in the marketplace's zone.
    """
    return lambda view: _guarded(view, section, writing)


def for_members(view: ShopView[P], /) -> View:
    """Allow every member of the shop, whatever sections they have: for what is a member's own."""
    return _guarded(view, None, writing=False)


def _guarded(view: ShopView[P], section: Section | None, writing: bool) -> View:
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, seller: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        member = member_of_shop(user_id=request.user.pk, shop=seller)
        if member is None:
            record_security_event("shop.entered", outcome=REFUSED, about=seller)
            raise Http404
        portal_request = cast(PortalRequest, request)
        portal_request.actor, portal_request.seller = Actor.of_member(member), member.seller
        changing = writing or request.method not in SAFE_METHODS
        if section and not _allowed(portal_request.actor, section, changing=changing):
            record_security_event("shop.changed", outcome=REFUSED, about=f"{seller} as {member.role}, {section}")
            raise PermissionDenied
        portal_request.policy = current_policy()
        with timezone.override(portal_request.policy.zone):
            return view(portal_request, **kwargs)  # type: ignore[call-arg]  # The address's parts, by name.

    guarded.section = section  # type: ignore[attr-defined]  # For the tests that ask every page.
    return guarded


def _allowed(actor: Actor, section: Section, *, changing: bool) -> bool:
    return actor.may_manage(section) if changing else actor.may_view(section)

"""Who may see a page of a shop, and who may change anything there: decided before the page looks at anything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast, overload

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


@overload
def of_shop(view: ShopView[P], /) -> View: ...


@overload
def of_shop(*, writing: bool = False, owning: bool = False) -> Callable[[ShopView[P]], View]: ...


def of_shop(
    view: ShopView[P] | None = None, /, *, writing: bool = False, owning: bool = False
) -> View | Callable[[ShopView[P]], View]:
    """Allow only members of the shop in the path; everyone else gets 404.

    Users who are not signed in are asked to sign in. A viewer may see every page and gets 403 for every change; with
    `writing` for the page as well; with `owning` everyone but an owner gets 403. The view gets `request.actor`,
    `request.seller` and `request.policy`; times are in the marketplace's zone.
    """
    return _guarded(view, writing, owning) if view else lambda late: _guarded(late, writing, owning)


def _guarded(view: ShopView[P], writing: bool, owning: bool) -> View:
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
        if (not portal_request.actor.may_write and (writing or request.method not in SAFE_METHODS)) or (
            owning and not portal_request.actor.owns
        ):
            record_security_event("shop.changed", outcome=REFUSED, about=f"{seller} as {member.role}")
            raise PermissionDenied
        portal_request.policy = current_policy()
        with timezone.override(portal_request.policy.zone):
            return view(portal_request, **kwargs)  # type: ignore[call-arg]  # The address's parts, by name.

    return guarded

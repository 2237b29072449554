"""Who may sit at a desk of the marketplace: its own people; for everyone else there is nothing here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.policy import current_policy
from lostpost.accounts.reads import desks_of_user
from lostpost.accounts.security_log import REFUSED, record_security_event
from lostpost.web.ended_session import ask_to_sign_in

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]


class DeskRequest(HttpRequest):
    """A request of the marketplace's staff."""

    user: User
    htmx: HtmxDetails
    actor: Actor


DeskView = Callable[Concatenate[DeskRequest, P], HttpResponseBase]


def staff(*desks: str) -> Callable[[DeskView[P]], View]:
    """Allow only staff of these desks; everyone else gets 404.

    Users who are not signed in are asked to sign in. The view gets `request.actor`; times are the marketplace's.
    """

    def of_desk(view: DeskView[P]) -> View:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return ask_to_sign_in(request)
            seats = desks_of_user(user).intersection(desks)
            if not seats:
                record_security_event("desk.entered", outcome=REFUSED, about=", ".join(desks))
                raise Http404
            desk_request = cast(DeskRequest, request)
            desk_request.actor = Actor.of_staff(user, ActorRole(min(seats)))
            with timezone.override(current_policy().zone):
                return view(desk_request, *args, **kwargs)

        return cast(View, guarded)

    return of_desk

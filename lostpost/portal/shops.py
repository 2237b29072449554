"""The page after signing in: the user's only shop or desk, or a choice."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import desks_of_user, shops_of_user

DESKS = {"partnerservice": "desk:requests", "finance": "desk:refunds"}


@require_safe
@never_cache
@login_required
def shops_page(request: HttpRequest) -> HttpResponse:
    """Redirect to the only shop or desk, or show the choice; a user without either sees whom to ask."""
    user = cast(User, request.user)
    parts, desks = shops_of_user(user.pk), desks_of_user(user)
    if len(parts) == 1 and not desks:
        return redirect("portal:home", seller=parts[0].seller.code)
    if len(desks) == 1 and not parts:
        return redirect(DESKS[next(iter(desks))])
    return render(request, "portal/shops.html")

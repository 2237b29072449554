"""Shared by all forms of the portal: an idempotency key, and the response to a refused form."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from secrets import token_urlsafe
from typing import Any, NamedTuple

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect

from lostpost.portal.access import PortalRequest

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")

View = Callable[..., HttpResponse]


class FormProblem(NamedTuple):
    """Something that was refused, and where on the page it can be put right (`#…`; may be empty)."""

    text: str
    href: str = ""


def new_key() -> str:
    """Return a new idempotency key. It is created when a form is shown, so that sending it twice counts once."""
    return token_urlsafe(24)


def key_in(form: QueryDict) -> str:
    """Return the key in a form; empty if it is missing or not one of ours."""
    key = form.get("key", "")
    return key if _KEY.fullmatch(key) else ""


def draft_name(request: PortalRequest, form: str) -> str:
    """Return the name of a form's draft in the browser (its data-draft), so that the browser can delete it."""
    return f"{request.seller.code}/{form}"


def posted(*, back: str) -> Callable[[View], View]:
    """Allow POST only; a GET (after signing in again, say) is redirected to the page with the form."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **kwargs)
            to_the_form: HttpResponse = redirect(back, seller=request.seller.code, **kwargs)
            return to_the_form

        return guarded

    return decorate

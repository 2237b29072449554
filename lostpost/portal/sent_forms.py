"""What every form of the portal needs: a key that makes it count once, and the answer to one that is refused."""

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
    """Make the key of one wish. It is made when a form is shown, so that sending the form twice asks for it once."""
    return token_urlsafe(24)


def key_in(form: QueryDict) -> str:
    """Return the key that came with a form; empty if there is none that we could have made."""
    key = form.get("key", "")
    return key if _KEY.fullmatch(key) else ""


def draft_name(request: PortalRequest, form: str) -> str:
    """Name what the browser keeps of a form (its data-draft), to say that it was sent and need not be kept."""
    return f"{request.seller.code}/{form}"


def posted(*, back: str) -> Callable[[View], View]:
    """Let sent forms in; who comes by a link (after signing in again, say) is led to the page that holds the form."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **kwargs)
            to_the_form: HttpResponse = redirect(back, seller=request.seller.code, **kwargs)
            return to_the_form

        return guarded

    return decorate

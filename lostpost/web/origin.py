"""Who sent a request."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lostpost.accounts.origin import Origin
from lostpost.web.client_address import client_address

CLIENT_ID = "lostpost.client_id"  # In the request's META, once a client of the API has proved who it is.
REQUEST_ID = "lostpost.request_id"


def origin_of(request: HttpRequest) -> Origin:
    """Return the sender of a request, as far as known, without a database query."""
    user = vars(request).get("user")
    if type(user) is SimpleLazyObject and not hasattr(request, "_cached_user"):
        user = None  # No page has asked Django for the user yet.
    if user is not None and not user.is_authenticated:
        user = None
    return Origin(
        user_id=user.pk if user else None,
        user_name=user.get_username() if user else "",
        client_id=str(request.META.get(CLIENT_ID, "")),
        address=client_address(request),
        request_id=str(request.META.get(REQUEST_ID, "")),
    )

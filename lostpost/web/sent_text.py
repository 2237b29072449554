"""Remove characters that no database can store, such as NUL, from the query strings of pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict

from lostpost.core.text import is_storable, strip_unstorable

_OWN_WAY = ("/api/", "/oauth/")  # They refuse it, in a form of their own, as forms of pages do beside the field.
_STANDS_FOR_IT = "\N{REPLACEMENT CHARACTER}"  # As browsers show it; a search for it finds nothing.


class SentTextMiddleware:
    """Remove unstorable characters from a page's query string."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        sent = request.GET
        if not request.path.startswith(_OWN_WAY) and not all(map(is_storable, _texts(sent))):
            cleaned = QueryDict(mutable=True)
            for name, values in sent.lists():
                cleaned.setlist(
                    strip_unstorable(name), [strip_unstorable(value, instead=_STANDS_FOR_IT) for value in values]
                )
            request.GET = QueryDict(cleaned.urlencode())
        return self.get_response(request)


def _texts(query: QueryDict) -> list[str]:
    return [text for name, values in query.lists() for text in (name, *values)]

"""Shared by pages and API: the HTTP status of each kind of refusal, and downloads."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from lostpost.core.errors import Conflict, NotFound, Refused, Rejected

STATUS_OF: dict[type[Refused], int] = {NotFound: 404, Conflict: 409, Rejected: 422}


def status_of(refusal: Refused) -> int:
    """Return the status of the kind that a refusal is of."""
    return next((status for kind, status in STATUS_OF.items() if isinstance(refusal, kind)), 422)


def download(
    request: HttpRequest, content: bytes | Iterable[bytes], *, name: str, content_type: str
) -> HttpResponse | StreamingHttpResponse:
    """Return a file as a download, streamed if it comes in chunks.

    Args: `name`: our own, never user input.
    """
    pieces = [] if request.method == "HEAD" else content  # The body of HEAD is not sent.
    response = (
        HttpResponse(content, content_type=content_type)
        if isinstance(content, bytes)
        else StreamingHttpResponse(pieces, content_type=content_type)
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

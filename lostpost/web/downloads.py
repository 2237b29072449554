"""Downloads of what strangers sent."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def strangers_file(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """Return a file of a stranger as a download that nothing opens here, whatever a browser makes of it."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

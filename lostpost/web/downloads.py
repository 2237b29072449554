"""What strangers sent, given out so that it can do nothing here."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.http import content_disposition_header


def strangers_file(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """Return a file of a stranger as a download that nothing opens here, whatever a browser makes of it."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return _powerless(response)


def strangers_page(safe_html: str, *, title: str) -> HttpResponse:
    """Return what a stranger wrote as a page without script, forms, pictures or anything of ours.

    Args: `safe_html`: cleaned when it came in, by `relay.parsing.html`; this is the second wall.
    """
    head = format_html('<!doctype html><meta charset="utf-8"><title>{}</title>', title)
    return _powerless(HttpResponse(f"{head}{safe_html}", content_type="text/html; charset=utf-8"))


def _powerless(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response

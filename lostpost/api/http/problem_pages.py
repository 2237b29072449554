"""The page about each code: where `type` of a problem leads."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from ninja import Router

from lostpost.web.problems import not_found

# They are written in docs/problems; what is installed has them beside this file (setup.py).
INSTALLED, WRITTEN = Path(__file__).with_name("problems_written"), settings.PACKAGE.parent / "docs" / "problems"
KINDS = {"# ": "h1", "## ": "h2"}
router = Router()


@router.get("/problems/{code}", auth=None, include_in_schema=False)
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page about a code: as it is written, or to a browser as a page. Raises Problem 404."""
    page = (INSTALLED if INSTALLED.is_dir() else WRITTEN) / f"{code}.md"
    if not re.fullmatch("[a-z]+(-[a-z]+)*", code) or not page.is_file():
        raise not_found()
    text = page.read_text("utf-8")
    if request.get_preferred_type(["text/plain", "text/markdown", "text/html"]) == "text/html":
        response = render(request, "api/problem.html", {"code": code, "parts": _parts(text)})
    else:
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Vary"] = "Accept"
    return response


def _parts(text: str) -> list[tuple[str, SafeString]]:
    """Take a text apart into headings and paragraphs; more than those, and `code`, these pages do not use."""
    found = []
    for part in text.strip().split("\n\n"):
        mark, kind = next(((mark, kind) for mark, kind in KINDS.items() if part.startswith(mark)), ("", "p"))
        words = re.sub("`([^`]+)`", r"<code>\1</code>", escape(part.removeprefix(mark)))
        found.append((kind, mark_safe(words)))  # noqa: S308 - escaped in the line before.
    return found

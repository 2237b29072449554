"""The page about each code, to which a problem's `type` links."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from ninja import Router

from lostpost.web.problems import not_found

BELOW = "/api/v1/problems/"
PAGES = settings.PACKAGE / "api" / "problems"
router = Router()


@router.get("/problems/{code}", auth=None, include_in_schema=False)
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page about a code: as it is written, or to a browser as a page. Raises Problem 404."""
    page = PAGES / f"{code}.md"
    if not re.fullmatch("[a-z]+(-[a-z]+)*", code) or not page.is_file():
        raise not_found()
    text = page.read_text("utf-8")
    if request.get_preferred_type(["text/plain", "text/markdown", "text/html"]) == "text/html":
        content = mark_safe(MarkdownIt().render(text))  # noqa: S308 - ours, from the package.
        response = render(request, "api/problem.html", {"code": code, "text": content})
    else:
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Vary"] = "Accept"
    return response

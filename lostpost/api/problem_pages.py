"""The page about each code: where `type` of a problem leads."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from lostpost.api.problems import not_found

FOLDER = settings.PACKAGE.parent / "docs" / "problems"
router = Router()


@router.get("/problems/{code}", auth=None, include_in_schema=False)
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page about a code, as it is written. Raises Problem 404."""
    page = FOLDER / f"{code}.md"
    if not re.fullmatch("[a-z]+(-[a-z]+)*", code) or not page.is_file():
        raise not_found()
    return HttpResponse(page.read_text("utf-8"), content_type="text/plain; charset=utf-8")

"""Responses during a temporary outage: overload, a lock, an unreachable database."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.defaults import server_error as fault_page

from lostpost.web.outages import Outage, outage_of
from lostpost.web.problems import API_PREFIXES, Problem, of_outage

log = logging.getLogger("lostpost.outages")


def unavailable_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem for a program, a page in the user's language for a browser. Needs no database."""
    if request.path.startswith(API_PREFIXES):
        return problem.response(request)
    with translation.override(translation.get_language_from_request(request)):
        response = render(request, "unavailable.html", {"status": problem.status}, status=problem.status)
    for name, value in problem.headers.items():
        response.headers[name] = value
    if "HX-Request" in request.headers:  # A script that requested a part gets the full page, to replace the old one.
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response


def outage_page(request: HttpRequest, outage: Outage, error: BaseException) -> HttpResponse:
    """Answer 503 and write one line to the log; a traceback of each request would only hide what is wrong."""
    log.warning("%s %s: %s (%s)", request.method, request.path, outage.code, str(error).strip().split("\n")[0])
    return unavailable_page(request, of_outage(outage))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what no view or middleware caught: an outage that a middleware met, or else a fault of ours."""
    error: Any = sys.exc_info()[1]
    outage = outage_of(error)
    return outage_page(request, outage, error) if outage else fault_page(request)

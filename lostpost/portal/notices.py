"""Notices by mail: what a member gets of a shop, and the link in each of them that stops them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lostpost.notices.choose_notices import read_stop_key, stop_notices
from lostpost.portal.access import PortalRequest, for_members
from lostpost.web.notice_choices import notice_choices


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: PortalRequest) -> HttpResponse:
    """Show and keep what a member of the shop has chosen."""
    path = reverse("portal:notices", kwargs={"seller": request.seller.code})
    return notice_choices(request, request.actor, path=path)


@csrf_exempt  # Mail programs post here by one click (RFC 8058); the signed key says who wants it.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_notices_page(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whether notices are to stop; GET changes nothing, as scanners of e-mail follow links."""
    stopped = read_stop_key(key)
    if stopped is None:
        return render(request, "stop_notices.html", {"step": "unknown"}, status=410)
    if request.method != "POST":
        return render(request, "stop_notices.html", {"step": "ask"})
    stop_notices(stopped=stopped)
    return render(request, "stop_notices.html", {"step": "done"})

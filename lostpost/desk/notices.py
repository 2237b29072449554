"""Notices by mail to an agent of Partnerservice: what is chosen counts for the requests of all shops."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lostpost.desk.access import DeskRequest, staff
from lostpost.web.notice_choices import notice_choices


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def desk_notices(request: DeskRequest) -> HttpResponse:
    """Show and keep what an agent has chosen."""
    return notice_choices(request, request.actor, path=reverse("desk:notices"))

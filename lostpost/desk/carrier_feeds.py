"""Partnerservice: whether the scans of each carrier reach us, and letting write-offs through where they do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lostpost.carrier_feeds.lift_silent_feed import LiftWithoutReason, lift_silent_feed
from lostpost.carrier_feeds.reads import ShownFeed, carrier_feeds, past_silences
from lostpost.core.errors import Refused
from lostpost.core.text import strip_unstorable
from lostpost.desk.access import DeskRequest, staff
from lostpost.templatetags.lostpost import MARKED_UP
from lostpost.texts.carrier_feeds import feed_state, feed_text, lift_text, silent_feed_text
from lostpost.web.http import status_of

DAYS = (1, 2, 3, 7, 14, 30)  # After which a lift may end.
MOST_PAST = 20


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def feeds_of_carriers(request: DeskRequest) -> HttpResponse:
    """List the carriers with how their scans come, those that are missing first; lift a silence with a reason."""
    now = timezone.now()
    if request.method != "POST":
        return _page(request, now)
    carrier, reason = (strip_unstorable(request.POST.get(name, "")) for name in ("carrier", "reason"))
    days = {str(each): each for each in DAYS}.get(request.POST.get("days", ""), 0)
    until = now + timedelta(days=days)
    try:
        lifted = lift_silent_feed(carrier=carrier, reason=reason, until=until, by=request.actor.name, now=now)
    except Refused as refusal:
        field = "reason" if isinstance(refusal, LiftWithoutReason) else "days"
        return _page(request, now, problem=str(refusal), at=(carrier, field), status=status_of(refusal))
    messages.success(request, _("Parcels of %(carrier)s may be written off meanwhile.") % {"carrier": lifted.carrier})
    return redirect("desk:carrier-feeds")


def _page(
    request: DeskRequest,
    now: datetime,
    *,
    problem: str = "",
    at: tuple[str, str] = ("", ""),
    status: int = 200,
) -> HttpResponse:
    feeds = carrier_feeds()
    place = next((n for n, each in enumerate(feeds, 1) if each.silent and each.silent.carrier == at[0]), 0)
    href = f"#{at[1]}-{place}" if place else ""
    context = {
        "feeds": [_shown(each, now) for each in feeds],
        "past": [{"row": row, "text": silent_feed_text(row, MARKED_UP)} for row in past_silences(most=MOST_PAST)],
        "days": [(each, ngettext("after %(n)d day", "after %(n)d days", each) % {"n": each}) for each in DAYS],
        "problems": [{"text": problem, "href": href}] if problem else [],
        "typed": {"carrier": at[0], "reason": request.POST.get("reason", ""), "days": request.POST.get("days", "")},
    }
    return render(request, "desk/carrier_feeds.html", context, status=status)


def _shown(each: ShownFeed, now: datetime) -> dict[str, Any]:
    silent = each.silent
    return {
        "row": each.feed,
        "silent": silent,
        "state": feed_state(each, now),
        "text": feed_text(each, MARKED_UP),
        "lift": lift_text(silent, MARKED_UP) if silent and silent.lifts else "",
    }

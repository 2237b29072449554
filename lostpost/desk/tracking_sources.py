"""Partnerservice: how the shops' sources of Track & Trace fare, and what codes mean that nobody has mapped."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.sales_channels.run_channel import PLATFORMS
from lostpost.connectors.tracking_sources.take_delivery import SOURCES
from lostpost.core.errors import Refused
from lostpost.core.ownership import cross_seller
from lostpost.desk.access import DeskRequest, staff
from lostpost.eligibility.facts import ScanStatus
from lostpost.texts.statuses import scan_status_text
from lostpost.texts.tracking_sources import tracking_source_state, tracking_source_text
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.scan_codes import CODES_SHOWN, NO_SCAN, codes_to_map, map_scan_code
from lostpost.tracking.take_kept_scans import take_kept_scans
from lostpost.web.http import status_of

MOST_SHOWN = 200
TITLES = {
    **{name: each.title for name, each in SOURCES.items()},
    **{name: each.title for name, each in PLATFORMS.items()},
    **{name: each.title for name, each in CARRIERS.items()},
}
NOT_A_SCAN = "no-scan"  # In the form, where an empty choice is none.


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_sources(request: DeskRequest) -> HttpResponse:
    """List the sources of all shops, those that need somebody first; say what a code means, for one carrier or all."""
    if request.method != "POST":
        return _page(request)
    source, code, chosen = (request.POST.get(name, "") for name in ("source", "code", "status"))
    carrier = request.POST.get("carrier", "") if request.POST.get("for") == "carrier" else ""
    if source not in TITLES or not any((each.source, each.code) == (source, code) for each in codes_to_map()):
        messages.info(request, _("Somebody has said already what this code means."))
        return redirect("desk:tracking-sources")
    now, status = timezone.now(), NO_SCAN if chosen == NOT_A_SCAN else chosen or "?"
    try:
        map_scan_code(source=source, carrier=carrier, code=code, status=status, by=request.actor.name, now=now)
    except Refused as refusal:
        return _page(request, problem=str(refusal), at=(source, code), status=status_of(refusal))
    kept = take_kept_scans(source=source, code=code, now=now)
    mapped = _("From now on the code means what you said.")
    count = kept.taken_in
    taken_in = ngettext("%(n)d kept scan was taken in.", "%(n)d kept scans were taken in.", count) % {"n": count}
    messages.success(request, f"{mapped} {taken_in}")
    if kept.refused:
        refused = ngettext("%(n)d could not be taken in.", "%(n)d could not be taken in.", kept.refused)
        messages.warning(request, refused % {"n": kept.refused})
    return redirect("desk:tracking-sources")


def _page(
    request: DeskRequest, *, problem: str = "", at: tuple[str, str] | None = None, status: int = 200
) -> HttpResponse:
    with cross_seller("Partnerservice: how sources of Track & Trace fare"):
        rows = TrackingSource.objects.select_related("seller").order_by("problem", "delivered_at", "seller__code")
        sources = list(rows.reverse()[:MOST_SHOWN])
    codes = codes_to_map()
    place = next((n for n, each in enumerate(codes, start=1) if (each.source, each.code) == at), 1)
    context = {
        "sources": [
            {
                "row": row,
                "title": TITLES[row.source],
                "state": tracking_source_state(row),
                "text": tracking_source_text(row),
            }
            for row in sources
        ],
        "more_codes": len(codes) == CODES_SHOWN,
        "codes": [
            {"code": each, "title": TITLES[each.source], "status": scan_status_text(each.status or "")}
            for each in codes
        ],
        "statuses": [(each.value, scan_status_text(each.value)) for each in ScanStatus] + [(NOT_A_SCAN, _("No scan"))],
        "problems": [{"text": problem, "href": f"#status-{place}"}] if problem else [],
        "action": reverse("desk:tracking-sources"),
    }
    return render(request, "desk/tracking_sources.html", context, status=status)

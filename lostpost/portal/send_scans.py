"""A page to send Track & Trace updates as a CSV file, with what became of each line."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lostpost.accounts.sections import Section
from lostpost.eligibility.facts import ScanStatus
from lostpost.imports.problem import Unreadable
from lostpost.imports.shop_scans import BYTES_MAX, ROWS_MAX, ShopScansReport, put_shop_scans
from lostpost.imports.table import SentFile
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.sent_forms import FormProblem
from lostpost.texts.statuses import scan_status_text

_SHOWN = 100
_LONGEST_NAME = 100


@of_shop(Section.QUERIES, writing=True)
@require_http_methods(["GET", "HEAD", "POST"])
def send_scans_page(request: PortalRequest) -> HttpResponse:
    """Ask for a file; show what became of the one that was sent."""
    if request.method != "POST":
        return _page(request)
    file = request.FILES.get("file")
    if not file:
        return _page(request, problem=_("Choose a file first."))
    sent = SentFile((file.name or "")[:_LONGEST_NAME], file.read(BYTES_MAX + 1))
    try:
        report = put_shop_scans(file=sent, by=request.actor, now=timezone.now())
    except Unreadable as error:
        line, text = error.problem.place.line, error.problem.text
        return _page(request, problem=_("Line %(line)d: %(problem)s") % {"line": line, "problem": text}, name=sent.name)
    return _page(request, report=report, name=sent.name)


def _page(
    request: PortalRequest, *, report: ShopScansReport | None = None, problem: str = "", name: str = ""
) -> HttpResponse:
    wrong = bool(problem or (report and report.problems))
    shown = report.first_problems(_SHOWN) if report else []
    context = {
        "report": report,
        "name": name,
        "problems": [FormProblem(problem, "#file")] if problem else [],
        "lines": shown,
        "more": report.problems.count - len(shown) if report else 0,
        "left_out": sorted(report.left_out.items())[:_SHOWN] if report else [],
        "statuses": [(status.value, scan_status_text(status.value)) for status in ScanStatus],
        "rows_max": ROWS_MAX,
        "kilobytes_max": BYTES_MAX // 1024,
    }
    return render(request, "portal/send_scans.html", context, status=422 if wrong else 200)

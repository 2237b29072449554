"""Finance: payments that customers agreed to make again, because the lost goods turned up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lostpost.accounts.reads import seller_of_code
from lostpost.core.errors import Refused, Rejected
from lostpost.core.keyset import key_from_text, pager
from lostpost.desk.access import DeskRequest, staff
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.restorations.reads import restorations_in
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of

PAGE_SIZE = 25
State = Restoration.State


@staff("finance")
@require_safe
def restorations_to_settle(request: DeskRequest) -> HttpResponse:
    """List the restorations in a state, over all sellers; those agreed wait for the customer's money."""
    state = request.GET.get("state", "")
    state = state if state in State.values else State.AGREED.value
    page = restorations_in(state, after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE)
    context = {
        "state": state,
        "states": State.values,
        "restorations": [{"made": restoration, "url": _url(restoration)} for restoration in page.rows],
        **pager(page, request.GET),
    }
    return render(request, "desk/restorations.html", context)


@staff("finance")
@require_http_methods(["GET", "HEAD", "POST"])
def one_restoration(request: DeskRequest, seller: str, number: str) -> HttpResponse:
    """Show a restoration; record that the customer has paid, or does not after all (`step`)."""
    restoration = _restoration(seller, number)
    if request.method != "POST":
        return _page(request, restoration)
    require_fresh_proof(request)
    try:
        message = _record(request, restoration)
    except Refused as refusal:
        problems = [{"text": str(refusal), "href": ""}]
        return _page(request, _restoration(seller, number), problems=problems, status=status_of(refusal))
    messages.success(request, message, extra_tags=_url(restoration))
    return redirect("desk:restorations")


def _record(request: DeskRequest, restoration: Restoration) -> str:
    """Call the command of the step, and return a message about its effect."""
    keywords: dict[str, Any] = {"seller_id": restoration.seller_id, "number": restoration.number, "by": request.actor}
    step = request.POST.get("step")
    if step == "paid":
        mark_restoration_paid(**keywords, reference=request.POST.get("reference", ""), now=timezone.now())
        message = _("Restoration %(number)s is marked as paid; it stands on the seller’s next sales invoice.")
    elif step == "withdraw":
        withdraw_restoration(**keywords, reason=request.POST.get("reason", ""), now=timezone.now())
        message = _("Restoration %(number)s is withdrawn; nothing is booked.")
    else:
        raise Rejected(_("Choose what happened: the customer has paid, or does not pay after all."))
    return message % {"number": restoration.number}


def _restoration(seller: str, number: str) -> Restoration:
    shop = seller_of_code(seller)
    related = Restoration.objects.select_related("seller", "order", "write_off__query")
    restoration = related.filter(seller_id=shop.id, number=number).first() if shop else None
    if restoration is None:
        raise Http404
    return restoration


def _url(restoration: Restoration) -> str:
    return reverse("desk:restoration", kwargs={"seller": restoration.seller.code, "number": restoration.number})


def _page(
    request: DeskRequest, restoration: Restoration, *, problems: list[dict[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    lines = RestorationLine.objects.filter(seller_id=restoration.seller_id, restoration_id=restoration.id)
    context = {
        "made": restoration,
        "url": _url(restoration),
        "lines": lines.select_related("write_off_line__order_item").order_by("id"),
        "typed": request.POST,
        "problems": problems or [],
    }
    return render(request, "desk/restoration.html", context, status=status)

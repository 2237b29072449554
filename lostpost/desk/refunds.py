"""Finance: refunds to be paid, and their outcomes."""

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
from lostpost.compensations.models import Compensation
from lostpost.connectors.payments.switch_to_manual_payment import look_up_now, switch_to_manual_payment
from lostpost.core.errors import Refused, Rejected
from lostpost.core.keyset import key_from_text, pager
from lostpost.desk.access import DeskRequest, staff
from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.models import Refund
from lostpost.refunds.reads import BUCKETS, ON_ITS_WAY, RefundTotal, refunds_in, totals_in
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.texts.refund_problems import next_step_text, refund_problem_text
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of
from lostpost.writeoffs.models import WriteOff, WriteOffLine

PAGE_SIZE = 25
State = Refund.State


@staff("finance")
@require_safe
def refunds_to_pay(request: DeskRequest) -> HttpResponse:
    """List the refunds in a state, over all sellers, with their totals."""
    state = request.GET.get("state", "")
    bucket = state if state in BUCKETS else State.REQUESTED
    page = refunds_in(bucket, after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE)
    totals: dict[str, list[RefundTotal]] = {
        state: totals_in(state) for state in ON_ITS_WAY
    }  # Those paid are a history.
    context = {
        "bucket": bucket,
        "buckets": [
            {"state": state, "count": sum(total.count for total in totals[state]) if state in totals else None}
            for state in BUCKETS
        ],
        "totals": totals.get(bucket, []),
        "refunds": [_row(refund) for refund in page.rows],
    }
    return render(request, "desk/refunds.html", {**context, **pager(page, request.GET)})


@staff("finance")
@require_http_methods(["GET", "HEAD", "POST"])
def one_refund(request: DeskRequest, seller: str, number: str) -> HttpResponse:
    """Show a refund, and record what happened or what shall be done (`step`): paid, failed, retry, by-hand, look-up."""
    refund = _refund(seller, number)
    if request.method != "POST":
        return _page(request, refund)
    require_fresh_proof(request)
    try:
        message = _record(request, refund)
    except Refused as refusal:
        problems = [{"text": str(refusal), "href": ""}]
        return _page(request, _refund(seller, number), problems=problems, status=status_of(refusal))
    messages.success(request, message, extra_tags=_url(refund))
    if request.POST["step"] in ("by-hand", "look-up"):  # What follows is done there.
        return redirect("desk:refund", seller=seller, number=number)
    return redirect(f"{reverse('desk:refunds')}?state={refund.state}")


def _record(request: DeskRequest, refund: Refund) -> str:
    """Call the command of the step, and return a message about its effect."""
    step, by, now = request.POST.get("step", ""), request.actor, timezone.now()
    named: dict[str, Any] = {"seller_id": refund.seller_id, "number": refund.number, "by": by, "now": now}
    match step:
        case "paid":
            mark_refund_paid(**named, reference=request.POST.get("reference", ""))
            message = _("Refund %(number)s is marked as paid; the timeline of the customer query says so.")
        case "failed":
            mark_refund_failed(**named, problem=request.POST.get("problem", ""))
            message = _(
                "Refund %(number)s is marked as failed; the seller sees why, and the customer query stays open."
            )
        case "retry":
            retry_refund(**named)
            message = _("Refund %(number)s is to be paid again.")
        case "by-hand":
            switch_to_manual_payment(seller_id=refund.seller_id, refund_id=refund.id, by=by, now=now)
            message = _("Refund %(number)s is yours to pay by hand; it stands under “To pay”.")
        case "look-up":
            look_up_now(seller_id=refund.seller_id, refund_id=refund.id, now=now)
            message = _("Refund %(number)s was looked up; what the provider says is recorded.")
        case _:
            raise Rejected(_("Choose what happened to the refund: paid, failed, or to be tried again."))
    return message % {"number": refund.number}


def _refund(seller: str, number: str) -> Refund:
    shop = seller_of_code(seller)
    related = Refund.objects.select_related("seller", "order", "query")
    refund = related.filter(seller_id=shop.id, number=number).first() if shop else None
    if refund is None:
        raise Http404
    return refund


def _url(refund: Refund) -> str:
    """Return the URL of the refund's page, which also names the drafts of its forms."""
    return reverse("desk:refund", kwargs={"seller": refund.seller.code, "number": refund.number})


def _page(
    request: DeskRequest, refund: Refund, *, problems: list[dict[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    """Show the refund with what it is for; what was typed into a refused form stays in it."""
    write_off = WriteOff.objects.filter(seller_id=refund.seller_id, refund_id=refund.id).first()
    lines, delivery_minor = _paid_back(write_off) if write_off else _granted(refund)
    context = {
        "refund": {**_row(refund), "typed": request.POST},
        "lines": lines,
        "delivery_minor": delivery_minor,
        "problems": problems or [],
    }
    return render(request, "desk/refund.html", context, status=status)


def _paid_back(write_off: WriteOff) -> tuple[list[dict[str, Any]], int]:
    """Return what of a write-off is paid back: its lines, and delivery costs."""
    lines = WriteOffLine.objects.filter(seller_id=write_off.seller_id, write_off_id=write_off.id)
    rows = [
        {"title": line.order_item.title, "quantity": line.quantity, "refund_minor": line.refund_minor}
        for line in lines.select_related("order_item").order_by("id")
    ]
    return rows, write_off.delivery_refund_minor


def _granted(refund: Refund) -> tuple[list[dict[str, Any]], int]:
    """Return what a compensation grants of what was paid for an item, and of the delivery costs."""
    rows = Compensation.objects.select_related("order_item", "parcel_unit")
    granted = rows.filter(seller_id=refund.seller_id, refund_id=refund.id).first()
    if granted is None:
        return [], 0
    part = {"title": granted.order_item.title, "quantity": 0, "refund_minor": granted.items_minor}
    return [part] if granted.items_minor else [], granted.delivery_minor


def _row(refund: Refund) -> dict[str, Any]:
    return {
        "url": _url(refund),
        "number": refund.number,
        "seller_name": refund.seller.name,
        "order_number": refund.order.number,
        "query_number": refund.query.number,
        "customer_name": refund.order.customer_name,
        "customer_email": refund.order.customer_email,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "gateway": refund.gateway,
        "state": refund.state,
        "requested_at": refund.requested_at,
        "sent_at": refund.sent_at,
        "confirmed_at": refund.confirmed_at,
        "failed_at": refund.failed_at,
        "at": refund.confirmed_at or refund.failed_at or refund.sent_at or refund.requested_at,
        "reference": refund.reference,
        "problem": refund_problem_text(refund.problem_code, refund.problem),
        "words": refund.problem if refund.problem_code else "",
        "next": next_step_text(refund.problem_code),
        "no_response_since": refund.no_response_since,
        "provider": PROVIDERS.get(refund.gateway, ""),
        "payment_provider": PROVIDERS.get(refund.order.payment_provider, ""),
        "payment_reference": refund.payment_reference,
        "attempt": refund.attempt,
    }

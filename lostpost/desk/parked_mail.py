"""Partnerservice: e-mail that came in and could not be filed without doubt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lostpost.accounts.reads import seller_of_code
from lostpost.core.errors import Refused
from lostpost.core.keyset import key_from_text, page_of, pager
from lostpost.core.ownership import cross_seller
from lostpost.desk.access import DeskRequest, staff
from lostpost.relay.models import IncomingMail
from lostpost.relay.received_files import recheck_received_files
from lostpost.relay.settle_parked_mail import drop_parked_mail, file_parked_mail, may_be_filed
from lostpost.texts.parked_mail import parked_mail_text
from lostpost.web.downloads import strangers_page
from lostpost.web.http import status_of

PAGE_SIZE = 25


@staff("partnerservice")
@require_safe
def parked_mails(request: DeskRequest) -> HttpResponse:
    """List what waits for somebody to look at it, the oldest first."""
    rows = IncomingMail.objects.filter(state=IncomingMail.State.PARKED).select_related("seller")
    with cross_seller("Partnerservice: parked e-mail"):
        after = key_from_text(request.GET.get("after", ""))
        page = page_of(rows.defer("raw", "html", "quoted"), by="received_at", after=after, size=PAGE_SIZE)
    mails = [{"mail": mail, "url": _url(mail), "why": parked_mail_text(mail.reason)} for mail in page.rows]
    return render(request, "desk/parked_mails.html", {"mails": mails, **pager(page, request.GET)})


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def parked_mail(request: DeskRequest, seller: str, incoming_id: UUID) -> HttpResponse:
    """Show a parked e-mail; file it in a query, or drop it (`step`)."""
    mail = _parked(seller, incoming_id)
    if request.method != "POST":
        return _page(request, mail)
    about = {"seller_id": mail.seller_id, "incoming_id": mail.id}
    number = request.POST.get("number", "").strip()
    try:
        if request.POST.get("step") == "file":
            files = recheck_received_files(mail) if may_be_filed(mail) else []
            file_parked_mail(**about, number=number, files=files, by=request.actor, now=timezone.now())
            done = _("The e-mail is on the timeline of customer query %(number)s.") % {"number": number}
        else:
            drop_parked_mail(**about, by=request.actor, now=timezone.now())
            done = _("The e-mail is dropped.")
    except Refused as refusal:
        return _page(request, mail, problem=str(refusal), number=number, status=status_of(refusal))
    messages.success(request, done, extra_tags=_url(mail))
    return redirect("desk:parked-mails")


@staff("partnerservice")
@require_safe
def whole_incoming_mail(request: DeskRequest, seller: str, incoming: UUID) -> HttpResponse:
    """Show an e-mail as it was laid out, parked or filed, in a page that can do nothing; addresses are masked in it."""
    shop = seller_of_code(seller)
    shown = (IncomingMail.State.PARKED, IncomingMail.State.FILED)
    mails = IncomingMail.objects.exclude(html="")
    mail = mails.filter(seller_id=shop.id, id=incoming, state__in=shown).first() if shop else None
    if mail is None:
        raise Http404
    return strangers_page(mail.html, title=mail.subject)


def _parked(seller: str, incoming_id: UUID) -> IncomingMail:
    shop = seller_of_code(seller)
    rows = IncomingMail.objects.select_related("seller", "query", "address")
    mail = rows.filter(seller_id=shop.id, id=incoming_id, state=IncomingMail.State.PARKED).first() if shop else None
    if mail is None:
        raise Http404
    return mail


def _url(mail: IncomingMail) -> str:
    return reverse("desk:parked-mail", kwargs={"seller": mail.seller.code, "incoming_id": mail.id})


def _page(
    request: DeskRequest, mail: IncomingMail, *, problem: str = "", number: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "mail": mail,
        "has_html": bool(mail.html),
        "why": parked_mail_text(mail.reason),
        "may_be_filed": may_be_filed(mail),
        "number": number or (mail.query.number if mail.query else ""),
        "problems": [{"text": problem, "href": "#number"}] if problem else [],
    }
    return render(request, "desk/parked_mail.html", context, status=status)

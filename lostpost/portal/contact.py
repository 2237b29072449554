"""Start customer contact from an order number: the message that opens a customer query by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.answering.contact_drafts import contact_draft, files_of_draft
from lostpost.answering.models import ContactDraft, ContactFile
from lostpost.answering.save_contact_draft import save_contact_draft
from lostpost.answering.shipped_templates import SILENT
from lostpost.answering.start_contact import start_contact as send_first_message
from lostpost.answering.templates import language_of, offered_templates, shipped_ref, template_text
from lostpost.connectors.mail.preview import preview_of_message
from lostpost.core.errors import Refused
from lostpost.core.idempotency import KeyReused
from lostpost.orders.models import Order, OrderItem
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.attachments import uploaded_files, uuid_in
from lostpost.portal.forms import CLOSE, LEAVE_OPEN, ContactForm, OrderNumberForm
from lostpost.portal.inserted_templates import with_template
from lostpost.portal.sent_forms import FormProblem, draft_name, key_in, new_key, posted
from lostpost.relay.outgoing import shown_recipient
from lostpost.web.http import status_of


@of_shop(Section.QUERIES, writing=True)
@require_safe
def find_order(request: PortalRequest) -> HttpResponse:
    """Ask for the order number, and redirect to the message about that order."""
    form = OrderNumberForm(request.GET if "order_number" in request.GET else None)
    if form.is_valid():
        number = form.cleaned_data["order_number"].replace("\N{NO-BREAK SPACE}", " ").strip()
        orders = Order.objects.filter(seller_id=request.seller.id, number__in={number, number.replace(" ", "")})
        if order := orders.first():
            response: HttpResponse = redirect(
                "portal:start-contact", seller=request.seller.code, order_number=order.number
            )
            return response
        form.add_error(
            "order_number",
            _("There is no order “%(number)s” in this shop. Check the number.") % {"number": number},
        )
    return render(request, "portal/find_order.html", {"form": form}, status=422 if form.errors else 200)


@of_shop(Section.QUERIES, writing=True)
def contact_page(request: PortalRequest, order_number: str) -> HttpResponse:
    """Write to the customer: fill in, look at the e-mail (step=preview), go back to it (step=edit), send it."""
    order = Order.objects.filter(seller_id=request.seller.id, number=order_number).first()
    if order is None:
        raise Http404
    items = _items(order)
    if request.method != "POST":
        draft = contact_draft(order, user_id=request.actor.user_id)
        begun = _kept(draft) if draft and not request.GET else _begun(request, order, items)
        return _page(request, order, ContactForm(items=items, initial=begun))
    saving = request.POST.get("step") == "save" or "detach" in request.POST
    try:
        draft = _keep(request, order) if saving or request.FILES else None
    except Refused as refusal:
        form = ContactForm(items=items, initial=request.POST.dict())
        problems = [FormProblem(str(refusal), "#files")]
        return _page(request, order, form, problems=problems, key=key_in(request.POST), status=status_of(refusal))
    if request.POST.get("step") == "insert" and request.POST.get("template"):
        return _insert(request, order, items)
    if saving:
        if draft:
            messages.success(request, _("Your draft is kept. Only you see it."))
        kept: HttpResponse = redirect("portal:start-contact", seller=request.seller.code, order_number=order.number)
        return kept
    if request.POST.get("step") == "edit":
        return _page(request, order, ContactForm(items=items, initial=request.POST.dict()), key=key_in(request.POST))
    form = ContactForm(request.POST, items=items)
    if not form.is_valid():
        return _page(request, order, form, key=key_in(request.POST), status=422)
    if request.POST.get("step") == "send":
        return _send(request, order, form)
    return _preview(request, order, form)


@of_shop(Section.QUERIES, writing=True)
@posted(back="portal:start-contact")
def keep_contact_draft(request: PortalRequest, order_number: str) -> HttpResponse:
    """Keep what is being written: a script sends the form now and then, without its files."""
    order = Order.objects.filter(seller_id=request.seller.id, number=order_number).first()
    if order is None:
        raise Http404
    try:
        _keep(request, order)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=status_of(refusal), content_type="text/plain")
    return HttpResponse(_("Your draft is kept. Only you see it."), content_type="text/plain; charset=utf-8")


def _keep(request: PortalRequest, order: Order) -> ContactDraft | None:
    """Save the form as the draft of whoever sent it, with the files that came with it. Raises Refused."""
    return save_contact_draft(
        order_number=order.number,
        subject=request.POST.get("subject", ""),
        item=request.POST.get("item", ""),
        text=request.POST.get("message", "").replace("\r\n", "\n"),
        leave_open={LEAVE_OPEN: True, CLOSE: False}.get(request.POST.get("leave_open", "")),
        files=uploaded_files(request),
        detached=uuid_in(request.POST.get("detach", "")),
        by=request.actor,
        key=key_in(request.POST),
        now=timezone.now(),
    )


def _kept(draft: ContactDraft) -> dict[str, str]:
    """Return a draft as the form takes it."""
    chosen = {True: LEAVE_OPEN, False: CLOSE, None: ""}[draft.leave_open]
    return {"subject": draft.subject, "item": draft.item, "message": draft.text, "leave_open": chosen}


def _begun(request: PortalRequest, order: Order, items: list[tuple[str, str]]) -> dict[str, str]:
    """Return what the form begins with: what the address names, an item or the message about a silent parcel."""
    item = request.GET.get("item", "")
    chosen = {"item": item} if item in dict(items) else {}
    if request.GET.get("template") != SILENT:
        return chosen
    language = language_of(order.customer_language, request.seller.language)
    ref = shipped_ref(SILENT, language)
    subject = template_text(request.seller.id, ref).subject
    return {**chosen, "subject": subject, "message": with_template(request, "", order, ref=ref), "leave_open": "yes"}


def _insert(request: PortalRequest, order: Order, items: list[tuple[str, str]]) -> HttpResponse:
    """Put a template below what was typed; a script gets the field alone."""
    typed = request.POST.get("message", "").replace("\r\n", "\n")
    text = with_template(request, typed, order)
    form = ContactForm(items=items, initial={**request.POST.dict(), "message": text})
    if request.htmx:
        return render(request, "parts/message_field.html", {"form": form})
    return _page(request, order, form, key=key_in(request.POST))


def _send(request: PortalRequest, order: Order, form: ContactForm) -> HttpResponse:
    key = key_in(request.POST)
    if not key:
        problem = _("Something was missing from what your browser sent. Look at it again, and send it once more.")
        return _page(request, order, form, problems=[FormProblem(problem)], status=422)
    try:
        query = send_first_message(
            order_number=order.number,
            subject=form.cleaned_data["subject"],
            item=form.cleaned_data["item"],
            message=form.cleaned_data["message"],
            leave_open=form.leaves_open,
            attachments=[file.id for file in _files(request, order)],
            by=request.actor,
            key=key,
            now=timezone.now(),
        )
    except KeyReused:
        problem = _("You have sent another message from this page already; its customer query is open. Send this too?")
        return _page(request, order, form, problems=[FormProblem(problem)], status=422)
    except Refused as refusal:
        return _page(request, order, form, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    opened = _("Sent. The customer query is open.")
    done = opened if form.leaves_open else _("Sent. The customer query is closed.")
    messages.success(request, done, extra_tags=draft_name(request, f"contact-{order.number}"))
    response: HttpResponse = redirect("portal:customer-query", seller=request.seller.code, number=query.number)
    return response


def _preview(request: PortalRequest, order: Order, form: ContactForm) -> HttpResponse:
    values = form.cleaned_data
    letter = preview_of_message(
        order=order, shop=request.seller, query="…", subject=values["subject"], text=values["message"]
    )
    hidden = {name: values[name] for name in ContactForm.field_order} | {"key": key_in(request.POST) or new_key()}
    context = {
        "action": reverse("portal:start-contact", kwargs={"seller": request.seller.code, "order_number": order.number}),
        "hidden": [{"name": name, "value": value} for name, value in hidden.items()],
        "files": _files(request, order),
        "mail": {"to": shown_recipient(order), "subject": letter.subject, "body": letter.text},
        "language": letter.language,
        "leave_open": form.leaves_open,
    }
    return render(request, "portal/preview_message.html", context)


def _page(
    request: PortalRequest,
    order: Order,
    form: ContactForm,
    *,
    problems: list[FormProblem] | None = None,
    key: str = "",
    status: int = 200,
) -> HttpResponse:
    language = language_of(order.customer_language, request.seller.language)
    context: dict[str, Any] = {
        "order": order,
        "form": form,
        "key": key or new_key(),
        "problems": problems,
        "attached": _files(request, order),
        "templates": offered_templates(request.seller.id, first=language),
    }
    return render(request, "portal/start_contact.html", context, status=status)


def _files(request: PortalRequest, order: Order) -> list[ContactFile]:
    """Return the files of the draft of whoever asks."""
    return files_of_draft(contact_draft(order, user_id=request.actor.user_id))


def _items(order: Order) -> list[tuple[str, str]]:
    """List the order's items, for a choice of one."""
    items = OrderItem.objects.filter(seller_id=order.seller_id, order_id=order.id).order_by("item")
    return list(items.values_list("item", "title"))

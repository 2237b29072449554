"""Answering the customer on the page of a query: the draft, the preview, sending."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from lostpost.accounts.sections import Section
from lostpost.answering.answer_query import answer_query
from lostpost.answering.attachments import attachments_of
from lostpost.answering.drafts import people_in
from lostpost.answering.hold_answer import hold_answer, undo_answer
from lostpost.answering.save_draft import save_draft
from lostpost.connectors.mail.preview import preview_of_message
from lostpost.connectors.mail.quoting import last_received_message
from lostpost.core.errors import Refused
from lostpost.core.idempotency import KeyReused
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import NewerMessage
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.attachments import attached_files
from lostpost.portal.forms import CLOSE, LEAVE_OPEN, AnswerForm
from lostpost.portal.inserted_templates import with_template
from lostpost.portal.list_place import ListPlace, query_url
from lostpost.portal.own_query import own_query
from lostpost.portal.queries import query_page, refused, to_next, to_query, unknown_form
from lostpost.portal.sent_forms import FormProblem, draft_name, key_in, new_key, posted
from lostpost.relay.outgoing import shown_recipient
from lostpost.relay.send_mail_again import send_mail_again
from lostpost.web.http import status_of


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def answer_customer_query(request: PortalRequest, number: str) -> HttpResponse:
    """Answer the customer: fill in a template (step=insert), keep a draft (save), preview, go back (edit), or send.

    With step=send-next it goes on to the next query of the list that somebody came from.
    """
    query, step = own_query(request, number), request.POST.get("step")
    try:
        attached = attached_files(request, number)
    except Refused as refusal:
        return _unattached(request, query, refusal)
    if step == "save" or "detach" in request.POST:
        return _save(request, query)
    if step == "insert":
        return _insert(request, query)
    key, last_read = key_in(request.POST), last_read_in(request.POST)
    if step == "edit":
        return query_page(request, query, form=AnswerForm(initial=request.POST.dict()), key=key, last_read_id=last_read)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return query_page(request, query, form=form, key=key, last_read_id=last_read, status=422)
    if step == "preview":
        return _preview(request, query, form)
    if not key:
        return query_page(
            request, query, form=form, problems=[FormProblem(unknown_form())], last_read_id=last_read, status=422
        )
    sent = _send(request, query, form, key=key, last_read=last_read, attached=attached)
    return to_next(request) if step == "send-next" and sent.status_code == HTTPStatus.FOUND else sent


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def keep_draft(request: PortalRequest, number: str) -> HttpResponse:
    """Keep what is being written, and say who else is there: a script sends the form now and then."""
    query, now = own_query(request, number), timezone.now()
    try:
        _keep(request, query)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=status_of(refusal), content_type="text/plain")
    context = {
        "query": query,
        "colleagues_here": people_in(query, user_id=request.actor.user_id, now=now).colleagues,
        "newer_there": query.last_message_id and last_read_in(request.POST) != query.last_message_id,
    }
    return render(request, "parts/people_in_query.html", context)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def undo_held_answer(request: PortalRequest, number: str) -> HttpResponse:
    """Take an answer back that is not sent yet: it is the draft again."""
    own_query(request, number)
    try:
        undone = undo_answer(number=number, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, number, refusal)
    if undone:
        messages.success(request, _("It was not sent. What you wrote is your draft again."))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def send_again(request: PortalRequest, number: str) -> HttpResponse:
    """Send an e-mail once more that the customer did not get."""
    own_query(request, number)
    try:
        mail_id = UUID(request.POST.get("mail", ""))
    except ValueError:
        return to_query(request, number)
    try:
        send_mail_again(number=number, mail_id=mail_id, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, number, refusal)
    messages.success(request, _("The e-mail is sent again."))
    return to_query(request, number)


def last_read_in(form: QueryDict) -> UUID | None:
    """Return the newest message that stood on the page that a form came from; None if it does not say."""
    try:
        return UUID(form.get("last_read", ""))
    except ValueError:
        return None


def _send(
    request: PortalRequest,
    query: CustomerQuery,
    form: AnswerForm,
    *,
    key: str,
    last_read: UUID | None,
    attached: list[UUID],
) -> HttpResponse:
    number, hold_seconds = query.number, settings.ANSWER_HOLD_SECONDS
    answer: dict[str, Any] = {
        "number": number,
        "message": form.cleaned_data["message"],
        "leave_open": form.leaves_open,
        "last_message_id": last_read,
        "attachments": attached,
        "by": request.actor,
        "key": key,
        "now": timezone.now(),
    }
    try:
        held_until = hold_answer(**answer, hold_seconds=hold_seconds) if hold_seconds else None
        if not hold_seconds:
            answer_query(**answer)
    except KeyReused:
        problem = _("You have sent another message from this page already; it is on the timeline. Send this one too?")
        return query_page(request, query, form=form, problems=[FormProblem(problem)], status=422)
    except NewerMessage as refusal:
        _keep(request, query)
        problems = [FormProblem(str(refusal), "#newer-title")]
        query = own_query(request, number)
        return query_page(request, query, form=form, problems=problems, last_read_id=last_read, newer=True, status=409)
    except Refused as refusal:
        return refused(request, number, refusal, form=form)
    if held_until:
        link = format_html('<a href="{}">{}</a>', query_url(request, number, ListPlace.read(request)), _("Undo"))
        soon = format_html(
            '<span data-gone-after="{}">{} {}</span>',
            hold_seconds,
            _("It is sent at %(time)s.") % {"time": f"{localtime(held_until):%H:%M:%S}"},
            link,
        )
        messages.success(request, soon, extra_tags=draft_name(request, f"answer-{number}"))
        return to_query(request, number)
    done = _("Sent. The customer query stays open.") if form.leaves_open else _("Sent. The customer query is closed.")
    messages.success(request, done, extra_tags=draft_name(request, f"answer-{number}"))
    return to_query(request, number)


def _unattached(request: PortalRequest, query: CustomerQuery, refusal: Refused) -> HttpResponse:
    """Show the form again with what was typed, as a file was refused."""
    form, problems = AnswerForm(initial=request.POST.dict()), [FormProblem(str(refusal), "#files")]
    key, last_read = key_in(request.POST), last_read_in(request.POST)
    return query_page(request, query, form=form, problems=problems, key=key, last_read_id=last_read, status=422)


def _insert(request: PortalRequest, query: CustomerQuery) -> HttpResponse:
    """Put a template below what was typed, and keep that as a draft; a script gets the field alone."""
    typed = request.POST.get("message", "").replace("\r\n", "\n")
    text = with_template(request, typed, query.order, query=query)
    form = AnswerForm(initial={**request.POST.dict(), "message": text})
    if request.htmx:
        return render(request, "parts/message_field.html", {"form": form})
    try:
        _keep(request, query, text=text)
    except Refused as refusal:
        return refused(request, query.number, refusal, form=form)
    return query_page(request, query, form=form, key=key_in(request.POST), last_read_id=last_read_in(request.POST))


def _save(request: PortalRequest, query: CustomerQuery) -> HttpResponse:
    try:
        _keep(request, query)
    except Refused as refusal:
        return refused(request, query.number, refusal, form=AnswerForm(request.POST))
    messages.success(request, _("Your draft is kept. Only you see it."))
    return to_query(request, query.number)


def _keep(request: PortalRequest, query: CustomerQuery, *, text: str | None = None) -> None:
    """Save the form as the draft of whoever sent it; `text`: instead of the form's."""
    chosen = {LEAVE_OPEN: True, CLOSE: False}.get(request.POST.get("leave_open", ""))
    text = request.POST.get("message", "").replace("\r\n", "\n") if text is None else text
    key, now = key_in(request.POST), timezone.now()
    save_draft(number=query.number, text=text, leave_open=chosen, by=request.actor, key=key, now=now)


def _preview(request: PortalRequest, query: CustomerQuery, form: AnswerForm) -> HttpResponse:
    text, leave_open = form.cleaned_data["message"], form.cleaned_data["leave_open"]
    letter = preview_of_message(
        order=query.order,
        shop=request.seller,
        query=query.number,
        subject=query.subject,
        text=text,
        quoted=last_received_message(seller_id=query.seller_id, query_id=query.id, before=timezone.now()),
    )
    hidden = {
        "message": text,
        "leave_open": leave_open,
        "key": key_in(request.POST) or new_key(),
        "last_read": last_read_in(request.POST) or "",
    }
    files = attachments_of(query).get(None, [])
    context = {
        "files": [file for file in files if file.by_user_id == request.actor.user_id],
        "action": reverse("portal:query-answer", kwargs={"seller": request.seller.code, "number": query.number})
        + ListPlace.read(request).suffix,
        "hidden": [{"name": name, "value": value} for name, value in hidden.items()],
        "mail": {"to": shown_recipient(query.order), "subject": letter.subject, "body": letter.text},
        "language": letter.language,
        "leave_open": form.leaves_open,
    }
    return render(request, "portal/preview_message.html", context)

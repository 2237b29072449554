"""The customer's page behind the link in their e-mails: no login, GET shows, and what acts is confirmed.

The token of the address is swapped for a cookie at once, so that it stands in no log, no referrer and no history of
what was looked at. E-mail scanners follow links: reading uses nothing up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lostpost.accounts.attempts import Limit, count_attempt, limited_name
from lostpost.compensations.models import Compensation
from lostpost.core.errors import Refused
from lostpost.customer_links.links import PATH, link_of_id, link_of_token
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_links.revoke_links import revoke_links
from lostpost.customer_links.write_by_link import write_by_link
from lostpost.customer_queries.received_messages import with_earlier_queries
from lostpost.customer_queries.timeline import LONGEST_TEXT
from lostpost.declarations.models import Declaration
from lostpost.declarations.reads import declarations_of
from lostpost.declarations.sign_declaration import sign_declaration
from lostpost.found_parcels.reads import write_offs_of_query
from lostpost.found_parcels.say_parcel_came import Wish, say_parcel_came
from lostpost.portal.customer_answer import ANSWERS, give_answer, question_in, questions, sentence_of
from lostpost.portal.sent_forms import key_in, new_key
from lostpost.texts.customer_languages import FALLBACK, customer_language
from lostpost.web.client_address import client_network
from lostpost.web.http import status_of
from lostpost.writeoffs.models import WriteOffLine

COOKIE, COOKIE_SECONDS = "customer-link", 30 * 60
TOKENS_OF_NETWORK = Limit(30, 1, 60)  # Guesses; nobody finds a token, but nobody should try for free.
MESSAGES_OF_LINK = Limit(10, 60, 60 * 60)
WRITE, CAME, END, DECLARE = "write", "came", "end", "declare"
WISHES: dict[str, Wish] = {CAME: "", "keep": "keep", "send-back": "send-back"}  # Of who has the parcel, by the act.


class CustomerForm(forms.Form):
    """What a customer writes."""

    message = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Write what you want to ask or say.")},
    )


@contextmanager
def page_language(request: HttpRequest, of_customer: str = "") -> Iterator[str]:
    """Write a page in the language that was chosen on it, else in the customer's, else in the browser's first.

    Customers are written to in more languages than shops, which the site's own choice does not know.
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    of_browser = [code for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    with override(customer_language(chosen, of_customer, *of_browser)):
        yield get_language() or FALLBACK


LinkView = Callable[[HttpRequest, CustomerLink], HttpResponse]


@require_safe
@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the token for a short cookie, and lead on to a path without it."""
    link = link_of_token(token, now=timezone.now())
    if link is None:
        wait_seconds = count_attempt([limited_name("customer-link of", client_network(request), TOKENS_OF_NETWORK)])
        with page_language(request):
            return _gone(request, status=429 if wait_seconds else 404)
    response = redirect(PATH)
    cookie = {"secure": settings.PRODUCTION, "httponly": True, "samesite": "Lax"}
    value = signing.dumps([str(link.seller_id), str(link.id)], salt=COOKIE)
    response.set_cookie(COOKIE, value, max_age=COOKIE_SECONDS, path=PATH, **cookie)  # type: ignore[arg-type]
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        language = customer_language(link.query.order.customer_language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, **cookie)  # type: ignore[arg-type]
    return _private(response)


def with_link(view: LinkView) -> Callable[[HttpRequest], HttpResponse]:
    """Show a page only to who has the cookie of a link that counts."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        link = _link_of(request)
        with page_language(request, link.query.order.customer_language if link else "") as language:
            response = view(request, link) if link else _gone(request, status=404)
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Content-Language"] = language
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def customer_page(request: HttpRequest, link: CustomerLink) -> HttpResponse:
    """Show what became of the query; take a message in two steps, and end the link in two."""
    if request.method != "POST":
        return _page(request, link, CustomerForm())
    if request.POST.get("query") != link.query.number:  # Of another tab, with another link.
        return _gone(request, status=409)
    act, step = request.POST.get("act", WRITE), request.POST.get("step")
    if act == END:
        return _end(request, link, confirmed=step == "send")
    if act == DECLARE:
        return _declare(request, link)
    form = CustomerForm(request.POST)
    if act in ANSWERS and step == "edit":
        return redirect(PATH)
    if act in ANSWERS:
        return _answer(request, link, act, confirmed=step == "send")
    act = act if act in WISHES else WRITE
    if step == "edit":
        return _page(request, link, CustomerForm(initial={"message": request.POST.get("message", "")}), act=act)
    if not form.is_valid():
        return _page(request, link, form, act=act, status=422)
    if step != "send" or not key_in(request.POST):
        hidden = {"act": act, "message": form.cleaned_data["message"], "key": new_key()}
        return _check(request, link, hidden, message=form.cleaned_data["message"], act=act)
    return _send(request, link, form, act=act)


def _send(request: HttpRequest, link: CustomerLink, form: CustomerForm, *, act: str) -> HttpResponse:
    if count_attempt([limited_name("customer-link", str(link.id), MESSAGES_OF_LINK)]):
        form.add_error(None, _("You have written many times. Wait an hour, or answer the e-mail."))
        return _page(request, link, form, act=act, status=429)
    message = form.cleaned_data["message"].replace("\r\n", "\n")
    try:
        key = key_in(request.POST)
        if act in WISHES:
            say_parcel_came(link=link, message=message, wish=WISHES[act], key=key, now=timezone.now())
        else:
            write_by_link(link=link, message=message, key=key, now=timezone.now())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, link, form, act=act, status=status_of(refusal))
    return redirect(f"{PATH}?sent")


def _declare(request: HttpRequest, link: CustomerLink) -> HttpResponse:
    """Let the customer sign what stands on the page, shown once more before."""
    wanted, name = request.POST.get("declaration", ""), request.POST.get("name", "").strip()
    declaration = next((each for each in _declarations(link) if str(each.id) == wanted), None)
    if declaration is None:
        return redirect(PATH)
    form, step = CustomerForm(), request.POST.get("step")
    if step == "edit":
        return _page(request, link, form, declared_name=name)
    if step != "send" and name:
        hidden = {"act": DECLARE, "declaration": wanted, "name": name}
        return _check(request, link, hidden, declaration=declaration, name=name)
    problem, status = "", 422
    if count_attempt([limited_name("customer-link", str(link.id), MESSAGES_OF_LINK)]):
        problem, status = _("You have written many times. Wait an hour, or answer the e-mail."), 429
    else:
        try:
            sign_declaration(query=link.query, declaration_id=declaration.id, name=name, now=timezone.now())
        except Refused as refusal:
            problem, status = str(refusal), status_of(refusal)
    if not problem:
        return redirect(f"{PATH}?signed")
    problems = [{"text": problem, "href": f"#name-{declaration.id}"}]
    return _page(request, link, form, declared_name=name, problems=problems, status=status)


def _declarations(link: CustomerLink) -> list[Declaration]:
    """Return what the customer is asked to sign, and what they signed."""
    return [each for each in declarations_of(link.query) if each.content_deleted_at is None]


def _answer(request: HttpRequest, link: CustomerLink, answer: str, *, confirmed: bool) -> HttpResponse:
    """Take the answer to the question whether they pay again, in two steps."""
    if confirmed:
        try:
            give_answer(request, link)
        except Refused as refusal:
            return _refused(request, link, str(refusal), status=status_of(refusal))
        return redirect(f"{PATH}?answered")
    question = question_in(request.POST, link)
    if question is None:
        problem = _("The shop does not ask this any more. See below what holds now.")
        return _refused(request, link, problem, status=409)
    hidden = {"act": answer, "question": str(question.id)}
    return _check(request, link, hidden, message=sentence_of(answer, question), act=answer)


def _refused(request: HttpRequest, link: CustomerLink, problem: str, *, status: int) -> HttpResponse:
    return _page(request, link, CustomerForm(), problems=[{"text": problem, "href": ""}], status=status)


def _end(request: HttpRequest, link: CustomerLink, *, confirmed: bool) -> HttpResponse:
    if not confirmed:
        return _check(request, link, {"act": END}, ends=True)
    revoke_links(seller_id=link.seller_id, number=link.query.number, by=None, now=timezone.now())
    response = _gone(request, status=200, ended=True)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _link_of(request: HttpRequest) -> CustomerLink | None:
    try:
        seller_id, link_id = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return None
    return link_of_id(UUID(seller_id), UUID(link_id), now=timezone.now())


def _page(
    request: HttpRequest,
    link: CustomerLink,
    form: CustomerForm,
    *,
    act: str = WRITE,
    declared_name: str = "",
    problems: Sequence[dict[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    of_form = [
        {"text": text, "href": f"#{form[name].id_for_label}" if name in form.fields else ""}
        for name, texts in form.errors.items()
        for text in texts
    ]
    context = {
        **_about(link),
        "write_offs": [*_write_offs(link), *_compensations(link)],
        "form": form,
        "act": act,
        "problems": [*of_form, *problems],
        "questions": questions(link),
        "answered": "answered" in request.GET and request.method != "POST",
        "declarations": _declarations(link),
        "declared_name": declared_name,
        "sent": "sent" in request.GET and request.method != "POST",
        "signed": "signed" in request.GET and request.method != "POST",
        "page_languages": [(code, "") for code in settings.CUSTOMER_LANGUAGES],
    }
    return render(request, "customer/query.html", context, status=status)


def _check(request: HttpRequest, link: CustomerLink, hidden: dict[str, str], **context: Any) -> HttpResponse:
    rows = [{"name": name, "value": value} for name, value in hidden.items()]
    return render(request, "customer/check.html", {**_about(link), "hidden": rows, **context})


def _about(link: CustomerLink) -> dict[str, Any]:
    order = link.query.order
    return {"shop": link.seller.name, "query": link.query, "order": order, "path": PATH}


def _write_offs(link: CustomerLink) -> list[dict[str, Any]]:
    """Return what was written off in the query, or settled in it as a found parcel, and what became of the money."""
    write_offs = list(write_offs_of_query(link.query).select_related("refund").order_by("confirmed_at"))
    ids = [write_off.id for write_off in write_offs]
    lines = WriteOffLine.objects.filter(seller_id=link.seller_id, write_off_id__in=ids).select_related("order_item")
    return [
        {
            "at": write_off.confirmed_at,
            "currency": write_off.currency,
            "total_minor": write_off.refund_minor,
            "delivery_minor": write_off.delivery_refund_minor,
            "refund": write_off.refund.state if write_off.refund_minor else "",
            "lines": [
                {"title": line.order_item.title, "quantity": line.quantity, "refund_minor": line.refund_minor}
                for line in lines
                if line.write_off_id == write_off.id
            ],
        }
        for write_off in write_offs
    ]


def _compensations(link: CustomerLink) -> list[dict[str, Any]]:
    """Return what the customer was granted without a write-off, and what became of the money."""
    rows = Compensation.objects.filter(seller_id=link.seller_id, query_id__in=with_earlier_queries(link.query))
    return [
        {
            "granted": True,
            "at": granted.granted_at,
            "currency": granted.currency,
            "total_minor": granted.amount_minor,
            "delivery_minor": granted.delivery_minor,
            "refund": granted.refund.state,
            "lines": [{"title": granted.order_item.title, "quantity": 0, "refund_minor": granted.items_minor}]
            if granted.items_minor
            else [],
        }
        for granted in rows.select_related("refund", "order_item").order_by("granted_at")
    ]


def _gone(request: HttpRequest, *, status: int, ended: bool = False) -> HttpResponse:
    return _private(render(request, "customer/gone.html", {"ended": ended}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Let no other site hear of an address with a token. Forms need theirs to be known here: not on their page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response

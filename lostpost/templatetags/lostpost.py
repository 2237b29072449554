"""How pages write money and time: for a person to read, with the exact value beside it for whoever wants to be sure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, escape, format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.text import normalize_newlines
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.core.money import format_money
from lostpost.eligibility.assess import Assessment
from lostpost.eligibility.rules import Refusal
from lostpost.texts.countries import country_text
from lostpost.texts.moments import (
    DAY,
    MINUTE,
    day_text,
    exact_instant_text,
    instant_text,
    long_day_text,
    silence_text,
    span_text,
)
from lostpost.texts.payables import payable_text
from lostpost.texts.refusals import caution_text, lifted_text, refusal_text, short_refusal_text
from lostpost.texts.statuses import scan_status_text, shipping_method_text
from lostpost.texts.style import Style

register = template.Library()

MINUS, PLUS = "\N{MINUS SIGN}", "+"
Nothing = Literal[""] | None  # What a template hands over for a value that it does not have.


# -- Words of people --------------------------------------------------------------------------------------------------


@register.filter
def paragraphs(text: str) -> SafeString:
    """Write what a person wrote in paragraphs; quoted lines are soft, so that answers between them stand out."""
    lines = [
        format_html('<span class="soft">{}</span>', line) if line.lstrip().startswith(">") else escape(line)
        for line in normalize_newlines(text).split("\n")
    ]
    return SafeString(linebreaks("\n".join(lines)))


# -- Money ------------------------------------------------------------------------------------------------------------


@register.filter
def money(minor: int | Nothing, currency: str) -> SafeString | str:
    """Write an amount of minor units as the reader's language writes it; nothing for no amount."""
    if minor is None or minor == "":
        return ""
    text = format_money(int(minor), currency, _locale())
    return _amount(text.replace("-", MINUS) if int(minor) < 0 else text)


@register.filter
def money_change(minor: int | Nothing, currency: str) -> SafeString | str:
    """Write an amount with its sign, plus too: what an invoice or a balance changes by."""
    if minor is None or minor == "":
        return ""
    sign = MINUS if int(minor) < 0 else PLUS if int(minor) > 0 else ""
    return _amount(sign + ("\N{NO-BREAK SPACE}" if sign else "") + format_money(abs(int(minor)), currency, _locale()))


@register.filter
def in_fours(text: str) -> str:
    """Write a bank account in groups of four signs, as banks do."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _amount(text: str) -> SafeString:
    return format_html('<span class="money">{}</span>', text)


def _locale() -> str:
    return get_language() or "en"


# -- Time -------------------------------------------------------------------------------------------------------------


@register.filter
def instant(when: datetime | Nothing) -> SafeString | str:
    """Write an instant as people say it, “Tue 3 Mar 14:32” or “today 09:12”; the exact one on hover and in print."""
    if not when:
        return ""
    return _time(when, instant_text(when))


@register.simple_tag
def exact(when: datetime | Nothing, learned: datetime | Nothing = None) -> SafeString | str:
    """Write an instant that a decision rests on: the keyboard reaches it, and then it says its seconds and its zone.

    Args: `learned`: when we heard of it, where that differs from when it happened.
    """
    if not when:
        return ""
    tip = exact_instant_text(when)
    if learned:
        tip = _("%(exact)s; we heard of it %(learned)s") % {"exact": tip, "learned": exact_instant_text(learned)}
    return format_html(
        '<time class="instant exact" datetime="{}" tabindex="0"><span>{}</span><span class="tip">{}</span></time>',
        timezone.localtime(when).isoformat(),
        instant_text(when),
        tip,
    )


@register.filter
def day(when: date | datetime | Nothing) -> SafeString | str:
    """Write a day: “Tue 3 Mar”, with the year where it is not this one."""
    if not when:
        return ""
    local = timezone.localtime(when).date() if isinstance(when, datetime) else when
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), long_day_text(local), day_text(local)
    )


@register.filter
def ago(when: datetime | Nothing) -> SafeString | str:
    """Write how long ago something happened: “4 h ago”, “3 days ago”."""
    if not when:
        return ""
    passed = timezone.now() - when
    text = _("just now") if passed < timedelta(minutes=1) else _("%(span)s ago") % {"span": span_text(passed, parts=1)}
    return _time(when, text)


@register.filter
def silence(since: datetime | timedelta | Nothing) -> SafeString | str:
    """Write how long nothing was heard, as people count it: “3 days 4 h silent”."""
    if since is None or since == "":
        return ""
    if isinstance(since, timedelta):
        return silence_text(since)
    return _time(since, silence_text(timezone.now() - since))


@register.filter
def waited(since: datetime | timedelta | Nothing) -> str:
    """Write how long somebody has been waiting: “26 h”, and in days from the second day on."""
    if since is None or since == "":
        return ""
    passed = since if isinstance(since, timedelta) else timezone.now() - since
    return _("just now") if passed < MINUTE else span_text(passed, parts=1, hours_until=2 * DAY)


def _time(when: datetime, text: str) -> SafeString:
    """Mark `text` up as the instant `when`, which is told to the second on hover and in print."""
    return format_html(
        '<time class="instant" datetime="{}" title="{}"><span>{}</span></time>',
        timezone.localtime(when).isoformat(),
        exact_instant_text(when),
        text,
    )


# -- Words for what is stored as a code --------------------------------------------------------------------------------


def _fill(text: str, values: Mapping[str, Any]) -> SafeString:
    """Put values, marked up or not, in the places of a sentence that is not."""
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    return SafeString(escape(text) % escaped)


MARKED_UP = Style(instant, day, money, _fill)


@register.simple_tag
def refusal_sentence(refusal: Refusal, assessment: Assessment | Nothing = None, return_code: str = "") -> str:
    """Say why something may not be written off, each moment with the exact one beside it."""
    return refusal_text(refusal, assessment or None, return_code=return_code, style=MARKED_UP)


@register.simple_tag
def lifted_sentence(refusal: Refusal, assessment: Assessment) -> str:
    """Say that Partnerservice lifts a refusal, with who and why."""
    return lifted_text(refusal, assessment, style=MARKED_UP)


@register.filter
def caution(code: str) -> str:
    """Say what to know before writing off."""
    return caution_text(code)


@register.filter
def scan_status(code: str) -> str:
    """Say a status of Track & Trace in our words."""
    return scan_status_text(code)


@register.filter
def shipping_method(code: str) -> str:
    """Say under whose contract a parcel went."""
    return shipping_method_text(code)


@register.filter
def reason(code: str) -> str:
    """Say a refusal in three words; `refusal_sentence` has the whole sentence."""
    return short_refusal_text(code)


@register.simple_tag
def payable(minor: int, currency: str, state: str = "issued", *, to_finance: bool = False) -> SafeString | str:
    """Say who pays what of a sales invoice, or of what will be one."""
    text: SafeString | str = payable_text(
        minor, money(abs(minor), currency), state=state, to_finance=to_finance, style=MARKED_UP
    )
    return text


@register.filter
def as_on_invoices(minor: int | Nothing) -> int | Nothing:
    """Return a balance of the ledger, where positive is the seller's, with the sign that invoices give it."""
    return -minor if minor else minor


@register.filter
def without_sign(minor: int | Nothing) -> int | Nothing:
    """Return an amount whose direction the words beside it say."""
    return abs(minor) if minor else minor


# -- People -----------------------------------------------------------------------------------------------------------


@register.filter
def language_name(code: str) -> str:
    """Name a language in the reader's own; the code itself where nobody knows it."""
    return str(_babel().languages.get(code.replace("_", "-").split("-")[0], code)).capitalize()


@register.filter
def country_name(code: str) -> str:
    """Name a country (ISO 3166-1 alpha-2) in the reader's language; the code itself where nobody knows it."""
    return country_text(code)


def _babel() -> Locale:
    try:
        return Locale.parse(_locale(), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


# -- The page's own furniture -----------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a sign of `static/icons.svg`. It is an ornament: the words beside it say the same."""
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


# By the page that navigation leads to: the pages below it.
PAGES_BELOW = {
    "portal:orders": ("order", "start-contact"),
    "portal:customer-queries": (
        *("view-keep", "view-remove"),
        *("customer-query", "query-answer", "query-note", "query-close", "query-reopen", "query-put-aside"),
        *("query-hand-over", "query-assign"),
        *("find-order", "write-off", "write-off-check", "write-off-confirm", "ask-partnerservice"),
    ),
    "portal:invoices": ("invoice", "coming-invoice", "statement", "shop-refunds", "credit-notes", "self-check"),
    "desk:requests": ("request",),
    "desk:parked-mails": ("parked-mail",),
    "desk:refunds": ("refund",),
    "desk:invoices": ("invoice",),
    "desk:restorations": ("restoration",),
    "desk:self-checks": ("self-check",),
}


@register.simple_tag(takes_context=True)
def current(context: Context, namespace: str, name: str) -> SafeString | str:
    """Mark a navigation link of which this page is one (`page` for the page itself, `true` for those below it)."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None or match.namespace != namespace:
        return ""
    if match.url_name == name:
        return SafeString(' aria-current="page"')
    below = match.url_name in PAGES_BELOW.get(f"{namespace}:{name}", ())
    return SafeString(' aria-current="true"') if below else ""

"""How pages write money and time: for a person to read, with the exact value beside it for whoever wants to be sure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from babel import Locale, UnknownLocaleError
from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from lostpost.core.money import format_money

register = template.Library()

MINUS, PLUS = "\N{MINUS SIGN}", "+"
Nothing = Literal[""] | None  # What a template hands over for a value that it does not have.
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


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
    return _time(when, _said(timezone.localtime(when)))


@register.simple_tag
def exact(when: datetime | Nothing, learned: datetime | Nothing = None) -> SafeString | str:
    """Write an instant that a decision rests on: the keyboard reaches it, and then it says its seconds and its zone.

    Args: `learned`: when we heard of it, where that differs from when it happened.
    """
    if not when:
        return ""
    local = timezone.localtime(when)
    tip = _exact(local)
    if learned:
        tip = _("%(exact)s; we heard of it %(learned)s") % {
            "exact": tip,
            "learned": _exact(timezone.localtime(learned)),
        }
    return format_html(
        '<time class="instant exact" datetime="{}" tabindex="0"><span>{}</span><span class="tip">{}</span></time>',
        local.isoformat(),
        _said(local),
        tip,
    )


@register.filter
def instant_text(when: datetime | Nothing) -> str:
    """Write an instant as people say it, without markup: for a sentence that is translated as a whole."""
    return _said(timezone.localtime(when)) if when else ""


@register.filter
def day(when: date | datetime | Nothing) -> SafeString | str:
    """Write a day: “Tue 3 Mar”, with the year where it is not this one."""
    if not when:
        return ""
    local = timezone.localtime(when).date() if isinstance(when, datetime) else when
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), _long_day(local), _said_day(local)
    )


@register.filter
def ago(when: datetime | Nothing) -> SafeString | str:
    """Write how long ago something happened: “4 h ago”, “3 days ago”."""
    if not when:
        return ""
    passed = timezone.now() - when
    text = _("just now") if passed < timedelta(minutes=1) else _("%(span)s ago") % {"span": span(passed, parts=1)}
    return _time(when, text)


@register.filter
def silence(since: datetime | timedelta | Nothing) -> SafeString | str:
    """Write how long nothing was heard, as people count it: “3 days 4 h silent”."""
    if since is None or since == "":
        return ""
    if isinstance(since, timedelta):
        return _("%(span)s silent") % {"span": span(since)}
    return _time(since, _("%(span)s silent") % {"span": span(timezone.now() - since)})


@register.filter
def waited(since: datetime | timedelta | Nothing) -> str:
    """Write how long somebody has been waiting: “26 h”, and in days from the second day on."""
    if since is None or since == "":
        return ""
    passed = since if isinstance(since, timedelta) else timezone.now() - since
    return _("just now") if passed < MINUTE else span(passed, parts=1, hours_until=2 * DAY)


def span(passed: timedelta, *, parts: int = 2, hours_until: timedelta = DAY) -> str:
    """Write a length of time in days and hours, or hours, or minutes; never longer than it was."""
    passed = max(passed, timedelta())
    if passed < HOUR:
        minutes = passed // timedelta(minutes=1)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if passed < hours_until:
        return pgettext("hours, short", "%(n)d h") % {"n": passed // HOUR}
    days, rest = divmod(passed, DAY)
    text = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if parts > 1 and rest >= HOUR:
        text += " " + pgettext("hours, short", "%(n)d h") % {"n": rest // HOUR}
    return text


def _time(when: datetime, text: str) -> SafeString:
    """Mark `text` up as the instant `when`, which is told to the second on hover and in print."""
    local = timezone.localtime(when)
    return format_html(
        '<time class="instant" datetime="{}" title="{}"><span>{}</span></time>', local.isoformat(), _exact(local), text
    )


def _said(local: datetime) -> str:
    """Write an instant of the current zone as people at work say it today."""
    now = timezone.localtime(timezone.now())
    clock = date_format(local, "H:i")
    if local.date() == now.date():
        return _("today %(time)s") % {"time": clock}
    if local.date() == now.date() - DAY:
        return _("yesterday %(time)s") % {"time": clock}
    if local.date() == now.date() + DAY:
        return _("tomorrow %(time)s") % {"time": clock}
    return f"{_said_day(local.date())} {clock}"


def _said_day(local: date) -> str:
    today = timezone.localtime(timezone.now()).date()
    # Translators: Django's date format letters; D and M are the short names of day and month.
    this_year, other_year = pgettext("date format", "D j M"), pgettext("date format", "D j M Y")
    return date_format(local, this_year if local.year == today.year else other_year)


def _long_day(local: date) -> str:
    return date_format(local, pgettext("date format", "l j F Y"))


def _exact(local: datetime) -> str:
    """Write an instant to the second, with its zone's abbreviation and name."""
    zone = timezone.get_current_timezone_name()
    return f"{_long_day(local.date())} {date_format(local, 'H:i:s')} {date_format(local, 'T')} ({zone})"


# -- Words for what is stored as a code --------------------------------------------------------------------------------

SCAN_STATUSES = {
    "announced": gettext_lazy("Announced to the carrier"),
    "with_carrier": gettext_lazy("With the carrier"),
    "in_transit": gettext_lazy("On its way"),
    "exception": gettext_lazy("Something went wrong"),
    "at_pickup_point": gettext_lazy("At a pick-up point"),
    "picked_up": gettext_lazy("Picked up by the customer"),
    "delivered_at_neighbours": gettext_lazy("Delivered at the neighbours"),
    "delivered": gettext_lazy("Delivered"),
    "returning": gettext_lazy("On its way back to you"),
    "returned": gettext_lazy("Back with you"),
}
SHIPPING_METHODS = {
    "own": gettext_lazy("your own shipping method"),
    "logistics_via_platform": gettext_lazy("Logistics via the platform"),
    "shipping_via_platform": gettext_lazy("Shipping via the platform"),
    "label_via_platform": gettext_lazy("shipping label via the platform"),
}
REASONS = {
    "not-shipped": gettext_lazy("Not shipped"),
    "logistics-via-platform": gettext_lazy("Logistics via the platform"),
    "shipping-via-platform": gettext_lazy("Shipping via the platform"),
    "label-via-platform": gettext_lazy("Shipping label via the platform"),
    "fully-written-off": gettext_lazy("Fully written off"),
    "returned": gettext_lazy("Returned or in return"),
    "recent-update": gettext_lazy("Recent update"),
    "order-too-old": gettext_lazy("Order too old"),
    "delivered": gettext_lazy("Delivered, says the carrier"),
    "returned-to-sender": gettext_lazy("Going back to the sender"),
    "awaiting-pickup": gettext_lazy("Waiting at a pick-up point"),
    "query-not-open": pgettext_lazy("customer query", "Not open"),
    "query-with-partnerservice": gettext_lazy("With Partnerservice"),
    "query-of-other-order": gettext_lazy("About another order"),
}


@register.filter
def scan_status(code: str) -> str:
    """Say a status of Track & Trace in our words."""
    return str(SCAN_STATUSES.get(code, code))


@register.filter
def shipping_method(code: str) -> str:
    """Say under whose contract a parcel went."""
    return str(SHIPPING_METHODS.get(code, code))


@register.filter
def reason(code: str) -> str:
    """Say a refusal in three words; `parts/refusal.html` has the whole sentence."""
    return str(REASONS.get(code, code))


# -- People -----------------------------------------------------------------------------------------------------------


@register.filter
def language_name(code: str) -> str:
    """Name a language in the reader's own; the code itself where nobody knows it."""
    return str(_babel().languages.get(code.replace("_", "-").split("-")[0], code)).capitalize()


@register.filter
def country_name(code: str) -> str:
    """Name a country (ISO 3166-1 alpha-2) in the reader's language; the code itself where nobody knows it."""
    return str(_babel().territories.get(code, code))


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


@register.simple_tag(takes_context=True)
def current(context: Context, namespace: str, *names: str) -> SafeString | str:
    """Mark a navigation link of which this page is one (`page` for the first name given, `true` for those below it)."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None or match.namespace != namespace or match.url_name not in names:
        return ""
    return format_html(' aria-current="{}"', "page" if match.url_name == names[0] else "true")

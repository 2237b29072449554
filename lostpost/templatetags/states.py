"""How pages show states and events: the words of `texts/`, each with its sign, its shape and its colour."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lostpost.eligibility.assess import Check
from lostpost.refunds.models import Refund
from lostpost.templatetags.lostpost import MARKED_UP, Nothing, icon
from lostpost.texts.checks import check_text
from lostpost.texts.entry_details import EntryDetails
from lostpost.texts.refund_problems import refund_problem_text
from lostpost.texts.refunds import refund_next_text
from lostpost.texts.sales_channels import record_kind_text
from lostpost.texts.states import not_yet_text, state_text
from lostpost.texts.timeline import DescribedEntry, timeline_details, timeline_heading
from lostpost.texts.webhooks import next_try_text, webhook_state_text

register = template.Library()

UNKNOWN_TAG = ("hollow", "ring")
# By the kind of thing and its state: the class that colours its tag, and the sign in it.
TAGS = {
    "unit": {
        "eligible": ("good", "check"),
        "not-yet": ("wait", "clock"),
        "paused": ("wait", "pause"),
        "not-possible": ("bad", "cross"),
        "written-off": ("lost", "lost"),
        "cancelled": ("hollow", "minus"),
    },
    "feed": {
        "silent": ("bad", "alert"),
        "lifted": ("wait", "flag"),
        "fewer": ("wait", "alert"),
        "steady": ("good", "check"),
        "learning": ("hollow", "clock"),
        "too-few": ("hollow", "minus"),
    },
    "query": {
        "open": ("calm", "ring"),
        "waiting_for_customer": ("", "pause"),
        "follow_up_later": ("wait", "flag"),
        "with_partnerservice": ("hollow", "person"),
        "handled": ("hollow", "check"),
    },
    "refund": {
        "requested": ("wait", "clock"),
        "sent": ("calm", "right"),
        "confirmed": ("good", "double-check"),
        "failed": ("bad", "alert"),
    },
    "request": {
        "waiting": ("wait", "clock"),
        "answered": ("hollow", "check"),
    },
    "outcome": {
        "answered": ("hollow", "check"),
        "approved": ("good", "check"),
        "declined": ("bad", "cross"),
        "released": ("good", "check"),
        "upheld": ("bad", "cross"),
    },
    "found": {
        "open": ("bad", "parcel"),
        "asked": ("hollow", "pause"),
        "unanswered": ("wait", "clock"),
        "settled": ("good", "check"),
    },
    "found-outcome": {
        "asked": ("hollow", "pause"),
        "agreed": ("good", "check"),
        "not-paid": ("bad", "alert"),
        "declined": ("bad", "cross"),
        "withdrawn": ("hollow", "turn"),
        "unanswered": ("wait", "clock"),
        "done": ("hollow", "check"),
    },
    "party": {
        "seller": ("hollow", "pause"),
        "customer": ("hollow", "pause"),
    },
    "batch": {
        "waiting": ("wait", "person"),
        "running": ("calm", "right"),
        "finished": ("hollow", "check"),
        "cancelled": ("hollow", "cross"),
    },
    "armed": {
        "armed": ("wait", "clock"),
        "executed": ("lost", "lost"),
        "disarmed": ("hollow", "cross"),
    },
    "batch-line": {
        "pending": ("hollow", "clock"),
        "claimed": ("calm", "right"),
        "done": ("lost", "lost"),
        "refused": ("bad", "cross"),
    },
    "action-line": {
        "pending": ("hollow", "clock"),
        "done": ("good", "check"),
        "refused": ("bad", "cross"),
    },
    "mail": {
        "queued": ("hollow", "clock"),
        "sent": ("hollow", "check"),
        "handed_over": ("wait", "alert"),
        "failed": ("bad", "alert"),
    },
    "delivery": {
        "delayed": ("wait", "clock"),
        "delivered": ("good", "double-check"),
        "bounced": ("bad", "alert"),
    },
    "invoice": {
        "issued": ("wait", "clock"),
        "paid": ("good", "double-check"),
        "carried": ("hollow", "right"),
        "settled": ("hollow", "check"),
    },
    "restoration": {
        "agreed": ("wait", "clock"),
        "received": ("good", "double-check"),
        "withdrawn": ("hollow", "cross"),
    },
    "tracking-source": {
        "working": ("good", "check"),
        "waiting": ("wait", "clock"),
        "refusing": ("bad", "alert"),
    },
    "sales-channel": {
        "working": ("good", "check"),
        "waiting": ("wait", "clock"),
        "failing": ("bad", "alert"),
        "paused": ("hollow", "pause"),
    },
    "connector-account": {
        "answered": ("good", "check"),
        "not-asked": ("wait", "clock"),
        "failing": ("bad", "alert"),
    },
    "check": {
        "agrees": ("good", "check"),
        "differs": ("bad", "alert"),
    },
    "webhook": {
        "parked": ("bad", "pause"),
        "failing": ("wait", "alert"),
        "behind": ("calm", "right"),
        "up-to-date": ("good", "check"),
    },
}
# By the kind of an entry of the timeline: the class that colours it, and the sign beside it.
ENTRIES = {
    "message.sent": ("out", "out"),
    "message.received": ("in", "in"),
    "note.added": ("note", "note"),
    "query.opened": ("", "ring"),
    "query.closed": ("", "check"),
    "query.reopened": ("", "turn"),
    "query.put-aside": ("", "pause"),
    "query.with-partnerservice": ("", "person"),
    "query.followed-up": ("", "turn"),
    "query.returned": ("", "turn"),
    "query.assigned": ("", "person"),
    "query.closing-announced": ("", "out"),
    "query.overdue": ("bad", "alert"),
    "write-off.confirmed": ("lost", "lost"),
    "write-off.armed": ("wait", "pause"),
    "write-off.disarmed": ("said", "cross"),
    "write-off.carried-out": ("", "check"),
    "refund.requested": ("", "money"),
    "refund.sent": ("", "money"),
    "refund.confirmed": ("good", "double-check"),
    "refund.failed": ("bad", "alert"),
    "restoration.agreed": ("", "money"),
    "restoration.received": ("", "double-check"),
    "restoration.withdrawn": ("", "turn"),
    "restoration.delivery-waived": ("", "money"),
    "restoration.delivery-paid": ("wait", "money"),
    "found.opened": ("bad", "parcel"),
    "found.seen-again": ("", "parcel"),
    "found.asked": ("", "person"),
    "found.reminded": ("wait", "pause"),
    "found.agreed": ("good", "check"),
    "found.declined": ("bad", "cross"),
    "found.withdrawn": ("", "turn"),
    "found.unanswered": ("wait", "pause"),
    "found.not-paid": ("bad", "alert"),
    "found.returned": ("", "turn"),
    "found.let-go": ("", "check"),
    "partnerservice.asked": ("", "person"),
    "partnerservice.inquired": ("said", "person"),
    "partnerservice.replied": ("", "person"),
    "partnerservice.answered": ("said", "person"),
    "partnerservice.approved": ("good", "check"),
    "partnerservice.declined": ("said", "cross"),
    "partnerservice.released": ("good", "check"),
    "partnerservice.upheld": ("bad", "cross"),
    "partnerservice.not-written-off": ("bad", "alert"),
    "compensation.granted": ("good", "money"),
    "declaration.asked": ("", "out"),
    "declaration.signed": ("good", "note"),
    "link.revoked": ("", "cross"),
    "hold.placed": ("bad", "pause"),
    "mail.failed": ("bad", "alert"),
    "mail.sent-again": ("", "out"),
    "mail.automatic": ("", "right"),
    "mail.forwarded": ("", "right"),
    "mail.parked": ("wait", "pause"),
    "mail.not-sent": ("wait", "pause"),
    "mail.answer-lost": ("bad", "alert"),
    "parcel.scanned": ("", "scan"),
}
UNKNOWN_ENTRY = ("", "ring")
# By the level of a message that Django hands over: the class that colours its notice, and the sign in it.
NOTICES = {"success": ("good", "check"), "warning": ("wait", "alert"), "error": ("bad", "alert")}
UNKNOWN_NOTICE = ("", "info")


class ShownWebhook(Protocol):
    """A webhook as its owner reads it."""

    @property
    def state(self) -> str:
        """How it fares."""
        ...

    @property
    def behind(self) -> int:
        """How many events its address has not taken yet."""
        ...

    @property
    def next_try_at(self) -> datetime | None:
        """When it is sent to again; none if that is any moment now."""
        ...


# -- Tags -------------------------------------------------------------------------------------------------------------


@register.simple_tag
def state_tag(of: str, state: str, eligible_from: datetime | Nothing = None) -> SafeString:
    """Show a state. Args: `eligible_from`: of units that may not be written off yet, when they may."""
    if of == "unit" and state == "not-yet":
        text = not_yet_text(eligible_from, MARKED_UP) if eligible_from else state_text(of, state)
        return _tag(of, state, format_html("<span>{}</span>", text))
    return _tag(of, state, state_text(of, state))


@register.simple_tag
def result_tag(agrees: bool) -> SafeString:
    """Show whether a self-check agrees."""
    return state_tag("check", "agrees" if agrees else "differs")


@register.simple_tag
def webhook_tag(webhook: ShownWebhook) -> SafeString:
    """Show how a webhook fares."""
    return _tag("webhook", webhook.state, webhook_state_text(webhook.state, webhook.behind))


@register.filter
def record_kind(kind: str) -> str:
    """Say what kind of a platform's record was refused."""
    return record_kind_text(kind)


@register.filter
def state_word(state: str, of: str) -> str:
    """Say a state without its tag."""
    return state_text(of, state)


def _tag(of: str, state: str, text: str) -> SafeString:
    colour, sign = TAGS[of].get(state, UNKNOWN_TAG)
    return format_html('<span class="{}">{}{}</span>', f"tag {colour}".strip(), icon(sign), text)


# -- Sentences --------------------------------------------------------------------------------------------------------


@register.simple_tag
def next_try(webhook: ShownWebhook) -> str:
    """Say when an address is sent to next."""
    return next_try_text(webhook.state, webhook.next_try_at, MARKED_UP)


@register.filter
def check_fact(check: Check) -> str:
    """Say the fact behind a check of the policy."""
    return check_text(check, MARKED_UP)


@register.filter
def refund_next(refund: Refund) -> str:
    """Say what comes next of a refund, to its seller."""
    problem = refund_problem_text(refund.problem_code, refund.problem)
    return refund_next_text(refund.state, confirmed_at=refund.confirmed_at, problem=problem, style=MARKED_UP)


# -- The timeline -----------------------------------------------------------------------------------------------------


@register.filter
def entry_heading(entry: DescribedEntry) -> str:
    """Say what happened."""
    return timeline_heading(entry, MARKED_UP)


@register.simple_tag
def entry_details(entry: DescribedEntry) -> EntryDetails:
    """Say what there is to add."""
    return timeline_details(entry, MARKED_UP)


@register.filter
def entry_class(entry: DescribedEntry) -> str:
    """Name the class that colours an entry."""
    return ENTRIES.get(entry.kind, UNKNOWN_ENTRY)[0]


@register.simple_tag
def entry_icon(entry: DescribedEntry) -> SafeString:
    """Draw the sign of an entry."""
    return icon(ENTRIES.get(entry.kind, UNKNOWN_ENTRY)[1])


@register.filter
def notice_class(level: str) -> str:
    """Name the class that colours a message."""
    return NOTICES.get(level, UNKNOWN_NOTICE)[0]


@register.simple_tag
def notice_icon(level: str) -> SafeString:
    """Draw the sign of a message."""
    return icon(NOTICES.get(level, UNKNOWN_NOTICE)[1])

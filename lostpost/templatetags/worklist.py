"""How pages show the worklist: what is to be done in a row, with its sign and its colour."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lostpost.templatetags.lostpost import MARKED_UP, icon
from lostpost.texts.worklist import action_text

register = template.Library()

# By what is to be done: the class that colours its tag, and the sign in it.
ACTIONS = {
    "refund-failed": ("bad", "alert"),
    "found": ("bad", "parcel"),
    "answered": ("calm", "person"),
    "write-off": ("good", "lost"),
    "answer": ("calm", "in"),
    "not-yet": ("wait", "clock"),
    "follow-up": ("wait", "flag"),
    "with-partnerservice": ("hollow", "person"),
    "contact": ("wait", "out"),
    "handled": ("hollow", "check"),
}
OTHERS = ("hollow", "pause")


class Actionable(Protocol):
    """A row of the worklist, as far as its tag goes."""

    @property
    def action(self) -> str:
        """What is to be done."""
        ...

    @property
    def action_at(self) -> datetime | None:
        """From or until when."""
        ...


@register.simple_tag
def action_tag(row: Actionable) -> SafeString:
    """Show what is to be done in a row."""
    colour, sign = ACTIONS.get(row.action, OTHERS)
    text = action_text(row.action, row.action_at, MARKED_UP)
    return format_html('<span class="tag {}">{}<span>{}</span></span>', colour, icon(sign), text)


@register.simple_tag
def action_icon(row: Actionable) -> SafeString:
    """Draw the sign of what is to be done in a row."""
    return icon(ACTIONS.get(row.action, OTHERS)[1])


@register.simple_tag
def action_words(row: Actionable) -> str:
    """Say what is to be done in a row, without its tag."""
    return action_text(row.action, row.action_at, MARKED_UP)

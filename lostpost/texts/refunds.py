"""What comes next of a refund, as the seller reads it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from lostpost.texts.style import PLAIN, Style

NEXT = {
    "requested": _("We pay it to the customer’s own means of payment; you need do nothing."),
    "sent": _("The bank or provider has it; that takes a few working days."),
    "confirmed": _("The customer has it since %(when)s."),
    "failed": _("Our finance team mends it; the customer query stays open until then."),
}


def refund_next_text(
    state: str, *, confirmed_at: datetime | None = None, problem: str = "", style: Style = PLAIN
) -> str:
    """Say what comes next of a refund; of one that failed, its problem before."""
    sentence = style.fill(str(NEXT.get(state, "")), {"when": style.instant(confirmed_at) if confirmed_at else ""})
    if state == "failed" and problem:
        return style.fill("%(problem)s · %(next)s", {"problem": problem, "next": sentence})
    return sentence

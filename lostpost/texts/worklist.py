"""The words of the worklist: what is to be done in a row, and the views that are shipped."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lostpost.texts.style import PLAIN, Style

ACTIONS = {
    "refund-failed": _("Refund failed"),
    "found": _("Parcel found"),
    "answered": _("Partnerservice answered"),
    "write-off": pgettext_lazy("worklist", "Write off"),
    "answer": pgettext_lazy("worklist", "Answer"),
    "not-yet": _("From %(when)s"),
    "follow-up": _("Follow up later"),
    "waits": _("The customer has the word"),
    "with-partnerservice": _("At Partnerservice until %(when)s"),
    "handled": _("Handled %(when)s"),
    "contact": _("Write to the customer"),
    "look": _("You wrote last"),
}
VIEWS = {
    "to-do": pgettext_lazy("worklist", "To do"),
    "due-today": _("Due today"),
    "answer": _("Answer awaited"),
    "write-off": _("Can be written off"),
    "money": _("Money stuck"),
    "partnerservice": _("Partnerservice answered"),
    "silent": _("Silent parcels"),
    "mine": pgettext_lazy("customer queries", "Mine"),
    "unassigned": _("Nobody has it"),
}
RADAR_QUERIES = {
    "none": _("No customer query"),
    "open": _("Customer query in hand"),
    "handled": _("Customer query handled"),
}
NEEDS = {
    "answer": _("Answer the customer"),
    "write-off": _("Write off"),
    "money": _("Money stuck or parcel found"),
    "partnerservice": _("Read Partnerservice’s answer"),
    "silent": _("Silent parcels that nobody asked about"),
}
SORTS = {
    "deadline": _("Next deadline"),
    "value": _("Highest value"),
    "age": _("Longest waiting"),
    "eligible": _("Can be written off soonest"),
    "claim": _("Carrier’s last day for a claim"),
}
DUE = {"0": _("today"), "1": _("until tomorrow"), "3": _("within 3 days"), "7": _("within 7 days")}
SORTED_BY = {
    "deadline": _("What is due next stands first."),
    "value": _("The highest value stands first."),
    "age": _("Who waits longest stands first."),
    "eligible": _("What can be written off soonest stands first."),
    "claim": _("By the carrier’s last day for a claim; those that are over stand first."),
}


def action_text(action: str, at: datetime | None, style: Style = PLAIN) -> str:
    """Say what is to be done, and from or until when."""
    return style.fill(str(ACTIONS[action]), {"when": style.instant(at) if at else ""})

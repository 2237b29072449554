"""The words for the states of things, as their tags show them and lists of choices offer them."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lostpost.texts.style import PLAIN, Style

# By the kind of thing and the state that is stored (of units: that the policy gives; of checks: whether they agree).
STATES = {
    "unit": {
        "eligible": _("Eligible"),
        "not-yet": _("Not yet"),
        "not-possible": _("Not possible"),
        "written-off": _("Written off"),
        "cancelled": _("Cancelled"),
    },
    "query": {
        "open": pgettext_lazy("customer query", "Open"),
        "waiting_for_customer": _("Waiting for customer"),
        "follow_up_later": _("Follow up later"),
        "with_partnerservice": _("With Partnerservice"),
        "handled": _("Handled"),
    },
    "refund": {
        "requested": _("Refund requested"),
        "sent": _("Refund sent"),
        "confirmed": _("Refund confirmed"),
        "failed": _("Refund failed"),
    },
    "request": {
        "waiting": _("Waiting for Partnerservice"),
        "answered": _("Answered"),
    },
    "mail": {
        "queued": pgettext_lazy("e-mail", "Not sent yet"),
        "sent": pgettext_lazy("e-mail", "Sent"),
        "handed_over": _("Handed over, answer lost"),
        "failed": pgettext_lazy("e-mail", "Could not be sent"),
    },
    "invoice": {
        "issued": _("To be paid"),
        "paid": pgettext_lazy("invoice", "Paid"),
        "carried": _("Carried over"),
        "settled": _("Nothing to pay"),
    },
    "restoration": {
        "agreed": _("Agreed, not paid yet"),
        "received": _("Payment restored"),
        "withdrawn": _("Withdrawn"),
    },
    "check": {
        "agrees": _("Agrees"),
        "differs": _("Differs"),
    },
    "refunds": {  # Lists of them at the desk.
        "requested": _("To pay"),
        "sent": pgettext_lazy("refunds", "Sent"),
        "failed": pgettext_lazy("refunds", "Failed"),
        "confirmed": pgettext_lazy("refunds", "Paid"),
    },
    "invoices": {  # Lists of them at the desk.
        "pay-out": _("To pay out"),
        "debts": _("Debts of sellers"),
        "paid": pgettext_lazy("invoices", "Paid"),
    },
    "worklist": {  # Why something waits for the shop.
        "refund-failed": _("The refund failed"),
        "answered": _("Partnerservice answered"),
        "eligible": _("Can be written off now"),
        "query": _("Your answer is awaited"),
    },
}
NOT_YET_UNTIL = _("Not yet: %(when)s")


def state_text(of: str, state: str) -> str:
    """Say the state of a thing; of a later version's, which nobody here knows, the words of its code."""
    return str(STATES[of].get(state, state.replace("_", " ").replace("-", " ")))


def not_yet_text(eligible_from: datetime, style: Style = PLAIN) -> str:
    """Say from when units may be written off."""
    return style.fill(str(NOT_YET_UNTIL), {"when": style.instant(eligible_from)})

"""Why an armed write-off was disarmed, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SENTENCES: Mapping[str, Promise] = {
    "person": _("somebody of the shop disarmed it."),
    "scan": _("there is news of the parcel."),
    "message": _("the customer wrote."),
    "return": _("a return of it changed."),
    "written-off": _("something of the order was written off."),
    "policy": _("the policy changed."),
    "feed-silent": _("the carrier's scans do not reach us, so its silence proves nothing."),
    "changed": _("the order, its parcels or the amounts are not as they were."),
    "query": _("the customer query is closed, or Partnerservice has it."),
    "rights": _("who armed it may not write off for this shop any more."),
    "on-hold": _("write-offs are on hold, or the limit of the day was reached."),
    "refused": _("it could not be written off on its day."),
}


def disarm_text(code: str) -> str:
    """Return the end of a sentence that says why."""
    return str(_SENTENCES.get(code, code))

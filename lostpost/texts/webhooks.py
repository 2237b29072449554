"""How a webhook fares, why a delivery failed, and when its address is sent to next."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils.translation import gettext as translated  # Of sentences that are stored in English.
from django.utils.translation import gettext_noop, ngettext, pgettext

from lostpost.texts.style import PLAIN, Style

# Stored in English with the delivery, and shown in the reader's language; what engineers need follows in brackets.
DELIVERY_PROBLEMS = {
    "gone": gettext_noop("The address answered 410: it is gone."),
    "answer-too-long": gettext_noop("The answer went on and on; an empty one is enough."),
    "refused": gettext_noop("The address answered %(status)d."),
    "host-unknown": gettext_noop("Nobody knows the name of this host."),
    "nobody-listens": gettext_noop("Nobody listens at this address."),
    "timeout": gettext_noop("Nobody answered in time."),
    "certificate": gettext_noop("The certificate of this address cannot be trusted."),
    "not-http": gettext_noop("The answer is not HTTP, or it broke off."),
    "no-connection": gettext_noop("The connection failed."),
}
_REFUSED = re.compile(DELIVERY_PROBLEMS["refused"].replace(".", r"\.").replace("%(status)d", r"(?P<status>\d{3})"))


def delivery_problem_text(problem: str) -> str:
    """Return a stored problem in the reader's language; the part in brackets stays as it is."""
    if not problem:
        return ""
    if refused := _REFUSED.fullmatch(problem):
        return translated(DELIVERY_PROBLEMS["refused"]) % {"status": int(refused["status"])}
    for sentence in DELIVERY_PROBLEMS.values():
        if problem.startswith(f"{sentence} ("):
            return translated(sentence) + problem.removeprefix(sentence)
    return translated(problem)


def webhook_state_text(state: str, behind: int) -> str:
    """Say how a webhook fares. `behind`: how many events its address has not taken yet."""
    if state == "parked":
        return pgettext("webhook", "Parked")
    if state in ("failing", "behind") and behind:
        return ngettext("%(n)s event behind", "%(n)s events behind", behind) % {"n": behind}
    return pgettext("webhook", "Failed") if state == "failing" else pgettext("webhook", "Up to date")


def next_try_text(state: str, next_try_at: datetime | None, style: Style = PLAIN) -> str:
    """Say when the address is sent to next."""
    if state == "parked":
        return pgettext("next try", "None, until you send again")
    if next_try_at:
        return style.instant(next_try_at)
    if state == "up-to-date":
        return pgettext("next try", "With the next event")
    return pgettext("next try", "Within seconds")

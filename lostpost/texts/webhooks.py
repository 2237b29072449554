"""How a webhook fares, and when its address is sent to next."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import ngettext, pgettext

from lostpost.texts.style import PLAIN, Style


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

"""What an answer quotes of the customer's last message: short, folded and plain, so that they know what it answers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lostpost.accounts.policy import current_policy
from lostpost.customer_queries.models import TimelineEntry
from lostpost.texts.moments import day_text

WIDTH, MOST_LINES = 72, 20
LEFT_OUT = "[…]"


@dataclass(frozen=True, slots=True)
class QuotedMessage:
    """A message of the customer, in lines. `written_on`: a day of the marketplace's calendar."""

    written_on: date
    lines: Sequence[str]

    @property
    def day(self) -> str:
        """The day in the current language."""
        return day_text(self.written_on)


def last_received_message(*, seller_id: UUID, query_id: UUID, before: datetime) -> QuotedMessage | None:
    """Return the customer's last message before an answer; None where they wrote nothing, or only sent files."""
    received = TimelineEntry.objects.filter(
        seller_id=seller_id, query_id=query_id, kind="message.received", at__lt=before
    )
    entry = received.order_by("-at", "-id").first()
    if entry is None or not entry.text.strip():
        return None
    return QuotedMessage(entry.at.astimezone(current_policy().zone).date(), quoted_lines(entry.text))


def quoted_lines(text: str) -> list[str]:
    """Return a text in short lines, the first ones; what is left out is marked."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        lines += textwrap.wrap(line, WIDTH) or [""]
        if len(lines) > MOST_LINES:
            return [*lines[:MOST_LINES], LEFT_OUT]
    return lines

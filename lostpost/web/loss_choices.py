"""What the pages about losses of the portal and the desk share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lostpost.insight.false_losses import false_losses
from lostpost.reporting.loss_overview import first_month, loss_overview, losses_by_article, silences_now

SPANS = (3, 6, 12, 24)  # Months that can be chosen.


def losses_shown(span: str, *, now: datetime, zone: ZoneInfo, seller_id: UUID | None = None) -> dict[str, Any]:
    """Return what `parts/losses.html` shows of a shop, or of all shops.

    Args: `span`: months as the address has them; anything else than one of `SPANS` is the default.
    """
    months = int(span) if span in map(str, SPANS) else (12 if seller_id else SPANS[0])
    since = first_month(now, zone, months=months)
    overview = loss_overview(since=since, now=now, zone=zone, seller_id=seller_id)
    articles = losses_by_article(seller_id, since=since) if seller_id else []
    groups = [("carrier", overview.carriers), ("country", overview.countries), ("article", articles)]
    return {
        "span": months,
        "spans": SPANS,
        "since": since,
        "overview": overview,
        "groups": [{"of": of, "rows": rows} for of, rows in groups if rows],
        "silences": silences_now(now=now, seller_id=seller_id),
        "came": false_losses(since=since, seller_id=seller_id),
    }

"""What a shop lost in the mail, and what of it came back: goods that it took back, and payments that were restored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from lostpost.core.sql import fetch, sql_file

SPAN = timedelta(days=90)
_LOSSES = sql_file(__name__, "losses_of_shop")


class LossesOfShop(NamedTuple):
    """Sums of a span in one currency, in minor units. What came back may have been written off before the span."""

    currency: str
    lost_minor: int  # Refunded for what was written off.
    taken_back_minor: int  # The refunds' share of goods that came back to the shop; no money moved.
    paid_again_minor: int  # By customers who had the goods after all.


def losses_of_shop(seller_id: UUID, *, now: datetime) -> Sequence[LossesOfShop]:
    """Return the losses of the last days, by currency."""
    return [LossesOfShop(*row) for row in fetch(_LOSSES, {"seller": seller_id, "since": now - SPAN})]

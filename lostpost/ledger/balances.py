"""What was booked between two accounts, added up: from closing balances, so it takes no longer as the ledger grows."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lostpost.core.sql import fetch, sql_file

_BOOKED_BEFORE = sql_file(__name__, "booked_before")


class BookedSum(NamedTuple):
    """Transfers of one kind from one account to another in one currency, added up."""

    currency: str
    debit: str
    credit: str
    kind: str
    transfers: int
    amount_minor: int

    def on(self, account: str) -> int:
        """Return what they come to on an account, credits positive."""
        return self.amount_minor * ((self.credit == account) - (self.debit == account))


def booked_before(seller_id: UUID, until_at: datetime, *, closed_until: datetime | None = None) -> list[BookedSum]:
    """Return all that was booked for a shop before an instant.

    Args: `closed_until`: closing balances that are newer than this are not read; None: those of `until_at` are.
    """
    parameters = {"seller": seller_id, "until": until_at, "closed_until": closed_until or until_at}
    return [BookedSum(*row) for row in fetch(_BOOKED_BEFORE, parameters)]

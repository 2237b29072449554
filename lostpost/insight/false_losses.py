"""False losses: parcels that were written off and came after all, by carrier and version of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file
from lostpost.tracking.newest_scan import STATUSES

LOOKED_BACK = timedelta(days=365)  # At write-offs, where nobody says since when.

_CAME = sql_file(__name__, "came_after_all")
_OF_SHOP = sql_file(__name__, "false_losses", of_shop="write_off.seller_id = %(seller)s", came=_CAME)
_OF_ALL = sql_file(__name__, "false_losses", of_shop="true", came=_CAME)


@dataclass(frozen=True, slots=True)
class FalseLosses:
    """Parcels of a carrier that were written off by a version of the policy, and how many of them came after all."""

    carrier: str  # As carriers are compared.
    name: str  # As a shop wrote it.
    policy_version: int
    parcels: int
    came: int

    @property
    def share(self) -> float:
        """Which share of them came."""
        return self.came / self.parcels


def false_losses(*, since: datetime, seller_id: UUID | None = None) -> list[FalseLosses]:
    """Return the parcels that a shop, or all shops, wrote off since then, by carrier and version of the policy."""
    parameters = {"since": since, "delivered": STATUSES["delivered"]}
    if seller_id:
        return [FalseLosses(*row) for row in fetch(_OF_SHOP, {**parameters, "seller": seller_id})]
    with cross_seller("false losses: written-off parcels of all shops"):
        return [FalseLosses(*row) for row in fetch(_OF_ALL, parameters)]

"""False losses: parcels that were written off and came after all, by carrier and version of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file
from lostpost.tracking.newest_scan import STATUSES

LOOKED_BACK = timedelta(days=365)  # At write-offs, where nobody says since when.

# Whether a parcel came after it was written off: the carrier says that it delivered it, by a scan that the decision did
# not know (it may have been made before), or the customer says that it came. Of the rows `write_off` and `parcel`.
_SEEN_DELIVERED = """SELECT 1 FROM lostpost_scan scan
    WHERE scan.seller_id = parcel.seller_id AND scan.parcel_id = parcel.id AND scan.status = ANY(%(delivered)s)
      AND scan.received_at > write_off.confirmed_at AND NOT scan.from_future AND NOT scan.before_order"""
_SAID_BY_CUSTOMER = """SELECT 1 FROM lostpost_foundcase found
    JOIN lostpost_foundevidence evidence
      ON evidence.seller_id = found.seller_id AND evidence.case_id = found.id
   WHERE found.seller_id = write_off.seller_id AND found.write_off_id = write_off.id
     AND found.parcel_id = parcel.id AND evidence.kind = 'customer'"""
CAME_AFTER_ALL = f"""(
        parcel.delivered AND (parcel.last_scanned_at > write_off.confirmed_at OR EXISTS ({_SEEN_DELIVERED}))
    )
    OR EXISTS ({_SAID_BY_CUSTOMER})"""
_OF_SHOP = sql_file(__name__, "false_losses", of_shop="write_off.seller_id = %(seller)s", came=CAME_AFTER_ALL)
_OF_ALL = sql_file(__name__, "false_losses", of_shop="true", came=CAME_AFTER_ALL)


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

"""False losses: parcels that were written off and came after all, by carrier and version of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file

_BY_POLICY = sql_file(__name__, "false_losses")


@dataclass(frozen=True, slots=True)
class FalseLosses:
    """Parcels of a carrier that were written off by a version of the policy, and how many of them came after all."""

    carrier: str
    policy_version: int
    parcels: int
    came: int


def false_losses(*, since: datetime) -> list[FalseLosses]:
    """Return the parcels that were written off since then, of all shops, by carrier and version of the policy."""
    with cross_seller("false losses: written-off parcels of all shops"):
        return [FalseLosses(*row) for row in fetch(_BY_POLICY, {"since": since})]

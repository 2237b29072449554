"""Match scans to parcels by carrier and Track & Trace number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.core.errors import Conflict
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch
from lostpost.core.text import compact_form
from lostpost.eligibility.facts import FINAL, NO_MOVEMENT

SCANNED_BEFORE_HAND_OVER = timedelta(days=1)  # A shop may report the hand-over in the evening.
MOST_SHARING = 50  # Parcels of one number; what more parcels have is no number, such as “none”.

_PARCELS = """
    SELECT parcel.tracking_number_normalised, parcel.carrier_normalised, parcel.seller_id, parcel.code,
           placed.placed_at, parcel.shipped_at, CASE WHEN parcel.last_status = ANY(%s) THEN parcel.last_scanned_at END
      FROM lostpost_parcel parcel
      JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
     WHERE parcel.tracking_number_normalised = ANY(%s) AND parcel.tracking_number_normalised <> ''
     ORDER BY parcel.seller_id, parcel.code
"""
_PARCELS_OF_SHOP = _PARCELS.replace(" WHERE ", " WHERE parcel.seller_id = %s AND ")
_FINAL = sorted(status.value for status in FINAL)


class NumberAmbiguous(Conflict):
    """More parcels have the number than can share one."""

    code = "ambiguous"


@dataclass(frozen=True, slots=True)
class NumberedScan:
    """The parts of a scan by which it is matched; carrier and number as sent."""

    carrier: str
    tracking_number: str
    scanned_at: datetime
    status: str


class ParcelName(NamedTuple):
    """A parcel in all shops."""

    seller_id: UUID
    code: str


@dataclass(slots=True)
class _Parcel:
    name: ParcelName
    carrier: str
    placed_at: datetime
    shipped_at: datetime
    ended_at: datetime | None  # When its journey was over, as far as is known.

    def on_its_way(self, at: datetime) -> bool:
        handed_over = max(self.placed_at, self.shipped_at - SCANNED_BEFORE_HAND_OVER) <= at
        return handed_over and (self.ended_at is None or at <= self.ended_at)


def parcels_of_numbers(
    scans: Sequence[NumberedScan],
    ends: Mapping[ParcelName, datetime] | None = None,
    *,
    seller_id: UUID | None = None,
) -> list[list[ParcelName] | NumberAmbiguous]:
    """Return the parcels of each scan, with one read for the whole batch; an empty list if there is none yet.

    A number that several parcels share stands for all of them that were on their way at that time: handed over, their
    journey not over. If none of them was, it stands for all whose order was placed, else for all. A carrier that is
    missing on either side matches every carrier.

    Args: `ends`: when journeys ended by the same batch, of parcels that it names. `seller_id`: look at this shop's
    parcels alone.
    """
    by_number = _parcels({compact_form(scan.tracking_number) for scan in scans}, seller_id)
    for parcel in (each for of_number in by_number.values() for each in of_number):
        ended_at = (ends or {}).get(parcel.name)
        if ended_at and ended_at >= max(parcel.placed_at, parcel.ended_at or parcel.placed_at):
            parcel.ended_at = ended_at
    matches: dict[int, list[ParcelName] | NumberAmbiguous] = {}
    for at in sorted(range(len(scans)), key=lambda at: scans[at].scanned_at):  # So that later scans know the end.
        matches[at] = _spoken_for(scans[at], by_number)
    return [matches[at] for at in range(len(scans))]


def _spoken_for(scan: NumberedScan, by_number: Mapping[str, Sequence[_Parcel]]) -> list[ParcelName] | NumberAmbiguous:
    carrier = compact_form(scan.carrier)
    of_number = by_number.get(compact_form(scan.tracking_number), ())
    parcels = [each for each in of_number if not (carrier and each.carrier) or each.carrier == carrier]
    if len(parcels) > MOST_SHARING:
        return NumberAmbiguous(
            _("%(n)d parcels have this Track & Trace number; name seller and parcel") % {"n": len(parcels)}
        )
    placed = [each for each in parcels if each.placed_at <= scan.scanned_at]
    meant = [each for each in placed if each.on_its_way(scan.scanned_at)] or placed or parcels
    for parcel in meant:
        if scan.status in _FINAL:
            parcel.ended_at = scan.scanned_at
        elif scan.status not in NO_MOVEMENT and parcel.ended_at and parcel.ended_at < scan.scanned_at:
            parcel.ended_at = None
    return [each.name for each in meant]


def _parcels(numbers: Iterable[str], seller_id: UUID | None) -> dict[str, list[_Parcel]]:
    parcels: dict[str, list[_Parcel]] = defaultdict(list)
    if wanted := sorted(set(numbers) - {""}):
        if seller_id is None:
            with cross_seller("a carrier knows its number, not the seller"):
                rows = fetch(_PARCELS, (_FINAL, wanted))
        else:
            rows = fetch(_PARCELS_OF_SHOP, (_FINAL, seller_id, wanted))
        for number, carrier, seller_id, code, *instants in rows:
            parcels[number].append(_Parcel(ParcelName(seller_id, code), carrier, *instants))
    return parcels

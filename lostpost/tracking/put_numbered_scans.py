"""Take in scans of one shop that name a parcel by its Track & Trace number, as providers of Track & Trace do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lostpost.accounts.models import Seller
from lostpost.core.errors import Refused, Rejected
from lostpost.orders.data import ScanData
from lostpost.orders.problems import scan_problems
from lostpost.tracking.match_scans import NumberAmbiguous, NumberedScan, parcels_of_numbers
from lostpost.tracking.put_scans import ScansOutcome, put_scans
from lostpost.tracking.unmatched_scans import UnmatchedData, keep_unmatched_scans

ANY_PARCEL = "any"  # Stands in for the parcel while a scan is checked that has none yet.


@dataclass(frozen=True, slots=True)
class ScanOfNumber:
    """A scan and the number of its parcel; its `parcel` is empty."""

    tracking_number: str
    scan: ScanData


def put_numbered_scans(*, seller: Seller, scans: Sequence[ScanOfNumber], now: datetime) -> ScansOutcome:
    """Store scans of the shop's own parcels, and keep those without a parcel until it comes; a repeat changes nothing.

    The carrier is not compared: each source has names of its own for carriers, and the numbers are one shop's.
    """
    rejected: dict[int, Refused] = {}
    sound: list[int] = []
    for index, each in enumerate(scans):
        if problems := list(scan_problems(replace(each.scan, parcel=ANY_PARCEL), now)):
            rejected[index] = Rejected("; ".join(problems))
        else:
            sound.append(index)
    numbers = [
        NumberedScan("", scans[at].tracking_number, scans[at].scan.scanned_at, scans[at].scan.status) for at in sound
    ]
    of_parcels: list[tuple[int, ScanData]] = []
    copies: list[ScanData] = []  # For more parcels of a number: counted with the first.
    unmatched: dict[int, UnmatchedData] = {}
    for index, names in zip(sound, parcels_of_numbers(numbers, seller_id=seller.id), strict=True):
        scan = replace(scans[index].scan, by_number=True)
        if isinstance(names, NumberAmbiguous):
            rejected[index] = names
        elif not names:
            unmatched[index] = UnmatchedData(scan, seller.id, tracking_number=scans[index].tracking_number)
        else:
            first, *others = names
            of_parcels.append((index, replace(scan, parcel=first.code)))
            copies += [replace(scan, parcel=name.code) for name in others]
    outcome = put_scans(seller=seller, scans=[scan for _index, scan in of_parcels], now=now)
    rejected |= {of_parcels[at][0]: refusal for at, refusal in outcome.rejected.items()}
    if copies:
        put_scans(seller=seller, scans=copies, now=now)
    for at in outcome.unmatched:  # The parcel was taken away meanwhile.
        index, scan = of_parcels[at]
        kept = replace(scan, parcel="")
        unmatched[index] = UnmatchedData(kept, seller.id, tracking_number=scans[index].tracking_number)
    keep_unmatched_scans(scans=[unmatched[index] for index in sorted(unmatched)], now=now)
    return ScansOutcome(outcome.accepted, outcome.duplicates, rejected, sorted(unmatched))

"""Type a scan in by hand, where no source of scans has what the carrier says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.eligibility.facts import DELIVERED, FINAL, FUTURE_TOLERANCE, ScanStatus
from lostpost.orders.data import ScanData
from lostpost.orders.locks import lock_scanned_parcels
from lostpost.tracking.models import EnteredScan
from lostpost.tracking.put_scans import ingest_scans, months_of, scan_fingerprint, valid_scans
from lostpost.tracking.scan_months import ensure_months

BY_HAND = "by-hand"  # Stands where others have the carrier's code.
# Of these none can undo that a parcel was delivered, or hide it: `eligibility.facts.newest`.
ENTERED_STATUSES = (ScanStatus.EXCEPTION, *sorted(DELIVERED, key=lambda status: status.rank), ScanStatus.RETURNED)


class StatusNotByHand(Rejected):
    """Only a source of scans says that a parcel moves."""

    sentence = gettext_lazy("Choose what Track & Trace says.")


class ScanAhead(Rejected):
    """A person types in what the carrier has said, not what it will say."""

    sentence = gettext_lazy("That time is still to come. Say when the carrier recorded it.")


class JourneyEnded(Conflict):
    """The parcel was delivered or came back."""

    code = "journey-ended"
    sentence = gettext_lazy("Track & Trace says already that the journey of this parcel has ended.")


def enter_scan(*, seller: Seller, scan: ScanData, by: Actor, now: datetime) -> None:
    """Store a scan of a shop's parcel that a member typed in, and who that was; a repeat changes nothing.

    It counts as an update like any other, so the parcel's silence begins again.

    Raises: StatusNotByHand, ScanAhead, Rejected if the scan is not sound; JourneyEnded; NotFound without the parcel.
    """
    if scan.status not in ENTERED_STATUSES:
        raise StatusNotByHand
    if scan.scanned_at > now + FUTURE_TOLERANCE:
        raise ScanAhead
    scan = replace(scan, code=BY_HAND)
    sound, rejected = valid_scans([scan], now)
    if rejected:
        raise rejected[0]
    ensure_months(months_of([scan.scanned_at]))
    with transaction.atomic(durable=True):
        parcel = lock_scanned_parcels(seller.id, [scan.parcel]).get(scan.parcel)
        if parcel is None:
            raise NotFound(_("There is no such parcel any more."))
        of_scan = {
            "seller_id": seller.id,
            "parcel_id": parcel.id,
            "scanned_at": scan.scanned_at,
            "fingerprint": scan_fingerprint(scan),
        }
        if EnteredScan.objects.filter(**of_scan).exists():
            return
        if parcel.last_status in FINAL:
            raise JourneyEnded
        ingest_scans(seller.id, sound, rejected, now)
        EnteredScan.objects.create(**of_scan, entered_at=now, by_user_id=by.user_id, by_name=by.name)

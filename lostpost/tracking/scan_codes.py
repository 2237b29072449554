"""What codes of sources mean: as the operator says, and scans with a code that nobody has mapped yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.core.errors import Rejected
from lostpost.core.ownership import cross_seller, uuid7
from lostpost.core.sql import execute, insertion, json_rows
from lostpost.core.text import compact_form
from lostpost.eligibility.facts import ScanStatus
from lostpost.orders.problems import scan_problems
from lostpost.tracking.models import ScanCode, UnmappedScan
from lostpost.tracking.put_numbered_scans import ANY_PARCEL, ScanOfNumber
from lostpost.tracking.put_scans import scan_fingerprint

RETENTION_DAYS = 60  # After that a seller could not write the parcel off any more.
KEPT_MOST = 50_000  # Of one shop: whoever sends nonsense takes no other shop's place.
NO_SCAN = ""  # A code that says nothing of the parcel.
CODES_SHOWN = 200
_ANY_STATUS = ScanStatus.IN_TRANSIT.value  # Stands in while a scan is checked that has none yet.


class StatusUnknown(Rejected):
    """That is no status of ours."""

    sentence = gettext_lazy("Choose what the code means.")


@dataclass(frozen=True, slots=True)
class UnmappedData:
    """A scan whose code has no status yet; `carrier` as the source calls it."""

    of_number: ScanOfNumber
    carrier: str


@dataclass(frozen=True, slots=True)
class CodeToMap:
    """A code whose scans are kept, with what came with it."""

    source: str
    carrier: str  # In its normalised form.
    code: str
    scans: int
    shops: int
    first_at: datetime
    last_at: datetime
    text: str  # Of one of the scans, for people who have to say what it means.
    status: str | None  # What it means, where the scans could not be taken in: None where nobody has said.


class MappedCodes:
    """The operator's own meanings of one source's codes."""

    def __init__(self, source: str) -> None:
        rows = ScanCode.objects.filter(source=source).values_list("carrier_normalised", "code", "status")
        self._statuses = {(carrier, code): status for carrier, code, status in rows}

    def status(self, carrier: str, code: str) -> str | None:
        """Return the status of a code, `NO_SCAN` where it says nothing, None where nobody has mapped it."""
        if not self._statuses:
            return None
        return self._statuses.get((compact_form(carrier), code), self._statuses.get(("", code)))


def keep_unmapped_scans(
    *, seller_id: UUID, source: str, scans: Sequence[UnmappedData], now: datetime
) -> dict[int, str]:
    """Keep scans until the operator says what their codes mean; a repeat changes nothing.

    Return why some are not kept, by their index: what is wrong with them, or that a shop has `KEPT_MOST` already.
    """
    rejected: dict[int, str] = {}
    rows: list[dict[str, object]] = []
    left = KEPT_MOST - UnmappedScan.objects.filter(seller_id=seller_id)[:KEPT_MOST].count() if scans else 0
    for index, each in enumerate(scans):
        scan = each.of_number.scan
        if problems := list(scan_problems(replace(scan, parcel=ANY_PARCEL, status=_ANY_STATUS), now)):
            rejected[index] = "; ".join(problems)
            continue
        if len(rows) >= left:
            rejected[index] = _("%(n)d scans of this shop wait already for somebody to map their codes.") % {
                "n": KEPT_MOST
            }
            continue
        rows.append(
            {
                "id": uuid7(),
                "carrier_normalised": compact_form(each.carrier),
                "carrier": each.carrier[:64],
                "tracking_number": each.of_number.tracking_number,
                "scanned_at": scan.scanned_at,
                "fingerprint": scan_fingerprint(scan),
                "code": scan.code,
                "text": scan.text,
                "location": scan.location,
                "event_reference": scan.id,
                "utc_offset_minutes": scan.utc_offset_minutes,
                "time_certainty": scan.time_certainty,
            }
        )
    if not rows:
        return rejected
    same = {"seller_id": seller_id, "source": source, "received_at": now}
    with transaction.atomic(durable=True):
        statement = insertion(UnmappedScan, tuple(rows[0]), same=tuple(same))
        execute(f"{statement} ON CONFLICT DO NOTHING", {"rows": json_rows(rows), **same})
    return rejected


def codes_to_map() -> list[CodeToMap]:
    """Return the codes whose scans wait for a meaning or could not be taken in; those of the most shops first."""
    with cross_seller("the operator: codes of all shops that nobody has mapped"):
        rows = (
            UnmappedScan.objects.values("source", "carrier_normalised", "code")
            .annotate(
                scans=Count("id"),
                shops=Count("seller_id", distinct=True),
                first_at=Min("received_at"),
                last_at=Max("received_at"),
                text=Max("text"),
            )
            .order_by("-shops", "-scans", "source", "code", "carrier_normalised")[:CODES_SHOWN]
        )
        mapped = {source: MappedCodes(source) for source in {row["source"] for row in rows}}
        return [
            CodeToMap(
                *(row["source"], row["carrier_normalised"], row["code"]),
                *(row["scans"], row["shops"], row["first_at"], row["last_at"], row["text"]),
                mapped[row["source"]].status(row["carrier_normalised"], row["code"]),
            )
            for row in rows
        ]


@transaction.atomic(durable=True)
def map_scan_code(*, source: str, carrier: str, code: str, status: str, by: str, now: datetime) -> None:
    """Say what a code of a source means, for one carrier or (`carrier` empty) for all; a repeat changes nothing.

    What is kept with that code is taken in by `take_kept_scans` afterwards; scans that were taken in stay as they are.

    Raises: StatusUnknown.
    """
    if status != NO_SCAN and status not in list(ScanStatus):
        raise StatusUnknown
    mapping = {"source": source, "carrier_normalised": compact_form(carrier), "code": code}
    values = {"status": status, "mapped_at": now, "mapped_by": by}
    ScanCode.objects.update_or_create(**mapping, defaults=values, create_defaults={"id": uuid7(), **values})


def forget_unmapped_scans(*, now: datetime) -> int:
    """Delete the scans whose code nobody mapped in 60 days; return how many."""
    with cross_seller("upkeep: scans that nobody mapped"):
        old = UnmappedScan.objects.filter(received_at__lt=now - timedelta(days=RETENTION_DAYS))
        return old.delete()[0]

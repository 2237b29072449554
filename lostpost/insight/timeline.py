"""The timeline of a customer query as its page shows it: entries and carrier scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from lostpost.answering.models import Attachment
from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.insight.order_parcels import ShownParcel
from lostpost.relay.models import IncomingMail
from lostpost.writeoffs.models import WriteOff

_OF_QUERY = {"seller_id": UUID, "query_id": UUID}
_ENTRIES = KeptQuery(lambda **query: TimelineEntry.objects.filter(**query).order_by("at", "id"), **_OF_QUERY)
_MAILS = KeptQuery(Mail.objects.filter, **_OF_QUERY)
_WRITE_OFFS = KeptQuery(lambda **query: WriteOff.objects.filter(**query).values_list("number", "id"), **_OF_QUERY)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry; `parts/timeline_entry.html` has the words."""

    id: str
    at: datetime
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    by_name: str = ""
    mail: Mail | None = None  # That brought it to the customer.
    incoming: IncomingMail | None = None  # That brought it to us.
    files: Sequence[Attachment] = ()
    learned: datetime | None = None  # When we received it, if it came from a carrier.


def shown_timeline(
    query: CustomerQuery,
    parcels: Sequence[ShownParcel],
    files: Mapping[UUID | None, Sequence[Attachment]] | None = None,
) -> list[ShownEntry]:
    """Return the entries, oldest first: three statements, four with e-mail that came in; scans: of `parcels`."""
    own = {"seller_id": query.seller_id, "query_id": query.id}
    entries = _ENTRIES(**own)
    came_in = _came_in(query, entries)
    mails = {mail.about_id: mail for mail in _MAILS(**own) if mail.about_id}
    write_offs = dict(_WRITE_OFFS(**own))
    known = {parcel.code: parcel.tracking_number for parcel in parcels}
    shown = [_entry(entry, mails, write_offs, known, came_in) for entry in entries]
    shown = [replace(entry, files=(files or {}).get(UUID(entry.id), ())) for entry in shown]
    shown += [scan for parcel in parcels for scan in _scans_that_matter(query, parcel)]
    return sorted(shown, key=lambda entry: entry.at)  # Stable: what has one instant stays in its order.


def messages_since(entries: Sequence[ShownEntry], message_id: UUID | None) -> list[ShownEntry]:
    """Return the messages of both sides after the one with this id; all of them if there is no such."""
    messages = [entry for entry in entries if entry.kind in ("message.sent", "message.received")]
    place = next((at for at, entry in enumerate(messages) if entry.id == str(message_id)), -1)
    return messages[place + 1 :]


def _entry(
    entry: TimelineEntry,
    mails: Mapping[UUID, Mail],
    write_offs: Mapping[str, UUID],
    tracking_numbers: Mapping[str, str],
    came_in: Mapping[str, IncomingMail],
) -> ShownEntry:
    about_id = write_offs.get(entry.data["number"]) if entry.kind == "write-off.confirmed" else entry.id
    return ShownEntry(
        id=str(entry.id),
        at=entry.at,
        kind=entry.kind,
        data={**entry.data, "tracking_number": tracking_numbers.get(entry.data.get("parcel", ""), "")},
        text=entry.text,
        by_name=entry.data.get("name", "") if entry.kind == "message.received" else entry.by_name,
        mail=mails.get(about_id) if about_id else None,
        incoming=came_in.get(entry.data.get("mail", "")),
    )


def _came_in(query: CustomerQuery, entries: Sequence[TimelineEntry]) -> dict[str, IncomingMail]:
    """Return the e-mails that entries lead to, by their ids."""
    ids = [entry.data["mail"] for entry in entries if "mail" in entry.data]
    if not ids:
        return {}
    rows = IncomingMail.objects.filter(seller_id=query.seller_id, id__in=ids)
    return {str(row.id): row for row in rows.annotate(has_html=~Q(html="")).defer("raw", "html")}


def _scans_that_matter(query: CustomerQuery, parcel: ShownParcel) -> Sequence[ShownEntry]:
    """Return the scans with a new status since the order was placed, and the newest scan."""
    counted = [scan for scan in reversed(parcel.scans) if not (scan.from_future or scan.before_order)]
    scans = [
        scan for at, scan in enumerate(counted) if at in (0, len(counted) - 1) or scan.status != counted[at - 1].status
    ]
    return [
        ShownEntry(
            id=f"scan-{scan.fingerprint}",
            at=scan.scanned_at,
            kind="parcel.scanned",
            data={
                "parcel": parcel.tracking_number,
                "carrier": parcel.carrier,
                "status": scan.status,
                "text": scan.text,
                "location": scan.location,
            },
            learned=scan.received_at,
        )
        for scan in scans
    ]

"""DHL's Shipment Tracking, Unified: all divisions of DHL, with one key.

Its codes are five, for all divisions: that a parcel waits at a pick-up point, or goes back, stands in its text alone.
Two divisions may have a parcel of the same number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from lostpost.connectors.carriers.client import (
    NOT_FOUND,
    CarrierAnswer,
    CarrierClient,
    CarrierQuestion,
    few_enough,
    number_of_question,
    require_answer,
    same_number,
)
from lostpost.connectors.remote_apis.problems import AnswerUnusable
from lostpost.connectors.remote_apis.session import RemoteSession, json_answer
from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    LOCATION_MAX,
    NAME_MAX,
    TEXT_MAX,
    JsonObject,
    SourceScan,
    UnreadableScan,
    member,
    member_text,
    members,
)
from lostpost.connectors.tracking_sources.times import latest_reading
from lostpost.core.text import compact_form
from lostpost.eligibility.facts import ScanStatus

_STATUSES = {
    "pre-transit": ScanStatus.ANNOUNCED,
    "transit": ScanStatus.IN_TRANSIT,
    "failure": ScanStatus.EXCEPTION,
    "delivered": ScanStatus.DELIVERED,
}
_MOVING = (ScanStatus.IN_TRANSIT, ScanStatus.EXCEPTION)
# Of a parcel that moves; the text is asked for in English. Each lets a parcel be written off later, never sooner.
_WAITS = ("ready for pick-up", "ready for pickup", "ready for collection", "available for pick", "to be picked up")
_RETURNS = ("return to sender", "returned to sender", "returned to the sender", "being returned", "return shipment")
_SERVICES = {  # Divisions that a carrier's name tells, by its normalised form.
    compact_form(name): service
    for service, names in {
        "parcel-nl": ("DHLFORYOU", "DHL FOR YOU", "DHL eCommerce NL", "DHL Parcel NL", "DHL-NL"),
        "parcel-de": ("DHL_DE", "DHL-DE", "DHL Paket"),
        "express": ("DHL Express",),
    }.items()
    for name in names
}


class DhlUnified(CarrierClient):
    """Times are local to the scan's place, with or without a `Z`."""

    name: ClassVar[str] = "dhl"
    title: ClassVar[str] = "DHL"
    url: ClassVar[str] = "https://api-eu.dhl.com"
    carriers: ClassVar[Sequence[str]] = (
        *("DHL", "DHL Parcel", "DHL eCommerce", "DHLFORYOU", "DHL FOR YOU", "DHL eCommerce NL", "DHL Parcel NL"),
        *("DHL-NL", "DHL_DE", "DHL-DE", "DHL Paket", "DHL Express", "DHL-SD", "DHL-GLOBAL-MAIL"),
    )
    credentials: ClassVar[Sequence[str]] = ("api_key",)
    options: ClassVar[Mapping[str, str]] = {"service": "DHL's division, such as parcel-nl, parcel-de or express"}
    calls_a_day: ClassVar[int] = 250
    seconds_between_calls: ClassVar[float] = 1.0
    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Amsterdam")
    check_number: ClassVar[str] = "00340434000000000000"

    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask `GET /track/shipments`."""
        number = number_of_question(question)
        service = str(session.account.options.get("service") or _SERVICES.get(compact_form(question.carrier), ""))
        asked = {"trackingNumber": number, "language": "en", **({"service": service} if service else {})}
        headers = {"DHL-API-Key": session.credentials["api_key"], "Accept": "application/json"}
        answer = session.send(f"/track/shipments?{urlencode(asked)}", headers=headers)
        if answer.status == 404:
            return NOT_FOUND
        require_answer(answer)
        content = json_answer(answer)
        if not isinstance(content.get("shipments"), list):
            raise AnswerUnusable("no “shipments”")
        shipment = _one_of(list(members(content, "shipments")), number)
        return few_enough(list(_scans(shipment, number, self.zone))) if shipment else NOT_FOUND


def _one_of(shipments: Sequence[JsonObject], number: str) -> JsonObject | None:
    """Choose the parcel that was asked for: of several, the only one with the number."""
    if len(shipments) > 1:
        shipments = [each for each in shipments if same_number(member_text(each, "id", NAME_MAX), number)]
        if len(shipments) > 1:
            services = ", ".join(sorted({member_text(each, "service", NAME_MAX) for each in shipments}))
            raise AnswerUnusable(f"several divisions have a parcel of this number: {services}")
    return shipments[0] if shipments else None


def _scans(shipment: JsonObject, number: str, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    for event in list(members(shipment, "events")) or [member(shipment, "status")]:
        if not event:
            continue
        address = member(event, "location", "address")
        written = member_text(event, "timestamp", NAME_MAX)
        country = member_text(address, "countryCode", NAME_MAX)
        read = latest_reading(written, country=country, zone=zone, labels_local_as_utc=True)
        if read is None:
            yield UnreadableScan(f"timestamp “{written}”")
            continue
        code = full_code = member_text(event, "statusCode", CODE_MAX)
        if code not in _STATUSES:
            full_code = f"{code}:{member_text(event, 'status', CODE_MAX)}"[:CODE_MAX].strip(": ")
        text = member_text(event, "description", TEXT_MAX) or member_text(event, "status", TEXT_MAX)
        yield SourceScan(
            tracking_number=number,
            carrier=DhlUnified.title,
            read=read,
            status=_status(code, text),
            code=full_code,
            text=text,
            location=member_text(address, "addressLocality", LOCATION_MAX),
        )


def _status(code: str, text: str) -> ScanStatus | None:
    status = _STATUSES.get(code)
    if status in _MOVING:
        lower = text.lower()
        if any(words in lower for words in _RETURNS):
            return ScanStatus.RETURNING
        if any(words in lower for words in _WAITS):
            return ScanStatus.AT_PICKUP_POINT
    return status

"""GLS's Track And Trace, version 1, of the GLS Group.

An event's code is a stage and a reason, such as DELIVD.PARCELSHOP. GLS's list of them is long and grows; the parcel's
own status, of a short list, stands in where the newest event's code is not known.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote
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
from lostpost.connectors.remote_apis.problems import AnswerUnusable, RemoteUnreachable
from lostpost.connectors.remote_apis.session import AccessToken, RemoteSession, client_credentials_token, json_answer
from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    NAME_MAX,
    TEXT_MAX,
    JsonObject,
    SourceScan,
    UnreadableScan,
    joined_members,
    member_text,
    members,
)
from lostpost.connectors.tracking_sources.times import latest_reading
from lostpost.eligibility.facts import ScanStatus
from lostpost.tracking.scan_codes import NO_SCAN

_OF_EVENTS: Mapping[str, str] = {
    "INTIAL.PREADVICE": ScanStatus.ANNOUNCED,
    "INTIAL.E48_DATA": ScanStatus.ANNOUNCED,
    "INTIAL.NORMAL": ScanStatus.WITH_CARRIER,
    "DELIVD.NORMAL": ScanStatus.DELIVERED,
    "DELIVD.PARCELSHOP": ScanStatus.AT_PICKUP_POINT,
    "DELIVD.DEL_BY_PSAPP": ScanStatus.PICKED_UP,
}
_OF_STAGES: Mapping[str, str] = {  # Of all other reasons.
    "INBOUD": ScanStatus.IN_TRANSIT,
    "OUTBOD": ScanStatus.IN_TRANSIT,
    "TRANSI": ScanStatus.IN_TRANSIT,
    "OUTDEL": ScanStatus.IN_TRANSIT,
    "NOTDEL": ScanStatus.EXCEPTION,
    "CHANGD": ScanStatus.EXCEPTION,
    "CANCEL": ScanStatus.EXCEPTION,
}
_OF_PARCELS: Mapping[str, str] = {
    "PLANNEDPICKUP": ScanStatus.ANNOUNCED,
    "INPICKUP": ScanStatus.ANNOUNCED,
    "NOTPICKEDUP": ScanStatus.EXCEPTION,
    "PREADVICE": ScanStatus.ANNOUNCED,
    "INTRANSIT": ScanStatus.IN_TRANSIT,
    "INWAREHOUSE": ScanStatus.IN_TRANSIT,
    "INDELIVERY": ScanStatus.IN_TRANSIT,
    "DELIVEREDPS": ScanStatus.AT_PICKUP_POINT,
    "DELIVERED": ScanStatus.DELIVERED,
    "NOTDELIVERED": ScanStatus.EXCEPTION,
    "CANCELED": ScanStatus.EXCEPTION,
    "FINAL": NO_SCAN,  # Its history is closed, whatever became of it.
}


class Gls(CarrierClient):
    """Times have their offset."""

    name: ClassVar[str] = "gls"
    title: ClassVar[str] = "GLS"
    url: ClassVar[str] = "https://api.gls-group.net"
    carriers: ClassVar[Sequence[str]] = ("GLS", "GLS NL", "GLS-NL", "GLS Netherlands", "GLS BE", "GLS DE")
    credentials: ClassVar[Sequence[str]] = ("client_id", "client_secret")
    calls_a_day: ClassVar[int] = 500
    seconds_between_calls: ClassVar[float] = 1.0
    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Amsterdam")
    check_number: ClassVar[str] = "00000000000"

    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask by the parcel's number."""
        number = number_of_question(question)
        answer = session.send_with_token(
            _token,
            f"/track-and-trace-v1/tracking/simple/trackids/{quote(number, safe='')}?showEvents=true",
            headers=lambda token: {
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Accept-Language": "en",
            },
        )
        if answer.status == 404:
            return NOT_FOUND
        require_answer(answer)
        content = json_answer(answer)
        if not isinstance(content.get("parcels"), list):
            raise AnswerUnusable("no “parcels”")
        parcel = _one_of(list(members(content, "parcels")), number)
        error = member_text(parcel, "errorCode", CODE_MAX)
        if error.startswith("E_404"):
            return NOT_FOUND
        if error.startswith("E_5"):
            raise RemoteUnreachable(error)
        if error:
            raise AnswerUnusable(error)
        return few_enough(list(_scans(parcel, number, self.zone)))


def _token(session: RemoteSession) -> AccessToken:
    name_and_password = f"{session.credentials['client_id']}:{session.credentials['client_secret']}"
    headers = {"Authorization": f"Basic {b64encode(name_and_password.encode()).decode()}"}
    return client_credentials_token(session, "/oauth2/v2/token", headers=headers)


def _one_of(parcels: Sequence[JsonObject], number: str) -> JsonObject:
    """Choose the parcel that was asked for: by its number, or else what alone was found for it."""
    asked_for = [each for each in parcels if same_number(member_text(each, "requested", NAME_MAX), number)]
    exact = [each for each in asked_for if same_number(member_text(each, "unitno", NAME_MAX), number)]
    for found in (exact, asked_for):
        if len(found) == 1:
            return found[0]
    raise AnswerUnusable("the answer is about another parcel, or several")


def _scans(parcel: JsonObject, number: str, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    newest: SourceScan | None = None
    for event in members(parcel, "events"):
        scan = _scan(
            number,
            zone,
            code=member_text(event, "code", CODE_MAX),
            written=member_text(event, "eventDateTime", NAME_MAX),
            country=member_text(event, "country", NAME_MAX),
            text=member_text(event, "description", TEXT_MAX),
            location=joined_members(event, "city", "country"),
        )
        yield scan
        if isinstance(scan, SourceScan) and (newest is None or scan.read.at > newest.read.at):
            newest = scan
    status = member_text(parcel, "status", CODE_MAX)
    if status and (newest is None or newest.status is None):
        yield _scan(
            number, zone, code=f"status {status}", written=member_text(parcel, "statusDateTime", NAME_MAX), country=""
        )


def _scan(
    number: str, zone: ZoneInfo, *, code: str, written: str, country: str, text: str = "", location: str = ""
) -> SourceScan | UnreadableScan:
    read = latest_reading(written, country=country, zone=zone)
    if read is None:
        return UnreadableScan(f"eventDateTime “{written}”")
    status = _OF_EVENTS.get(code) or _OF_STAGES.get(code.partition(".")[0])
    if code.startswith("status "):
        status = _OF_PARCELS.get(code.removeprefix("status "))
    return SourceScan(number, Gls.title, read, status, code[:CODE_MAX], text, location)

"""UPS's Track, version 1: parcels of every sender.

Each activity has a type (a letter or two) and a number of UPS's list of statuses. The number says more; the type stands
in for numbers that mean no more than it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar
from urllib.parse import quote
from uuid import uuid4
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
from lostpost.connectors.remote_apis.session import AccessToken, RemoteSession, client_credentials_token, json_answer
from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    NAME_MAX,
    TEXT_MAX,
    JsonObject,
    SourceScan,
    UnreadableScan,
    joined_members,
    member,
    member_text,
    members,
)
from lostpost.connectors.tracking_sources.times import ReadTime, latest_reading
from lostpost.core.clock import EARLIEST, LATEST
from lostpost.eligibility.facts import ScanStatus, TimeCertainty
from lostpost.tracking.scan_codes import NO_SCAN

_OF_TYPES: Mapping[str, str] = {
    "M": ScanStatus.ANNOUNCED,
    "P": ScanStatus.WITH_CARRIER,
    "I": ScanStatus.IN_TRANSIT,
    "X": ScanStatus.EXCEPTION,
    "D": ScanStatus.DELIVERED,
    "RS": ScanStatus.RETURNING,
    **dict.fromkeys(("DO", "DD", "W"), ScanStatus.IN_TRANSIT),  # Of freight, on its way.
    **dict.fromkeys(("MV", "NA", "U"), NO_SCAN),  # A label that was voided, and UPS's own notes.
}
_NUMBERS: Mapping[str, str] = {
    ScanStatus.ANNOUNCED: "3 44 45 79 80 157 166",
    ScanStatus.WITH_CARRIER: "38 160 167 168 169",
    ScanStatus.IN_TRANSIT: "5 6 10 12 14 21 25 37 39 47 57 70 71 72 73 74 87 89 91 92 134 137 146 158 159 162 164 165",
    ScanStatus.EXCEPTION: (
        "13 18 19 20 22 23 24 27 28 29 30 32 33 41 42 46 48 49 50 51 52 53 54 55 56 58 59 60 61 62 63 64 65 66 68 69 76"
        " 82 83 85 86 90 145 147 149"
    ),
    ScanStatus.AT_PICKUP_POINT: "17 40 144 161",
    ScanStatus.DELIVERED: "11 26",
    ScanStatus.RETURNING: "35 36",
    ScanStatus.RETURNED: "34 67 81",
    NO_SCAN: "0 7 43 88 127 128 129 130 140 142 148 155 163",  # Investigations and claims among them.
}
_OF_NUMBERS = {number: status for status, numbers in _NUMBERS.items() for number in numbers.split()}
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


class Ups(CarrierClient):
    """Times are local; newer answers have them in GMT as well, with the offset."""

    name: ClassVar[str] = "ups"
    title: ClassVar[str] = "UPS"
    url: ClassVar[str] = "https://onlinetools.ups.com"
    carriers: ClassVar[Sequence[str]] = ("UPS", "UPS NL", "UPS Standard", "UPS Express")
    credentials: ClassVar[Sequence[str]] = ("client_id", "client_secret")
    calls_a_day: ClassVar[int] = 2_000
    seconds_between_calls: ClassVar[float] = 0.5
    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Amsterdam")
    check_number: ClassVar[str] = "1Z0000000000000000"

    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask for the details of one number."""
        number = number_of_question(question)
        answer = session.send_with_token(
            _token,
            f"/api/track/v1/details/{quote(number, safe='')}?locale=en_US",
            headers=lambda token: {
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "transId": uuid4().hex,
                "transactionSrc": "lostpost",
            },
        )
        content = json_answer(answer)
        if answer.status == 404 or (answer.status == 400 and _number_is_refused(content)):
            return NOT_FOUND
        require_answer(answer)
        shipments = list(members(member(content, "trackResponse"), "shipment"))
        if not shipments:
            raise AnswerUnusable("no “shipment”")
        packages = [package for shipment in shipments for package in members(shipment, "package")]
        if not packages:
            return NOT_FOUND
        if len(packages) > 1:
            packages = [each for each in packages if same_number(member_text(each, "trackingNumber", NAME_MAX), number)]
        if len(packages) != 1:
            raise AnswerUnusable("the answer is about another parcel, or several")
        return few_enough(list(_scans(packages[0], number, self.zone)))


def _token(session: RemoteSession) -> AccessToken:
    name_and_password = f"{session.credentials['client_id']}:{session.credentials['client_secret']}"
    headers = {"Authorization": f"Basic {b64encode(name_and_password.encode()).decode()}"}
    return client_credentials_token(session, "/security/v1/oauth/token", headers=headers)


def _number_is_refused(content: JsonObject) -> bool:
    """Tell whether UPS says that it is no number of its own, or has nothing about it (TV1002, 151018 and the like)."""
    errors = list(members(member(content, "response"), "errors"))
    said = " ".join(member_text(each, "message", TEXT_MAX) for each in errors).lower()
    return "inquiry number" in said or "tracking number" in said or "no tracking information" in said


def _scans(package: JsonObject, number: str, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    for activity in members(package, "activity"):
        address = member(activity, "location", "address")
        status = member(activity, "status")
        read = _read_time(activity, member_text(address, "countryCode", NAME_MAX), zone)
        if read is None:
            yield UnreadableScan(
                f"date “{member_text(activity, 'date', NAME_MAX)}”, time “{member_text(activity, 'time', NAME_MAX)}”"
            )
            continue
        kind, code = member_text(status, "type", CODE_MAX), member_text(status, "statusCode", CODE_MAX)
        yield SourceScan(
            tracking_number=number,
            carrier=Ups.title,
            read=read,
            status=_OF_NUMBERS.get(code.lstrip("0") or "0" if code else "", _OF_TYPES.get(kind)),
            code=f"{kind} {code}".strip(),
            text=member_text(status, "description", TEXT_MAX),
            location=joined_members(address, "city", "countryCode"),
        )


def _read_time(activity: JsonObject, country: str, zone: ZoneInfo) -> ReadTime | None:
    """Read an activity's time: GMT with the offset where UPS says so, else local, else the day alone."""
    gmt = _digits(activity, "gmtDate", "gmtTime")
    if len(gmt) == 14:
        try:
            at = datetime.strptime(gmt, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        if EARLIEST < at < LATEST:
            return ReadTime(at.astimezone(_offset(member_text(activity, "gmtOffset", NAME_MAX))), TimeCertainty.EXACT)
        return None
    local = _digits(activity, "date", "time")
    form = {14: "%Y%m%d%H%M%S", 8: "%Y%m%d"}.get(len(local))
    if form is None:
        return None
    try:
        read = datetime.strptime(local, form)  # noqa: DTZ007 - local, as `latest_reading` takes it.
    except ValueError:
        return None
    return latest_reading(read.isoformat(), country=country, zone=zone)


def _digits(activity: JsonObject, day: str, time: str) -> str:
    return "".join(re.findall(r"[0-9]", member_text(activity, day, NAME_MAX) + member_text(activity, time, NAME_MAX)))


def _offset(written: str) -> timezone:
    found = _OFFSET.fullmatch(written)
    if not found:
        return UTC
    sign, hours, minutes = found.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if sign == "-" else span) if span < timedelta(hours=16) else UTC

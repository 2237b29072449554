"""DPD's shipper web services (Netherlands and Belgium): LoginService 2.1 and ParcelLifeCycleService 2.0, SOAP.

A login gives a token for a day, and may be asked for a few times a day only. Dates are written for people in English:
month, day, year, and twelve hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from lxml import etree

from lostpost.connectors.carriers.client import (
    NOT_FOUND,
    CarrierAnswer,
    CarrierClient,
    CarrierQuestion,
    few_enough,
    number_of_question,
)
from lostpost.connectors.carriers.xml_answers import element_text, elements, xml_answer
from lostpost.connectors.exchange import HttpAnswer
from lostpost.connectors.remote_apis.problems import AnswerUnusable, CredentialsRefused
from lostpost.connectors.remote_apis.session import AccessToken, RemoteSession
from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    LOCATION_MAX,
    NAME_MAX,
    TEXT_MAX,
    SourceScan,
    UnreadableScan,
)
from lostpost.connectors.tracking_sources.times import ReadTime, latest_reading
from lostpost.eligibility.facts import ScanStatus

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_TYPES = "http://dpd.com/common/service/types"
_LANGUAGE = "en_EN"  # Which decides how dates are written.
_STATUSES: Mapping[str, str] = {  # In small letters.
    "shipment": ScanStatus.ANNOUNCED,
    "pickedup": ScanStatus.WITH_CARRIER,
    "accepted": ScanStatus.WITH_CARRIER,
    "depot": ScanStatus.IN_TRANSIT,
    "betweendepots": ScanStatus.IN_TRANSIT,
    "at_sending_depot": ScanStatus.IN_TRANSIT,
    "on_the_road": ScanStatus.IN_TRANSIT,
    "at_delivery_depot": ScanStatus.IN_TRANSIT,
    "courier": ScanStatus.IN_TRANSIT,
    "out_for_delivery": ScanStatus.IN_TRANSIT,
    "returningfromdelivery": ScanStatus.IN_TRANSIT,  # Back at the depot for another attempt.
    "deliveryfailure": ScanStatus.EXCEPTION,
    "parcelshop": ScanStatus.AT_PICKUP_POINT,
    "delivered": ScanStatus.DELIVERED,
}
_FORMS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p")
_COUNTRY = re.compile(r"\(([A-Z]{2})\)\s*$")
_TOKEN_SECONDS, _TOKEN_SECONDS_MAX = 12 * 3600.0, 24 * 3600.0


class Dpd(CarrierClient):
    """Times are local to the scan's place."""

    name: ClassVar[str] = "dpd"
    title: ClassVar[str] = "DPD"
    url: ClassVar[str] = "https://wsshipper.dpd.nl"
    carriers: ClassVar[Sequence[str]] = ("DPD", "DPD-NL", "DPD-BE", "DPD NL", "DPD BE", "DPD Nederland", "DPD Belgium")
    credentials: ClassVar[Sequence[str]] = ("delis_id", "password")
    calls_a_day: ClassVar[int] = 5_000
    seconds_between_calls: ClassVar[float] = 0.5
    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Amsterdam")
    check_number: ClassVar[str] = "00000000000000"

    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask by the number of the parcel's label."""
        number = number_of_question(question)
        answer = session.send_with_token(
            _token,
            "/soap/services/ParcelLifeCycleService/V2_0",
            method="POST",
            headers=lambda _token: _headers("ParcelLifeCycleService/2.0/getTrackingData"),
            body=lambda token: _tracking_request(session, token, number),
            check=_checked,
        )
        root = xml_answer(answer)
        if _fault(root):
            return NOT_FOUND  # `_checked` has raised for all other faults.
        result = next(elements(root, "trackingresult"), None)
        if result is None:
            raise AnswerUnusable(f"HTTP {answer.status} without a “trackingresult”")
        scans = list(_scans(result, number, self.zone))
        return few_enough(scans) if scans else NOT_FOUND


def _token(session: RemoteSession) -> AccessToken:
    request = etree.Element(f"{{{_TYPES}/LoginService/2.1}}getAuth")
    values = {**session.credentials, "language": _LANGUAGE}
    for name, value in (("delisId", "delis_id"), ("password", "password"), ("messageLanguage", "language")):
        etree.SubElement(request, name).text = values[value]
    answer = session.send(
        "/soap/services/LoginService/V2_1",
        method="POST",
        headers=_headers("LoginService/2.1/getAuth"),
        body=_enveloped([], request),
        faults=True,
    )
    root = xml_answer(answer)
    token = next((element.text for element in elements(root, "authToken") if element.text), "")
    if not token:
        raise CredentialsRefused(f"no token: {_fault(root) or answer.status}")
    until = next((element.text or "" for element in elements(root, "authTokenExpires")), "")
    return AccessToken(token, _seconds_until(until))


def _seconds_until(written: str) -> float:
    """Return how long a token counts. DPD writes a time of day without an offset, of its own zone."""
    try:
        until = datetime.fromisoformat(written)
    except ValueError:
        return _TOKEN_SECONDS
    until = until if until.tzinfo else until.replace(tzinfo=Dpd.zone)
    return min(max((until - timezone.now()).total_seconds(), 0.0), _TOKEN_SECONDS_MAX)


def _tracking_request(session: RemoteSession, token: str, number: str) -> bytes:
    authentication = etree.Element(f"{{{_TYPES}/Authentication/2.0}}authentication")
    for name, value in (("delisId", session.credentials["delis_id"]), ("authToken", token)):
        etree.SubElement(authentication, name).text = value
    etree.SubElement(authentication, "messageLanguage").text = _LANGUAGE
    request = etree.Element(f"{{{_TYPES}/ParcelLifeCycleService/2.0}}getTrackingData")
    etree.SubElement(request, "parcelLabelNumber").text = number
    return _enveloped([authentication], request)


def _enveloped(header: Sequence[etree._Element], content: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"soap": _ENVELOPE})
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Header").extend(header)
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(content)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _headers(action: str) -> dict[str, str]:
    return {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": f"{_TYPES}/{action}"}


def _fault(root: etree._Element) -> str:
    """Return what a SOAP fault says, in one line; empty where there is none."""
    fault = next(elements(root, "Fault"), None)
    if fault is None:
        return ""
    said = " ".join(element.text or "" for element in fault.iter(tag=etree.Element))
    return " ".join(said.split())[:TEXT_MAX] or "fault"


def _checked(answer: HttpAnswer) -> None:
    """Look at a fault: a token that ended, a parcel that DPD does not know, or anything else."""
    said = _fault(xml_answer(answer)) if b"Fault" in answer.body else ""
    if re.search(r"AUTH|LOGIN", said, re.IGNORECASE):
        raise CredentialsRefused(said)
    if said and not re.search(r"not (be )?found|no data|unknown parcel", said, re.IGNORECASE):
        raise AnswerUnusable(said)


def _scans(result: etree._Element, number: str, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    for event in elements(result, "statusInfo"):
        if element_text(event, "statusHasBeenReached", most=CODE_MAX) != "true":
            continue  # What is to come.
        location = element_text(event, "location", "content", most=LOCATION_MAX)
        written = element_text(event, "date", "content", most=NAME_MAX)
        country = _COUNTRY.search(location)
        read = _english_time(written, country.group(1) if country else "", zone)
        if read is None:
            yield UnreadableScan(f"date “{written}”")
            continue
        code = element_text(event, "status", most=CODE_MAX)
        yield SourceScan(
            tracking_number=number,
            carrier=Dpd.title,
            read=read,
            status=_STATUSES.get(code.lower()),
            code=code,
            text=element_text(event, "description", "content", "content", most=TEXT_MAX),
            location=location,
        )


def _english_time(written: str, country: str, zone: ZoneInfo) -> ReadTime | None:
    """Read `8/17/2021 7:11:26 PM`, the month first; a time that is not of that form, nor ISO 8601, is none."""
    for form in _FORMS:
        try:
            read = datetime.strptime(written, form)  # noqa: DTZ007 - local, as `latest_reading` takes it.
        except ValueError:
            continue
        return latest_reading(read.isoformat(), country=country, zone=zone)
    return latest_reading(written, country=country, zone=zone)

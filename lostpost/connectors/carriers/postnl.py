"""PostNL's Shipping Status API, version 2: of the customer's own parcels alone, so each shop has a key of its own.

Its events have codes of a letter and two digits, in older answers the other way round. What they mean follows PostNL's
list of event codes and the status that each belongs to; a status counts only where there are no events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
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
from lostpost.connectors.remote_apis.problems import AnswerUnusable
from lostpost.connectors.remote_apis.session import RemoteSession, json_answer
from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    NAME_MAX,
    TEXT_MAX,
    JsonObject,
    SourceScan,
    UnreadableScan,
    member,
    member_text,
    members,
)
from lostpost.connectors.tracking_sources.times import ReadTime, latest_reading
from lostpost.eligibility.facts import ScanStatus
from lostpost.tracking.scan_codes import NO_SCAN

_OF_STATUSES: Mapping[str, str] = {
    "1": ScanStatus.ANNOUNCED,
    "2": ScanStatus.WITH_CARRIER,
    "3": ScanStatus.WITH_CARRIER,
    "4": ScanStatus.EXCEPTION,  # Not collected.
    "5": ScanStatus.IN_TRANSIT,
    "6": ScanStatus.EXCEPTION,  # Not sorted.
    "7": ScanStatus.IN_TRANSIT,
    "8": ScanStatus.EXCEPTION,  # Not delivered.
    "9": ScanStatus.IN_TRANSIT,  # With customs.
    "11": ScanStatus.DELIVERED,
    "12": ScanStatus.AT_PICKUP_POINT,
    "13": ScanStatus.ANNOUNCED,
    "14": ScanStatus.ANNOUNCED,  # Never handed over.
    **dict.fromkeys(("15", "16", "17", "18", "19"), ScanStatus.EXCEPTION),  # Missing, rejected.
    "20": ScanStatus.IN_TRANSIT,
    "21": ScanStatus.IN_TRANSIT,
    "22": ScanStatus.PICKED_UP,
    "23": ScanStatus.WITH_CARRIER,
    "27": ScanStatus.RETURNING,
    "28": ScanStatus.RETURNING,
    "31": ScanStatus.IN_TRANSIT,
    "99": NO_SCAN,
}
_CODES: Mapping[str, str] = {
    ScanStatus.ANNOUNCED: "A01 A10 A20 A21 A22 A71 F01 J93 M01 M03 Q02 Q19 X80 X81",
    ScanStatus.WITH_CARRIER: "A73 A74 B01 B04 B06 C01 C02 V12 V13 V23 V50 X40",
    ScanStatus.IN_TRANSIT: (
        "A08 A09 A11 A12 A13 A27 A28 A29 A30 A31 A32 A34 A35 A42 A43 A72 A75 A76 A99 H32 H35 I06 J01 J05 J06 "
        "J07 J08 J09 J10 J14 J16 J17 J22 J24 J26 J27 J28 J29 J33 J36 J39 J41 J42 J45 J47 J48 J55 J59 J61 J90 "
        "J94 J95 K70 K71 Q12 Q13 Q14 Q15 Q16 Q17 Q18 R01 R06 S05 T02 V02 V03 V04 V11 V21 V22 V31 X01 X02 X03 "
        "X04 X06 X07 X08 X11 X14 X15 X16 X17 X19 X20 X21 X22 X50 X51 X52 X55 X60 X61 X62 X65 X68 Y05 Y23 Y24 "
        "Y25 Y33 Y35 Y60 Y61 Y62"
    ),
    ScanStatus.EXCEPTION: (
        "D02 D03 D04 D05 D06 D07 D08 D09 D40 D41 F03 F04 F05 F06 F07 F08 F10 G01 G02 G03 G05 H10 H23 H31 H34 "
        "H36 J92 K01 K02 K03 K14 K15 K16 K25 K30 K41 K90 K91 K92 V01 V06 X10 X30 X42 X43 X63 X64 X66 X67 Y01 "
        "Y02 Y03 Y04 Y07 Y08 Y09 Y10 Y11 Y12 Y13 Y14 Y15 Y17 Y22 Y29 Y30 Y31 Y32 Y36 Y38 Y39 Y41 Y42 Y43 Y44 "
        "Y45 Y46 Y48 Y50 Y64 Y65 Y66 Y71 Y80 Y81"
    ),
    ScanStatus.AT_PICKUP_POINT: "I08 J02 J12 J23 J52 X05 Y26",
    ScanStatus.PICKED_UP: "I02 I22 Z06 Z80",
    ScanStatus.DELIVERED_AT_NEIGHBOURS: "I10 Z05",
    ScanStatus.DELIVERED: "I01 I03 I05 I09 I11 I12 I23 J91 Z01 Z02 Z03 Z04 Z08 Z09",
    ScanStatus.RETURNING: (
        "H01 H02 H03 H04 H05 H07 H08 H09 H12 H15 H16 H17 H18 H20 H22 H24 H25 H38 H51 H52 K43 Y16 Y18 Y19 Y20 "
        "Y21 Y37 Y40 Y47"
    ),
    ScanStatus.RETURNED: "I07 J63 X24",
    NO_SCAN: "A41 A46 A94 H30 J56 J80 P20 P21 P22 P23 P24",
}
_OF_EVENTS = {code: status for status, codes in _CODES.items() for code in codes.split()}
_OLD_CODE = re.compile(r"([0-9]{2})([A-Z])")


class PostNL(CarrierClient):
    """Times are Dutch ones, without an offset, the day before the month."""

    name: ClassVar[str] = "postnl"
    title: ClassVar[str] = "PostNL"
    url: ClassVar[str] = "https://api.postnl.nl"
    carriers: ClassVar[Sequence[str]] = ("PostNL", "Post NL", "PNL", "TNT", "TNT-EXTRA")  # TNT: PostNL, at bol.
    credentials: ClassVar[Sequence[str]] = ("api_key",)
    calls_a_day: ClassVar[int] = 5_000
    seconds_between_calls: ClassVar[float] = 0.5
    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Amsterdam")
    check_number: ClassVar[str] = "3SLPST0000000"

    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask for the complete status by barcode."""
        number = number_of_question(question)
        headers = {"apikey": session.credentials["api_key"], "Accept": "application/json"}
        answer = session.send(f"/shipment/v2/status/barcode/{quote(number, safe='')}?detail=true", headers=headers)
        if answer.status == 404:
            return NOT_FOUND
        require_answer(answer)
        content = json_answer(answer)
        shipment = member(content, "CompleteStatus", "Shipment") or member(content, "CurrentStatus", "Shipment")
        if not shipment:
            if not {"CompleteStatus", "CurrentStatus", "Warnings"} & content.keys():
                raise AnswerUnusable("no status")
            return NOT_FOUND
        barcodes = [member_text(shipment, name, NAME_MAX) for name in ("Barcode", "MainBarcode")]
        if not any(same_number(barcode, number) for barcode in barcodes):
            raise AnswerUnusable("the answer is about another parcel")
        return few_enough(list(self._scans(shipment, number)))

    def _scans(self, shipment: JsonObject, number: str) -> Iterator[SourceScan | UnreadableScan]:
        events = list(_each(shipment, "Event"))
        for event in events:
            code = member_text(event, "Code", CODE_MAX)
            status = _OF_EVENTS.get(_OLD_CODE.sub(r"\2\1", code))
            yield self._scan(event, number, status, code, member_text(event, "Description", TEXT_MAX))
        if not events:
            for event in (member(shipment, "Status"), *_each(shipment, "OldStatus")):
                code = member_text(event, "StatusCode", CODE_MAX)
                if code:
                    text = member_text(event, "StatusDescription", TEXT_MAX)
                    yield self._scan(event, number, _OF_STATUSES.get(code.lstrip("0")), f"status {code}", text)

    def _scan(
        self, event: JsonObject, number: str, status: str | None, code: str, text: str
    ) -> SourceScan | UnreadableScan:
        written = member_text(event, "TimeStamp", NAME_MAX)
        read = _dutch_time(written, self.zone)
        if read is None:
            return UnreadableScan(f"TimeStamp “{written}”")
        return SourceScan(
            tracking_number=number, carrier=self.title, read=read, status=status, code=code[:CODE_MAX], text=text
        )


def _each(shipment: JsonObject, name: str) -> Iterator[JsonObject]:
    """Return the objects of a list that may be an object by itself where it has one."""
    alone = member(shipment, name)
    yield from [alone] if alone else members(shipment, name)


def _dutch_time(written: str, zone: ZoneInfo) -> ReadTime | None:
    """Read `08-11-2022 10:13:20`, with or without milliseconds, or the same as ISO 8601."""
    for form in ("%d-%m-%Y %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S"):
        try:
            read = datetime.strptime(written, form)  # noqa: DTZ007 - local, as `latest_reading` takes it.
        except ValueError:
            continue
        return latest_reading(read.isoformat(), country="NL", zone=zone)
    return latest_reading(written, country="NL", zone=zone)

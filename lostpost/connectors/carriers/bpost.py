"""bpost's tracked mail: of the account's own parcels.

bpost publishes no list of its codes; those that are known for sure are read, the operator says what others mean.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from lxml import etree

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
from lostpost.connectors.carriers.xml_answers import element_text, elements, xml_answer
from lostpost.connectors.remote_apis.problems import AnswerUnusable, RemoteUnreachable
from lostpost.connectors.remote_apis.session import RemoteSession
from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    LOCATION_MAX,
    NAME_MAX,
    TEXT_MAX,
    SourceScan,
    UnreadableScan,
)
from lostpost.connectors.tracking_sources.times import latest_reading
from lostpost.eligibility.facts import ScanStatus

_STATUSES: Mapping[str, str] = {
    "T00": ScanStatus.IN_TRANSIT,  # Sorted.
    "L00": ScanStatus.IN_TRANSIT,  # Bound to round: it leaves for the door.
    "U01": ScanStatus.DELIVERED,
    "N74": ScanStatus.AT_PICKUP_POINT,
    "R13": ScanStatus.AT_PICKUP_POINT,
}
_DISTRIBUTED = "Distributed"  # How bpost's own descriptions of deliveries begin, such as DistributedNormally.


class Bpost(CarrierClient):
    """Times have their offset, as XML Schema writes them."""

    name: ClassVar[str] = "bpost"
    title: ClassVar[str] = "bpost"
    url: ClassVar[str] = "https://api.parcel.bpost.cloud"
    carriers: ClassVar[Sequence[str]] = ("bpost", "BPOST_BE", "BPOST_BRIEF", "bpost BE", "bpack")
    credentials: ClassVar[Sequence[str]] = ("account_id", "passphrase")
    calls_a_day: ClassVar[int] = 5_000
    seconds_between_calls: ClassVar[float] = 0.5
    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Brussels")
    check_number: ClassVar[str] = "323200000000000000000000"

    def track(self, session: RemoteSession, question: CarrierQuestion) -> CarrierAnswer:
        """Ask for the tracking information of one item."""
        number = number_of_question(question)
        name_and_password = f"{session.credentials['account_id']}:{session.credentials['passphrase']}"
        headers = {"Authorization": f"Basic {b64encode(name_and_password.encode()).decode()}"}
        answer = session.send(f"/services/trackedmail/item/{quote(number, safe='')}/trackingInfo", headers=headers)
        if answer.status == 404:
            return NOT_FOUND
        require_answer(answer)
        root = xml_answer(answer)
        match etree.QName(root).localname:
            case "systemException":
                raise RemoteUnreachable(element_text(root, "message", most=TEXT_MAX) or "systemException")
            case "itemTracking":
                if not same_number(element_text(root, "itemCode", most=NAME_MAX), number):
                    raise AnswerUnusable("the answer is about another parcel")
                return few_enough(list(_scans(root, number, self.zone)))
            case other:
                raise AnswerUnusable(f"“{other[:CODE_MAX]}”")


def _scans(root: etree._Element, number: str, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    for event in elements(root, "stateInfo"):
        written = element_text(event, "time", most=NAME_MAX)
        read = latest_reading(written, country="BE", zone=zone)
        if read is None:
            yield UnreadableScan(f"time “{written}”")
            continue
        code = element_text(event, "stateCode", most=CODE_MAX)
        text = element_text(event, "stateDescription", most=TEXT_MAX)
        status = _STATUSES.get(code) or (ScanStatus.DELIVERED if text.startswith(_DISTRIBUTED) else None)
        yield SourceScan(
            tracking_number=number,
            carrier=Bpost.title,
            read=read,
            status=status,
            code=code,
            text=text,
            location=element_text(event, "location", most=LOCATION_MAX),
        )

"""What an adapter of a provider of Track & Trace does, and what it reads of a delivery."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lostpost.connectors.tracking_sources.times import ReadTime
from lostpost.core.errors import Rejected
from lostpost.core.text import trimmed

JsonObject = Mapping[str, Any]

TEXT_MAX, LOCATION_MAX, CODE_MAX, NAME_MAX, ID_MAX = 300, 100, 64, 64, 200


class DeliveryMalformed(Rejected):
    """A signed delivery is not what its source sends."""

    code = "malformed-body"


@dataclass(frozen=True, slots=True)
class SignedDelivery:
    """A delivery as it arrived: nothing of its body is read before its signature is right."""

    body: bytes
    headers: Mapping[str, str]  # Found whatever their capitals.
    token: str  # Of the address, where a source cannot sign.


@dataclass(frozen=True, slots=True)
class SourceScan:
    """One scan as a source tells it.

    `status`: ours; `NO_SCAN` where the code says nothing of the parcel; None where the code is not known.
    """

    tracking_number: str
    carrier: str  # As the source calls it.
    read: ReadTime
    status: str | None
    code: str
    text: str = ""
    location: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class UnreadableScan:
    """One scan of a delivery that cannot be taken in, and why."""

    detail: str


@dataclass(frozen=True, slots=True)
class DeliveredScans:
    """What a delivery holds; `stopped_looking`: the source says that it asks the carrier no more."""

    scans: Sequence[SourceScan | UnreadableScan]
    stopped_looking: bool = False


class TrackingAdapter(ABC):
    """A source: how it signs, and what its body says. One without state, for all shops."""

    name: ClassVar[str]  # In addresses and rows, for ever.
    title: ClassVar[str]
    secret_is_theirs: ClassVar[bool] = False  # The provider makes the secret, and we are given it.
    token_in_address: ClassVar[bool] = False  # The secret may stand in the address: the provider need not sign.
    takes_any_secret: ClassVar[bool] = True  # What a provider made can be set here.
    sends_again: ClassVar[bool] = True  # What is refused, unchanged, and stops altogether after many refusals.

    @abstractmethod
    def is_signed(self, delivery: SignedDelivery, secret: str, now: datetime) -> bool:
        """Return whether the delivery is signed with the secret, and lately where the source says when."""

    @abstractmethod
    def delivered(self, content: JsonObject, zone: ZoneInfo) -> DeliveredScans:
        """Read a delivery. `zone`: the marketplace's, for times of no known place. Raises: DeliveryMalformed."""


def json_object(body: bytes) -> JsonObject:
    """Read a body. Raises: DeliveryMalformed if it is not a JSON object."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise DeliveryMalformed(_("The body is not JSON.")) from wrong
    if not isinstance(content, dict):
        raise DeliveryMalformed(_("The body is not a JSON object."))
    return content


def same_text(left: str, right: str) -> bool:
    """Compare in a time that does not tell where the two differ."""
    return compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def member(content: JsonObject, *names: str) -> JsonObject:
    """Return an object inside an object, empty where there is none on the way."""
    for name in names:
        inner = content.get(name)
        content = inner if isinstance(inner, dict) else {}
    return content


def required_member(content: JsonObject, name: str) -> JsonObject:
    """Return an object inside an object. Raises: DeliveryMalformed."""
    inner = content.get(name)
    if not isinstance(inner, dict):
        raise DeliveryMalformed(_("The body has no object “%(name)s”.") % {"name": name})
    return inner


def members(content: JsonObject, name: str) -> Iterator[JsonObject]:
    """Return the objects of a list inside an object; nothing where there is no list."""
    inner = content.get(name)
    for each in inner if isinstance(inner, list) else ():
        if isinstance(each, dict):
            yield each


def member_text(content: JsonObject, name: str, most: int) -> str:
    """Return a text inside an object, or a whole number as text, as far as we can store it; else empty."""
    value = content.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    return trimmed(" ".join(value.split()))[:most].strip() if isinstance(value, str) else ""


def member_number(content: JsonObject, name: str) -> str:
    """Return a Track & Trace number. Raises: DeliveryMalformed if there is none."""
    number = member_text(content, name, NAME_MAX)
    if not number:
        raise DeliveryMalformed(_("The body has no Track & Trace number (“%(name)s”).") % {"name": name})
    return number


def joined_members(content: JsonObject, *names: str) -> str:
    """Return the parts of a place that are there, with commas between."""
    parts = dict.fromkeys(member_text(content, name, LOCATION_MAX) for name in names)
    return ", ".join(part for part in parts if part)[:LOCATION_MAX].strip()

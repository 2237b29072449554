"""Batches of scans, as they are sent and answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, cast

from ninja import Schema
from pydantic import (
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from lostpost.api.http.fields import Instant, Name, ScanStatus, Sent
from lostpost.orders.data import ScanData


class ScanIn(Sent):
    seller: Name | None = None
    parcel: Name | None = None
    carrier: Annotated[str, Field(max_length=64)] | None = None
    tracking_number: Annotated[str, Field(max_length=64)] | None = None
    occurred_at: Instant
    status: ScanStatus
    code: Annotated[str, Field(max_length=64)] = ""
    text: Annotated[str, Field(max_length=300)] = ""
    location: Annotated[str, Field(max_length=100)] = ""
    id: Annotated[str, Field(max_length=100, description="The carrier's own id of the event")] = ""

    def data(self, parcel: str, *, by_number: bool) -> ScanData:
        """Give it to the command, for one of the parcels that it speaks for."""
        return ScanData(
            parcel, self.occurred_at, self.status, self.code, self.text, self.location, self.id, by_number=by_number
        )


class WrongElement(NamedTuple):
    """What is wrong with the shape of one element of a batch, as the library says it."""

    errors: Sequence[Mapping[str, Any]]


def _by_itself(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Keep what is wrong with one element from keeping the others out."""
    try:
        return read(value)
    except ValidationError as error:
        return WrongElement(error.errors(include_url=False, include_context=False, include_input=False))


class ScansIn(Sent):
    scans: Annotated[list[Annotated[ScanIn, WrapValidator(_by_itself)]], Field(min_length=1, max_length=1000)]

    def elements(self) -> Iterator[tuple[int, ScanIn | WrongElement]]:
        """Return every element with its index: a scan, or what is wrong with its shape."""
        return enumerate(cast("list[ScanIn | WrongElement]", self.scans))


class ScanRejectedOut(Schema):
    index: int
    path: str
    code: str
    detail: str


class ScansOut(Schema):
    accepted: int
    duplicates: int
    rejected: list[ScanRejectedOut]
    waiting: Annotated[
        list[int], Field(description="Indexes of accepted scans whose parcel is not there yet; kept until it comes")
    ]

"""Batches of write-offs, as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from lostpost.api.http.fields import ONE_LINE, Sent
from lostpost.api.http.schemas import MinorOut, RefusedLineOut
from lostpost.api.write_offs.schemas import LineIn
from lostpost.write_off_batches.preview_batch import LINES_MAX
from lostpost.writeoffs.preview_token import LONGEST_TOKEN


class BatchLineIn(Sent):
    customer_query: Annotated[str, Field(pattern="^[0-9]{1,20}$", examples=["4711039288"])]
    lines: Annotated[
        list[LineIn] | None,
        Field(max_length=500, description="Units of its order; left out: all that may be written off"),
    ] = None
    token: (
        Annotated[
            str,
            Field(
                pattern=ONE_LINE, max_length=LONGEST_TOKEN, description="Of the preview: refused if anything changed"
            ),
        ]
        | None
    ) = None


class BatchIn(Sent):
    customer_queries: Annotated[list[BatchLineIn], Field(min_length=1, max_length=LINES_MAX)]


class UnitsOut(Schema):
    parcel: str
    item: str
    quantity: int


class BatchRefusalOut(Schema):
    code: str
    text: str
    lines: Annotated[list[RefusedLineOut] | None, Field(description="With `not-eligible`: every reason")] = None


class PreviewedLineOut(Schema):
    customer_query: str
    order_number: Annotated[str | None, Field(description="null: there is no such query")]
    lines: list[UnitsOut]
    refund_minor: MinorOut
    token: Annotated[str | None, Field(description="null where it is refused")]
    refusal: BatchRefusalOut | None


class BatchPreviewOut(Schema):
    currency: Annotated[str | None, Field(description="null where every line is refused")]
    refund_minor: MinorOut
    needs_second_person: Annotated[bool, Field(description="A person of the shop has to decide on a page")]
    refusals: Annotated[list[BatchRefusalOut], Field(description="Limits that this batch as a whole exceeds")]
    customer_queries: list[PreviewedLineOut]


class BatchLineOut(Schema):
    customer_query: str
    order_number: str | None
    state: Literal["pending", "done", "refused"]
    lines: list[UnitsOut]
    refund_minor: MinorOut
    write_off: Annotated[str | None, Field(description="Its number, once it is done")]
    refusal: BatchRefusalOut | None


class BatchHeadOut(Schema):
    id: UUID
    state: Literal["waiting", "running", "finished", "cancelled"]
    currency: str
    refund_minor: MinorOut
    started_at: datetime
    by: str
    needs_second_person: bool
    second_person: str | None
    ended_at: datetime | None


class BatchOut(BatchHeadOut):
    customer_queries: list[BatchLineOut]


class BatchesOut(Schema):
    items: list[BatchHeadOut]
    next: str | None

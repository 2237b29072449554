"""Armed write-offs, as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema

from lostpost.api.http.schemas import MinorOut
from lostpost.api.write_offs.schemas import PreviewOut

ArmedState = Literal["armed", "executed", "disarmed"]


class ArmedPreviewOut(PreviewOut):
    """What the write-off comes to, and from when on it is possible."""

    due_at: datetime


class ArmedUnitsOut(Schema):
    parcel: str
    item: str
    quantity: int


class ArmedOut(Schema):
    id: UUID
    customer_query: str
    order_number: str
    state: ArmedState
    due_at: datetime
    lines: list[ArmedUnitsOut]
    currency: str
    refund_minor: MinorOut
    armed_at: datetime
    by: str
    ended_at: datetime | None
    write_off: str | None
    reason: str | None


class ArmedListOut(Schema):
    items: list[ArmedOut]
    next: str | None

"""The feed of events as it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field


class EventOut(Schema):
    sequence: Annotated[int, Field(description="Counts within the seller from 1, without a gap", examples=[4711])]
    type: Annotated[str, Field(examples=["write-off.confirmed"])]
    at: datetime
    data: Annotated[
        dict[str, Any],
        Field(
            description="What names the thing, and of it what never changes; ask for the thing to know the rest",
            examples=[{"order_number": "2398-4471", "parcel": "2398-4471-P1"}],
        ),
    ]


class EventsOut(Schema):
    items: list[EventOut]
    next: Annotated[str | None, Field(description="`after` of the next page; null where nothing more has happened yet")]

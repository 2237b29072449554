"""Silent parcels, as they are answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Query, Schema
from pydantic import Field

from lostpost.api.customer_queries.schemas import QueryState
from lostpost.api.http.schemas import MinorOut

RadarState = Literal["eligible", "not-yet", "paused"]
OfQuery = Annotated[
    Literal["none", "open", "handled"] | None,
    Query(description="Of the order: no customer query, one in hand, or only handled ones"),
]


class RadarQueryOut(Schema):
    number: str
    state: QueryState


class SilentParcelOut(Schema):
    seller: str
    order_number: str
    parcel: str
    carrier: str
    tracking_number: str
    state: RadarState
    shipped_at: datetime
    silent_since: Annotated[datetime, Field(description="The last update")]
    eligible_from: datetime
    last_on: Annotated[date, Field(description="The last day on which it may be written off")]
    claim_on: Annotated[date | None, Field(description="The last day on which the carrier takes a claim, if known")]
    paused_since: Annotated[
        datetime | None, Field(description="Since when the scans of its carrier do not reach us, if it is paused")
    ]
    quantity: int
    value_minor: MinorOut
    currency: str
    customer_query: RadarQueryOut | None


class RadarOut(Schema):
    items: list[SilentParcelOut]
    next: str | None

"""Carriers' feeds, as they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

FeedStateOut = Literal["silent", "lifted", "fewer", "steady", "learning", "too-few"]


class FeedSilenceOut(Schema):
    since: datetime
    found_at: datetime
    cause: Annotated[Literal["rate", "connector"], Field(description="Too few scans, or a connector without answers")]
    window_hours: Annotated[int, Field(description="In so many hours before it was found")]
    expected: Annotated[int, Field(description="so many scans were to be expected")]
    received: Annotated[int, Field(description="and so many came,")]
    chance_exponent: Annotated[
        int, Field(description="which by chance happens less than once in 10 to the power of this")
    ]
    lifted_until: Annotated[datetime | None, Field(description="Until then parcels may be written off all the same")]
    lifted_by: str
    lift_reason: str


class CarrierFeedOut(Schema):
    carrier: str
    state: Annotated[FeedStateOut, Field(description="Parcels are paused while it is silent, and not lifted")]
    text: str
    received_at: Annotated[datetime | None, Field(description="When the newest scan was received")]
    usual_week: Annotated[int, Field(description="Scans in a usual week; 0 while that is not known")]
    expected_day: Annotated[int, Field(description="Scans to be expected in the last 24 hours; and those received")]
    received_day: int
    silence: FeedSilenceOut | None


class CarrierFeedsOut(Schema):
    items: list[CarrierFeedOut]

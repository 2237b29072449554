"""Arrival odds and false losses, as they are answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from ninja import Schema
from pydantic import Field

Share = Annotated[float, Field(ge=0, le=1)]


class OddsPointOut(Schema):
    day: Annotated[int, Field(description="By the end of this day, counted from now")]
    share: Share
    low: Annotated[Share, Field(description="Lower end of the 95 % interval")]
    high: Share
    at_risk: Annotated[int, Field(description="Parcels that were still watched")]


class ArrivalOddsOut(Schema):
    carrier: str
    country: Annotated[str | None, Field(description="Empty: too few to this destination, so those to all")]
    silent_days: int
    known: Annotated[bool, Field(description="False: too few parcels to say a share")]
    parcels: Annotated[int, Field(description="That were silent as long")]
    came: int
    returned: int
    within_days: int | None
    share: Annotated[Share | None, Field(description="Came within so many days")]
    low: Annotated[Share | None, Field(description="Lower end of the 95 % interval")]
    high: Share | None
    half_days: Annotated[int | None, Field(description="Half of those that came did within so many days")]
    curve: list[OddsPointOut]
    text: str


class FalseLossOut(Schema):
    carrier: Annotated[str, Field(description="In the form in which carriers are compared; empty: none")]
    policy_version: int
    parcels: Annotated[int, Field(description="That were written off")]
    came: Annotated[int, Field(description="Of these, after all")]


class FalseLossesOut(Schema):
    since: date
    items: list[FalseLossOut]

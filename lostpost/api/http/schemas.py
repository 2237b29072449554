"""Problems (RFC 9457), as they are answered, and what all answers share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

MinorOut = Annotated[int, Field(description="Minor units of the currency")]


Cadence = Literal["monthly", "twice_a_month"]


class WrongValueOut(Schema):
    path: Annotated[str, Field(description="Where it stands", examples=["body.items[2].quantity"])]
    detail: str
    code: str


EligibleFrom = Annotated[
    datetime | None,
    Field(
        description="When time alone takes this reason away; null where it does not. "
        "`text` says whether something else stands in the way by then"
    ),
]


class RefusedOut(Schema):
    code: str
    text: str
    eligible_from: EligibleFrom = None


class RefusedLineOut(Schema):
    parcel: str | None
    item: str
    refusals: list[RefusedOut]


class ProblemOut(Schema):
    """Problem details (RFC 9457). `code` is stable, and `type` leads to a page about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "https://lostpost.example/api/v1/problems/not-found",
                    "title": "Not Found",
                    "status": 404,
                    "code": "not-found",
                    "detail": "There is nothing at this address, or it is not yours to see.",
                    "instance": "/api/v1/orders/2398-4471",
                }
            ]
        }
    )

    type: Annotated[str, Field(description="Address of the page about this code")]
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; decide by it")]
    detail: Annotated[str, Field(description="For people; its words may change")]
    instance: Annotated[str, Field(description="The address that was asked")]
    errors: Annotated[list[WrongValueOut] | None, Field(description="With `validation-failed`")] = None
    lines: Annotated[list[RefusedLineOut] | None, Field(description="With `not-eligible`: every reason")] = None
    refusals: Annotated[list[RefusedOut] | None, Field(description="Of the customer query's state")] = None
    parcel: Annotated[str | None, Field(description="With `quantity-unavailable`")] = None
    item: Annotated[str | None, Field(description="With `quantity-unavailable`")] = None
    available: Annotated[int | None, Field(description="With `quantity-unavailable`: the units left")] = None

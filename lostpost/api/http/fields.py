"""What may be sent: shapes and limits, checked before anything is done. Amounts are integers of minor units."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from lostpost.core.clock import utc
from lostpost.core.mail_address import cleaned_address
from lostpost.core.money import LARGEST_MINOR
from lostpost.core.text import INVISIBLE_RANGES
from lostpost.orders.problems import LARGEST_QUANTITY

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
# No database and no e-mail accepts a NUL; blank or invisible text is useless.
_SEEN = rf"[^\s\x00-\x1f\x7f-\x9f{INVISIBLE_RANGES}]"
ONE_LINE_WORDS = rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*{_SEEN}[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
WORDS = rf"^[^\x00]*{_SEEN}[^\x00]*$"
_OF_ADDRESS = r"[^@\s<>\x22,;\x00-\x1f\x7f-\x9f]+"
EMAIL = f"^{_OF_ADDRESS}@{_OF_ADDRESS}$"  # A first check; `core.mail_address` does the full one.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written_out(value: Any) -> Any:
    """Take instants as RFC 3339 writes them; a bare number could be seconds or milliseconds."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise ValueError("write an instant with its offset, such as 2026-03-04T14:32:00+01:00")


def _a_day(value: Any) -> Any:
    """Take days as RFC 3339 writes them, for the same reason."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError("write a day such as 2026-03-04")


def _without_invisible_signs(value: Any) -> Any:
    return cleaned_address(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_a_day), Field(examples=["2026-03-04"])]


def _in_utc(value: datetime) -> datetime:
    """Convert every instant to UTC on input: no database accepts all offsets that RFC 3339 allows."""
    try:
        return utc(value)
    except OverflowError:
        raise ValueError("this instant lies in no year that there is") from None


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_in_utc),
    Field(examples=["2026-03-04T14:32:00+01:00"]),
]
Name = Annotated[str, Field(pattern=NAME, max_length=64, examples=["2398-4471"])]
Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR, strict=True, examples=[3995])]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY, strict=True, examples=[1])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=10, examples=["nl"])]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["NL"])]
PaymentProvider = Literal["manual", "mollie", "stripe"]
ShippingMethod = Literal["own", "logistics_via_platform", "shipping_via_platform", "label_via_platform", "unknown"]
ScanStatus = Literal[
    "announced",
    "with_carrier",
    "in_transit",
    "exception",
    "at_pickup_point",
    "picked_up",
    "delivered_at_neighbours",
    "delivered",
    "returning",
    "returned",
]


_ANNOTATIONS = ("title", "description", "default", "examples")


def _or_null(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Describe a value that may be null too; its annotations stay where they are."""
    if {"type": "null"} in schema.get("anyOf", []):
        return schema
    annotations: JsonSchemaValue = {name: schema[name] for name in _ANNOTATIONS if name in schema}
    return {
        "anyOf": [{name: schema[name] for name in schema if name not in annotations}, {"type": "null"}],
        **annotations,
    }


class Sent(BaseModel):
    """Something sent by a caller: a name that is not known is a mistake, and is said so; null is the same as left out.

    No schema of the API's library: where no other names are allowed, that looks at each object twice at every depth.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _leave_nulls_out(cls, values: Any) -> Any:
        if not isinstance(values, dict) or None not in values.values():
            return values
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in values.items() if value is not None or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        described = handler.resolve_ref_schema(schema)
        for name, of_field in described.get("properties", {}).items():
            if name not in described.get("required", []):
                described["properties"][name] = _or_null(of_field)
        return schema

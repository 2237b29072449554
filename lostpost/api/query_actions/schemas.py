"""Actions in several customer queries, as they are sent and answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from lostpost.answering.shipped_templates import TEMPLATES
from lostpost.api.http.fields import ONE_LINE, ONE_LINE_WORDS, WORDS, Sent
from lostpost.query_actions.preview_action import LINES_MAX, LONGEST_TOKEN

NOBODY = "nobody"
_SHIPPED = ", ".join(f"`{key}`" for key in TEMPLATES)


class ActionQueryIn(Sent):
    customer_query: Annotated[str, Field(pattern="^[0-9]{1,20}$", examples=["4711039288"])]
    token: Annotated[
        str | None,
        Field(
            pattern=ONE_LINE,
            max_length=LONGEST_TOKEN,
            description="Of the preview: refused if a newer message came, or another text would be sent",
        ),
    ] = None


class ActionIn(Sent):
    action: Literal["answer", "assign", "put-aside", "close"]
    template: Annotated[
        str | None,
        Field(
            pattern=ONE_LINE_WORDS,
            max_length=80,
            description=f"To answer with: the name of one of the shop's own, or {_SHIPPED}; each customer gets it in "
            "their language",
        ),
    ] = None
    message: Annotated[
        str | None,
        Field(
            pattern=WORDS,
            max_length=10_000,
            description="Instead of a template: a text with fields such as {order}",
        ),
    ] = None
    leave_open: Annotated[StrictBool | None, Field(description="Needed to answer")] = None
    assignee: Annotated[
        str | None,
        Field(
            pattern=ONE_LINE_WORDS,
            max_length=254,
            description=f"Needed to assign: the e-mail address of a person of the shop, or `{NOBODY}`",
        ),
    ] = None
    follow_up_on: Annotated[date | None, Field(description="From tomorrow on; needed to put aside")] = None
    reason: Annotated[str | None, Field(pattern=WORDS, max_length=200)] = None
    customer_queries: Annotated[list[ActionQueryIn], Field(min_length=1, max_length=LINES_MAX)]


class ActionRefusalOut(Schema):
    code: str
    text: str


class PreviewedQueryOut(Schema):
    customer_query: str
    order_number: Annotated[str | None, Field(description="null: there is no such query")]
    message: Annotated[str | None, Field(description="What the customer would be sent")]
    token: Annotated[str | None, Field(description="null where it is refused")]
    refusal: ActionRefusalOut | None


class ActionPreviewOut(Schema):
    refusal: Annotated[ActionRefusalOut | None, Field(description="A limit that all of them together exceed")]
    customer_queries: list[PreviewedQueryOut]


class ActionQueryOut(Schema):
    customer_query: str
    order_number: str | None
    state: Literal["pending", "done", "refused"]
    refusal: ActionRefusalOut | None


class ActionRunOut(Schema):
    id: UUID
    action: Literal["answer", "assign", "put-aside", "close"]
    assignee: Annotated[str | None, Field(description="Who has them, of an assignment; null: nobody")]
    started_at: datetime
    by: str
    ended_at: datetime | None
    customer_queries: list[ActionQueryOut]

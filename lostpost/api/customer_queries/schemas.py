"""Customer queries, as they are sent and answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Schema
from pydantic import (
    Field,
    StrictBool,
)

from lostpost.answering.files import LARGEST_FILE, MOST_FILES
from lostpost.answering.put_template import LONGEST_NAME
from lostpost.answering.shipped_templates import TEMPLATES
from lostpost.api.http.fields import ONE_LINE, ONE_LINE_WORDS, WORDS, Name, Sent

_SHIPPED = ", ".join(f"`{key}`" for key in TEMPLATES)
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
LONGEST_BASE64 = -(-LARGEST_FILE // 3) * 4


class AttachmentIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE_WORDS, max_length=200, examples=["label.jpg"])]
    content: Annotated[
        str, Field(pattern=_BASE64, min_length=4, max_length=LONGEST_BASE64, description="In Base64; 10 MB at most")
    ]


FilesOfMessage = Annotated[
    list[AttachmentIn], Field(max_length=MOST_FILES, description="That go with the message; 10 MB at most together")
]


class ContactIn(Sent):
    order_number: Name
    subject: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=200)]
    message: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]
    leave_open: StrictBool
    item: Name | None = None
    files: FilesOfMessage = []


TemplateLanguage = Literal["nl", "fr", "de", "en"]


class CustomerMessageIn(Sent):
    order_number: Name
    subject: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=200)]
    message: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]
    item: Annotated[Name | None, Field(description="The line that it is about; null: the entire order")] = None
    files: FilesOfMessage = []


class MessageIn(Sent):
    message: Annotated[
        str | None, Field(pattern=WORDS, min_length=1, max_length=10_000, description="Needed without a template")
    ] = None
    template: Annotated[
        str | None,
        Field(
            pattern=ONE_LINE_WORDS,
            max_length=LONGEST_NAME,
            description=f"Instead of a message: the name of one of the shop's own, or {_SHIPPED}; the customer gets it "
            "filled in, in their language",
        ),
    ] = None
    leave_open: StrictBool
    attachments: Annotated[
        list[UUID], Field(max_length=MOST_FILES, description="Of files that were uploaded to this query before")
    ] = []
    last_message: Annotated[
        UUID | None,
        Field(description="The newest message that you have read; a newer one refuses yours, null does not"),
    ] = None


QueryState = Literal["open", "waiting_for_customer", "follow_up_later", "handled", "with_partnerservice"]


# What a list of queries is narrowed down to, and sorted by.
SortedBy = Annotated[
    Literal["age", "deadline", "value", "eligible", "claim"],
    Query(
        description="First: who waits longest, is due next, is worth most, is eligible, is to be claimed at the carrier"
    ),
]
Need = Annotated[
    Literal["answer", "write-off", "money", "partnerservice"] | None,
    Query(description="A message to answer, units to write off, a failed refund, Partnerservice's answer"),
]
DueWithinDays = Annotated[Literal["0", "1", "3", "7"] | None, Query(description="0: today, or before")]
Carrier = Annotated[str | None, Query(pattern=ONE_LINE, max_length=64)]
Unassigned = Annotated[bool, Query(description="Only those that nobody of the shop has")]


class AsideIn(Sent):
    state: Literal["waiting_for_customer", "follow_up_later"]
    follow_up_on: Annotated[date | None, Field(description="From tomorrow on; needed to follow up later")] = None
    reason: Annotated[str | None, Field(pattern=WORDS, max_length=200)] = None


class HandOverIn(Sent):
    reason: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=1000)]


class QueryStateOut(Schema):
    number: str
    state: QueryState


class QueryOut(QueryStateOut):
    order_number: str
    subject: str
    opened_at: datetime
    waits_since: datetime
    unanswered_since: Annotated[
        datetime | None, Field(description="The customer's last message that nobody answered; null where there is none")
    ]
    answer_due_at: Annotated[datetime | None, Field(description="From when on that message has waited for too long")]
    follow_up_on: Annotated[date | None, Field(description="The day on which it comes back; only to follow up later")]
    back_from_partnerservice_at: Annotated[
        datetime | None, Field(description="When it comes back at the latest; only with Partnerservice")
    ]
    assignee: Annotated[str | None, Field(description="Who of the shop has it")]
    due_at: Annotated[datetime | None, Field(description="The nearest of its deadlines")]
    at_stake_minor: Annotated[
        int,
        Field(description="Of units neither written off nor returned; as assessed within the last hour"),
    ]
    currency: str
    eligible_from: Annotated[
        datetime | None, Field(description="When the first of that may be written off; null: never, as far as is known")
    ]
    claim_until: Annotated[
        datetime | None,
        Field(description="When the carrier takes no claim any more, as the policy knows it; null: nobody said"),
    ]
    earlier_customer_query: Annotated[
        str | None, Field(description="The handled query that it goes on with, too long after it to open it again")
    ]
    last_message: Annotated[UUID | None, Field(description="The timeline entry of the newest message of either side")]
    handled_at: datetime | None


class QueriesOut(Schema):
    items: list[QueryOut]
    next: str | None


class AttachmentOut(Schema):
    id: UUID
    name: Annotated[str | None, Field(description="Cleaned, with the ending of what it is; null once it is deleted")]
    media_type: Literal["image/jpeg", "image/png", "application/pdf"]
    size_bytes: int
    sha256: Annotated[str, Field(description="Of the file as it is kept")]
    message: Annotated[UUID | None, Field(description="The timeline entry that it came with; null: not sent yet")]
    stored_at: datetime
    deleted_at: Annotated[datetime | None, Field(description="When what is in it was deleted, as its time was over")]


class AttachmentsOut(Schema):
    items: list[AttachmentOut]


class TemplateIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE_WORDS, min_length=1, max_length=LONGEST_NAME)]
    language: TemplateLanguage
    text: Annotated[
        str, Field(pattern=WORDS, min_length=1, max_length=10_000, description="With fields such as {order}")
    ]


class TemplateOut(Schema):
    id: Annotated[UUID | None, Field(description="null: it comes along, and cannot be changed")]
    name: str
    language: TemplateLanguage
    text: str
    changed_at: datetime | None
    changed_by: str | None


class TemplatesOut(Schema):
    items: list[TemplateOut]


class DeclarationIn(Sent):
    parcel: Annotated[Name, Field(description="Of the query's order")]


class DeclarationOut(Schema):
    id: UUID
    parcel: str
    language: str
    sentence: Annotated[str | None, Field(description="What the customer signs, in their language; null once deleted")]
    asked_at: datetime
    signed_at: Annotated[datetime | None, Field(description="null: not signed yet")]
    signed_on: date | None
    signed_name: str | None
    deleted_at: Annotated[datetime | None, Field(description="When its words and the name were deleted")]


class DeclarationsOut(Schema):
    items: list[DeclarationOut]


class AnswerTimesOut(Schema):
    days: Annotated[int, Field(description="Of how many days the answers are")]
    norm_hours: Annotated[int, Field(description="Without weekends and holidays of the shop's country")]
    answers: Annotated[int, Field(description="Answers to customers who waited for one")]
    in_time: Annotated[int, Field(description="Those within the norm, from the customer's last message")]
    waiting_too_long: Annotated[int, Field(description="Customers who wait beyond the norm now; 1,000 at most")]
    share_bp: Annotated[
        int | None,
        Field(description="Answers in time of all these, in basis points; null where there is none"),
    ]


class TimelineEntryOut(Schema):
    id: UUID
    at: datetime
    kind: str
    by: str
    text: str
    data: dict[str, Any]


class TimelineOut(Schema):
    items: list[TimelineEntryOut]
    next: str | None

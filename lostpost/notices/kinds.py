"""The kinds of notices that people get by mail: which events each is about, for whom, and how soon unless one chooses.

A new kind is one entry here and its words in `texts/notices.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.sections import Section


class Timing(StrEnum):
    """How soon somebody gets notices of a kind; the earlier in this list wins where an event is of two kinds."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NoticedEvent:
    """An event of a shop's feed, with what its data does not say of people."""

    type: str
    at: datetime
    data: Mapping[str, Any]
    by_user_id: int = 0  # Who did it; 0: nobody, or a program.
    asked_by_user_id: int = 0  # Who asked Partnerservice, where it is about a request.
    assignee_user_id: int = 0  # The agent who has that request.


Concerns = Callable[[NoticedEvent, Actor], bool]


def _everybody(event: NoticedEvent, actor: Actor) -> bool:
    return True


def _asked(event: NoticedEvent, actor: Actor) -> bool:
    return event.asked_by_user_id == actor.user_id


def _mentioned(event: NoticedEvent, actor: Actor) -> bool:
    return actor.user_id in event.data.get("users", ())


def _named(event: NoticedEvent, actor: Actor) -> bool:
    return bool(event.data.get("user") == actor.user_id)


def _may_decide_batch(event: NoticedEvent, actor: Actor) -> bool:
    return actor.may_manage(Section.WRITE_OFFS)


def _has_request(event: NoticedEvent, actor: Actor) -> bool:
    return event.assignee_user_id == actor.user_id


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice.

    Args: `events`: types, or their beginnings that end in a full stop. `section`: who may not view it gets none; None
    at the desk. `usual`: how soon, unless somebody chooses. `personal`: a viewer gets it unless they choose otherwise.
    `about`: the kind of request, where only that one counts.
    """

    code: str
    events: tuple[str, ...]
    section: Section | None = None
    usual: Timing = Timing.DAILY
    concerns: Concerns = _everybody
    personal: bool = False
    about: str = ""

    def matches(self, event: NoticedEvent) -> bool:
        """Whether an event is of this kind."""
        if self.about and event.data.get("about") != self.about:
            return False
        return any(event.type == each or (each.endswith(".") and event.type.startswith(each)) for each in self.events)

    def usual_for(self, actor: Actor) -> Timing:
        """Return how soon somebody gets it who has chosen nothing: who only looks gets what is about them."""
        return self.usual if self.personal or actor.role != ActorRole.VIEWER else Timing.NONE


_ABOUT_HOLDS = ("partnerservice.released", "partnerservice.upheld")
_ABOUT_ARMED = ("write-off.carried-out", "write-off.disarmed")
_FOUND = (
    *("found-parcel.opened", "found-parcel.agreed", "found-parcel.declined"),
    *("found-parcel.unanswered", "found-parcel.not-paid", "found-parcel.returned"),
)
_FOR_SELLER = (
    *("partnerservice.answered", "partnerservice.approved", "partnerservice.declined", *_ABOUT_HOLDS),
    *("partnerservice.inquired", "partnerservice.not-written-off"),
)

MEMBER_KINDS = (
    NoticeKind("answer", _FOR_SELLER, Section.QUERIES, Timing.AT_ONCE, _asked, personal=True),
    NoticeKind("mention", ("customer-query.mentioned",), Section.QUERIES, Timing.AT_ONCE, _mentioned, personal=True),
    NoticeKind("assigned", ("customer-query.assigned",), Section.QUERIES, Timing.AT_ONCE, _named, personal=True),
    NoticeKind("unsent", ("mail.failed",), Section.QUERIES, Timing.AT_ONCE, _named, personal=True),
    NoticeKind("message", ("message.received",), Section.QUERIES),
    NoticeKind("overdue", ("customer-query.overdue",), Section.QUERIES),
    NoticeKind("decision", _FOR_SELLER, Section.QUERIES),
    NoticeKind("found", _FOUND, Section.QUERIES),
    NoticeKind("refund", ("refund.failed",), Section.FINANCE, Timing.AT_ONCE),
    NoticeKind("invoice", ("invoice.issued", "invoice.paid"), Section.FINANCE),
    NoticeKind("hold", ("hold.placed", *_ABOUT_HOLDS), Section.WRITE_OFFS, Timing.AT_ONCE),
    NoticeKind("batch", ("write-off-batch.submitted",), Section.WRITE_OFFS, Timing.AT_ONCE, _may_decide_batch),
    NoticeKind("armed", _ABOUT_ARMED, Section.WRITE_OFFS, Timing.AT_ONCE, _named, personal=True),
    NoticeKind("people", ("member.",), Section.PEOPLE),
)

_REQUESTS = ("order-too-old", "delivered", "other-method", "found", "hold", "refund-failed", "appeal")
DESK_KINDS = (
    NoticeKind("handed-over", ("partnerservice.handed-over",), usual=Timing.AT_ONCE, concerns=_named, personal=True),
    NoticeKind("reply", ("partnerservice.replied",), usual=Timing.AT_ONCE, concerns=_has_request, personal=True),
    *(NoticeKind(f"request-{about}", ("partnerservice.asked",), about=about) for about in _REQUESTS),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may get notices, with what they chose.

    Args: `actor`: a member of the shop, or an agent of the desk. `chosen`: timing by the code of a kind. `off`: no mail
    at all. `digest_hour`: of the marketplace's day.
    """

    actor: Actor
    chosen: Mapping[str, str] = field(default_factory=dict)
    off: bool = False
    digest_hour: int = 7
    language: str = ""

    @property
    def kinds(self) -> list[NoticeKind]:
        """The kinds that the reader may choose: of sections that they may view."""
        if self.actor.shop is None:
            return list(DESK_KINDS)
        return [kind for kind in MEMBER_KINDS if kind.section and self.actor.may_view(kind.section)]

    def timing(self, kind: NoticeKind) -> Timing:
        """Return how soon the reader gets notices of a kind."""
        if self.off:
            return Timing.NONE
        return Timing(self.chosen.get(kind.code, kind.usual_for(self.actor)))

    def notice_of(self, event: NoticedEvent) -> tuple[NoticeKind, Timing] | None:
        """Return as what and how soon the reader gets an event; None if not, as for what one did oneself."""
        if event.by_user_id and event.by_user_id == self.actor.user_id:
            return None
        wanted = [
            (kind, self.timing(kind))
            for kind in self.kinds
            if kind.matches(event) and kind.concerns(event, self.actor) and self.timing(kind) is not Timing.NONE
        ]
        return min(wanted, key=lambda one: list(Timing).index(one[1]), default=None)

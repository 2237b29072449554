"""What a list of queries is narrowed down to and sorted by: as its address says it, and as SQL has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from lostpost.core.text import compact_form, is_one_line
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import begins_at
from lostpost.eligibility.policy import Policy

State = CustomerQuery.State

# The buckets in which a shop sees its queries, in the order in which it looks at them.
BUCKETS = (
    State.OPEN,
    State.WAITING_FOR_CUSTOMER,
    State.FOLLOW_UP_LATER,
    State.WITH_PARTNERSERVICE,
    State.HANDLED,
)
NEEDS = ("answer", "write-off", "money", "partnerservice", "silent")  # What is to be done first in a query.
SORTS = ("deadline", "value", "age", "eligible", "claim")
DUE_DAYS = ("0", "1", "3", "7")  # Due within so many days; 0: today, or before.
OLDER_DAYS = ("1", "3", "7", "14", "30")  # It has been whoever's turn for longer than so many days.
ME, NOBODY = "me", "nobody"
LONGEST_CARRIER = 64


@dataclass(frozen=True, slots=True)
class ListFilters:
    """What is listed; each field is a parameter of the address, empty where it narrows nothing."""

    state: str = State.OPEN.value
    need: str = ""
    due: str = ""
    carrier: str = ""
    who: str = ""  # ME, NOBODY, or a user's id.
    older: str = ""
    sort: str = "deadline"

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> ListFilters:
        """Read the parameters of an address; what is unknown narrows nothing."""
        who, carrier = parameters.get("who", ""), " ".join(parameters.get("carrier", "").split())
        return cls(
            state=_one_of(BUCKETS, parameters.get("state", ""), State.OPEN),
            need=_one_of(NEEDS, parameters.get("need", "")),
            due=_one_of(DUE_DAYS, parameters.get("due", "")),
            carrier=carrier if is_one_line(carrier) and len(carrier) <= LONGEST_CARRIER else "",
            who=who if who in (ME, NOBODY) or (who.isascii() and who.isdigit() and len(who) < 19) else "",
            older=_one_of(OLDER_DAYS, parameters.get("older", "")),
            sort=_one_of(SORTS, parameters.get("sort", ""), "deadline"),
        )

    @classmethod
    def from_text(cls, text: str) -> ListFilters:
        """Read a query string, as `text` writes it."""
        return cls.read(dict(parse_qsl(text)))

    @property
    def text(self) -> str:
        """The query string, without what is as everybody has it."""
        return urlencode({name: value for name, value in self._given().items() if value})

    def but(self, **others: str) -> ListFilters:
        """Return the same list with other values."""
        return replace(self, **others)

    @property
    def narrowed(self) -> bool:
        """Whether it is anything but a whole bucket."""
        return any((self.need, self.due, self.carrier, self.who, self.older))

    def _given(self) -> dict[str, str]:
        usual = ListFilters()
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in given.items() if value != getattr(usual, name)}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a query's columns; `column`: that whose range it is, so that an index sorted by it ends there."""

    sql: str
    column: str = ""


_NEEDED = {
    "answer": Condition("unanswered_since IS NOT NULL"),
    "write-off": Condition("eligible_from <= %(now)s", "eligible_from"),
    "money": Condition("(refunds_failed > 0 OR found_cases_open > 0)", "due_at"),  # As its index has it, literally.
    "partnerservice": Condition("partnerservice_answered_at IS NOT NULL"),
    "silent": Condition("false", "due_at"),  # Parcels that no query is about.
}


def conditions_of(
    filters: ListFilters, *, policy: Policy, user_id: int | None, now: datetime
) -> tuple[list[Condition], dict[str, Any]]:
    """Return what the queries of a list fulfil, and the parameters of that; each names only columns of the row."""
    conditions, parameters = [], dict[str, Any]()
    if filters.need:
        conditions.append(_NEEDED[filters.need])
        parameters["now"] = now
    if filters.due:
        conditions.append(Condition("due_at < %(due_until)s", "due_at"))
        parameters["due_until"] = due_until(filters, policy, now)
    if filters.carrier:
        conditions.append(Condition("carrier_normalised = %(carrier)s"))
        parameters["carrier"] = compact_form(filters.carrier)
    if filters.who == NOBODY:
        conditions.append(Condition("assignee_user_id IS NULL"))
    elif filters.who:
        conditions.append(Condition("assignee_user_id = %(assignee)s", "due_at"))
        parameters["assignee"] = user_id if filters.who == ME else int(filters.who)
    if filters.older:
        conditions.append(Condition("waits_since <= %(waiting_before)s", "waits_since"))
        parameters["waiting_before"] = waiting_before(filters, now)
    return conditions, parameters


def due_until(filters: ListFilters, policy: Policy, now: datetime) -> datetime:
    """Return the instant before which what is listed is due: the end of a day in the marketplace's calendar."""
    return begins_at(now.astimezone(policy.zone).date() + timedelta(days=int(filters.due) + 1), policy)


def waiting_before(filters: ListFilters, now: datetime) -> datetime:
    """Return the instant before which what is listed began to wait."""
    return now - timedelta(days=int(filters.older))


def _one_of(allowed: tuple[str, ...], value: str, usual: str = "") -> str:
    return str(value if value in allowed else usual)

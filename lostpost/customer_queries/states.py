"""The states of a customer query: which may follow which, and the columns that go with each.

Everything here changes a locked query within the caller's transaction; `query.order` is loaded. Nobody else writes
these columns.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.clock import utc
from lostpost.core.errors import Conflict
from lostpost.customer_queries.clock_hours import late_from
from lostpost.customer_queries.free_days import current_free_days
from lostpost.customer_queries.models import NEVER, CustomerQuery, TimelineEntry
from lostpost.customer_queries.timeline import QueryHandled, QueryWithPartnerservice, add_entry
from lostpost.eligibility.policy import Policy

State = CustomerQuery.State

MOVES: dict[State, frozenset[State]] = {
    State.OPEN: frozenset(
        {State.WAITING_FOR_CUSTOMER, State.FOLLOW_UP_LATER, State.HANDLED, State.WITH_PARTNERSERVICE}
    ),
    State.WAITING_FOR_CUSTOMER: frozenset(
        {State.OPEN, State.FOLLOW_UP_LATER, State.HANDLED, State.WITH_PARTNERSERVICE}
    ),
    State.FOLLOW_UP_LATER: frozenset(
        {State.OPEN, State.WAITING_FOR_CUSTOMER, State.HANDLED, State.WITH_PARTNERSERVICE}
    ),
    State.HANDLED: frozenset({State.OPEN}),
    State.WITH_PARTNERSERVICE: frozenset({State.OPEN}),
}
WITH_PARTNERSERVICE_AT_MOST = timedelta(hours=48)  # Of any clock: it comes back on a Sunday, too.


class NewerMessage(Conflict):
    """A message came, or somebody answered, since the sender read the query."""

    code = "newer-message"
    sentence = _("There is a newer message in this customer query than the one you saw. Read it, then send yours.")


class CannotClose(Conflict):
    """Something is still to be settled in this query."""

    code = "cannot-close"


def require_open(query: CustomerQuery, *, now: datetime) -> None:
    """Refuse to go on with a query that is handled or with Partnerservice. Raises QueryHandled etc.

    One whose time with Partnerservice is over comes back first, where the job that does so is late.
    """
    if query.state == State.WITH_PARTNERSERVICE and is_back(query, now=now):
        come_back(query, by=None, now=now)
    require_in_hand(query, now=now)


def require_in_hand(query: CustomerQuery, *, now: datetime) -> None:
    """Refuse as `require_open` does, and change nothing: for a query that is only read."""
    if query.state == State.HANDLED:
        raise QueryHandled
    if query.state == State.WITH_PARTNERSERVICE and not is_back(query, now=now):
        raise QueryWithPartnerservice


def require_newest_read(query: CustomerQuery, last_message_id: UUID | None) -> None:
    """Refuse somebody who has read another message last than the newest; None: whatever came. Raises NewerMessage."""
    if last_message_id and query.last_message_id != last_message_id:
        raise NewerMessage


def require_closable(query: CustomerQuery) -> None:
    """Refuse to close while a refund has failed, or a found parcel is to be decided about. Raises CannotClose."""
    if query.refunds_failed:
        raise CannotClose(
            _("The refund in this customer query has failed; it stays open until the customer has the money.")
        )
    if query.found_cases_open:
        raise CannotClose(_("A parcel that was written off was found. Decide first what follows."))


def is_back(query: CustomerQuery, *, now: datetime) -> bool:
    """Return whether the time of a query with Partnerservice is over."""
    return query.back_from_partnerservice_at is not None and query.back_from_partnerservice_at <= now


def mark_open(query: CustomerQuery, *, by: Actor | None, now: datetime) -> None:
    """Make a query the seller's turn again; where it is already, nothing changes."""
    if query.state != State.OPEN:
        _move(query, State.OPEN, now=now)
        add_entry(query, "query.reopened", now=now, by=by)


def mark_handled(query: CustomerQuery, *, by: Actor | None, now: datetime, reason: str = "") -> None:
    """Close a query. Raises CannotClose while a refund has failed, or a found parcel is to be decided about.

    Args: `reason`: a code, where nobody did.
    """
    require_closable(query)
    _stop(query)
    query.earlier_follow_up_on = None
    _move(query, State.HANDLED, now=now)
    add_entry(query, "query.closed", now=now, by=by, **({"reason": reason} if reason else {}))


def mark_waiting(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Let a query wait for the customer."""
    query.earlier_follow_up_on = None
    _move(query, State.WAITING_FOR_CUSTOMER, now=now)
    add_entry(query, "query.put-aside", now=now, by=by, state=State.WAITING_FOR_CUSTOMER.value)


def mark_followed_up_later(query: CustomerQuery, *, on: date, reason: str, by: Actor, now: datetime) -> None:
    """Put a query away until a day; another day may be set again and again."""
    query.earlier_follow_up_on = None
    _move(query, State.FOLLOW_UP_LATER, now=now, follow_up_on=on, reason=reason)
    state = State.FOLLOW_UP_LATER.value
    add_entry(query, "query.put-aside", now=now, by=by, state=state, until=on.isoformat(), reason=reason)


def mark_with_partnerservice(query: CustomerQuery, *, by: Actor, reason: str, now: datetime) -> None:
    """Hand a query to Partnerservice, for 48 hours at most."""
    back_at = utc(now) + WITH_PARTNERSERVICE_AT_MOST
    query.earlier_follow_up_on = None
    _move(query, State.WITH_PARTNERSERVICE, now=now, back_at=back_at)
    add_entry(query, "query.with-partnerservice", now=now, by=by, text=reason, until=utc(back_at).isoformat())


def come_back(query: CustomerQuery, *, by: Actor | None, now: datetime) -> None:
    """Return a query from Partnerservice to the seller: by their answer (`by`), or as its time is over."""
    _move(query, State.OPEN, now=now)
    add_entry(query, "query.returned", now=now, by=by)


def wake(query: CustomerQuery, *, now: datetime) -> None:
    """Bring a query back that was put away until today."""
    day = query.follow_up_on
    assert day is not None
    _move(query, State.OPEN, now=now)
    add_entry(query, "query.followed-up", now=now, on=day.isoformat(), reason=query.aside_reason)


def stop_clock(query: CustomerQuery, *, now: datetime) -> None:
    """Let a query wait for nobody's answer, as the shop has just given one; its state stays."""
    _stop(query)
    query.partnerservice_answered_at = query.earlier_follow_up_on = None
    if query.state in (State.OPEN, State.WAITING_FOR_CUSTOMER):
        query.waits_since, query.closing_announced_at = now, None
    save_state(query)


def restart_wait(query: CustomerQuery, *, now: datetime) -> None:
    """Start the wait of a query that waits for the customer again, as something came that nobody has read yet."""
    if query.state == State.WAITING_FOR_CUSTOMER:
        query.waits_since, query.closing_announced_at = now, None
        save_state(query)


def start_clock(query: CustomerQuery, *, since: datetime) -> None:
    """Let the customer wait for an answer."""
    query.unanswered_since, query.answer_due_at, query.overdue_announced_at = since, None, None
    save_state(query)


def count_failed_refunds(query: CustomerQuery, change: int) -> None:
    """Count refunds that failed (1), or did not fail after all (-1)."""
    query.refunds_failed += change
    save_state(query)


def count_found_cases(query: CustomerQuery, change: int) -> None:
    """Count found parcels that the shop has to decide about (1), or about which it has for now (-1)."""
    query.found_cases_open += change
    save_state(query)


def note_partnerservice_answer(query: CustomerQuery, *, at: datetime | None) -> None:
    """Remember when Partnerservice answered; None once the shop has acted on it."""
    query.partnerservice_answered_at = at
    save_state(query)


def note_closing_announced(query: CustomerQuery, *, at: datetime) -> None:
    """Remember when the customer was sent the notice that a query closes."""
    query.closing_announced_at = at
    save_state(query)


def note_last_message(query: CustomerQuery, entry: TimelineEntry) -> None:
    """Remember the newest message of a query, whoever wrote it."""
    query.last_message_id = entry.id
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(last_message_id=entry.id)


def save_state(query: CustomerQuery) -> None:
    """Save all that these functions change, and the deadline that follows."""
    policy = current_policy()
    _set_answer_deadline(query, policy)
    query.due_at = due_at_of(query, policy)
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(
        **{name: getattr(query, name) for name in _COLUMNS}
    )


_COLUMNS = (
    *("state", "handled_at", "waits_since", "unanswered_since", "answer_due_at", "holidays_version"),
    "overdue_announced_at",
    *("follow_up_on", "earlier_follow_up_on", "aside_reason", "closing_announced_at", "back_from_partnerservice_at"),
    *("partnerservice_answered_at", "refunds_failed", "found_cases_open", "due_at"),
)


def due_at_of(query: CustomerQuery, policy: Policy) -> datetime:
    """Return the nearest deadline of a query, by which lists are sorted; NEVER where there is none.

    That of the answer, the marketplace's last day while anything may yet be written off, the day on which it comes
    back. What went wrong with money is due since it did.
    """
    if query.state == State.HANDLED:
        return NEVER
    if query.state == State.WITH_PARTNERSERVICE:
        return query.back_from_partnerservice_at or NEVER
    if query.state == State.FOLLOW_UP_LATER and query.follow_up_on:
        return begins_at(query.follow_up_on, policy)
    moments = [query.answer_due_at] if query.answer_due_at else []
    if query.refunds_failed or query.found_cases_open:
        moments.append(query.waits_since)
    if query.partnerservice_answered_at:
        moments.append(query.partnerservice_answered_at)
    if query.eligible_from < NEVER:
        moments.append(
            begins_at(last_day(query.order.placed_at, query.order.customer_country, policy) + timedelta(days=1), policy)
        )
    return min(moments, default=NEVER)


def claim_day(carrier: str, shipped_at: datetime, policy: Policy) -> date | None:
    """Return the carrier's last day for a claim, in the marketplace's calendar; None where nobody said it."""
    days = policy.claim_days(carrier)
    return shipped_at.astimezone(policy.zone).date() + timedelta(days=days) if days else None


def last_day(placed_at: datetime, country: str, policy: Policy) -> date:
    """Return the last day on which items of an order may be written off, in the marketplace's calendar."""
    return placed_at.astimezone(policy.zone).date() + timedelta(
        days=policy.value_of("order_age_days_max", country=country, at=placed_at)
    )


def begins_at(day: date, policy: Policy) -> datetime:
    """Return the first instant of a day in the marketplace's zone, in UTC."""
    return utc(datetime.combine(day, time(), tzinfo=policy.zone))


def _move(
    query: CustomerQuery,
    to: State,
    *,
    now: datetime,
    follow_up_on: date | None = None,
    reason: str = "",
    back_at: datetime | None = None,
) -> None:
    """Move a query to another state with its evidence; a day may be set again for one that is followed up later."""
    assert to in MOVES[State(query.state)] or (query.state == to == State.FOLLOW_UP_LATER), f"{query.state} → {to}"
    query.state, query.waits_since = to, now
    query.handled_at = now if to == State.HANDLED else None
    query.follow_up_on, query.back_from_partnerservice_at, query.closing_announced_at = follow_up_on, back_at, None
    if to != State.OPEN:  # Why it was put aside stays to be read when it has come back.
        query.aside_reason, query.partnerservice_answered_at = reason, None
    save_state(query)


def _stop(query: CustomerQuery) -> None:
    query.unanswered_since = query.answer_due_at = query.overdue_announced_at = None


def _set_answer_deadline(query: CustomerQuery, policy: Policy) -> None:
    """Set by when the customer is to be answered, and by which holidays; what they were promised stays as it was."""
    since = query.unanswered_since
    if since is None:
        query.answer_due_at, query.holidays_version = None, 0
        return
    if query.answer_due_at:
        return
    country = Seller.objects.values_list("country", flat=True).get(id=query.seller_id)
    free_days = current_free_days(country)
    query.holidays_version = free_days.version
    query.answer_due_at = late_from(since, country=country, zone=policy.zone, free_days=free_days)

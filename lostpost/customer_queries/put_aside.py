"""Put a query aside: it waits for the customer, or for a later day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.policy import current_policy
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.text import is_storable, trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_followed_up_later, mark_waiting, require_newest_read, require_open
from lostpost.customer_queries.timeline import lock_query

State = CustomerQuery.State
LATEST_FOLLOW_UP = timedelta(days=366)
LONGEST_REASON = 200


@transaction.atomic(durable=True)
def put_aside(
    *,
    number: str,
    state: str,
    by: Actor,
    now: datetime,
    follow_up_on: date | None = None,
    reason: str = "",
    last_message_id: UUID | None = None,
) -> CustomerQuery:
    """Let an open query wait for the customer, or for a later day; where it does already, nothing changes.

    Args: `state`: `waiting_for_customer` or `follow_up_later`, which needs a day after today (in the marketplace's
    calendar) and may have a reason. `last_message_id`: the newest message that was read; None: whatever came since.
    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NewerMessage, Rejected for another state or
    day.
    """
    require_writer(by, Section.QUERIES)
    if state not in (State.WAITING_FOR_CUSTOMER, State.FOLLOW_UP_LATER):
        raise Rejected(_("Choose whether the query waits for the customer or is followed up later."))
    reason = require_reason(reason)
    query = lock_query(number, seller_id=by.seller_id)
    require_open(query, now=now)
    require_newest_read(query, last_message_id)
    if state == State.WAITING_FOR_CUSTOMER:
        if query.state != state:
            mark_waiting(query, by=by, now=now)
        return query
    day = require_later_day(follow_up_on, now)
    if (query.state, query.follow_up_on, query.aside_reason) != (state, day, reason):
        mark_followed_up_later(query, on=day, reason=reason, by=by, now=now)
    return query


def require_reason(reason: str) -> str:
    """Return the reason as one line. Raises Rejected for one that is too long."""
    reason = " ".join(trimmed(reason).split())
    if len(reason) > LONGEST_REASON or not is_storable(reason):
        raise Rejected(_("Give a reason of at most %(most)d characters.") % {"most": LONGEST_REASON})
    return reason


def require_later_day(day: date | None, now: datetime) -> date:
    """Return a day on which a query may be followed up. Raises Rejected for none, a past one and one too far away."""
    today = now.astimezone(current_policy().zone).date()
    if day is None or not today < day <= today + LATEST_FOLLOW_UP:
        raise Rejected(_("Choose the day on which you follow it up: from tomorrow on, and within a year."))
    return day

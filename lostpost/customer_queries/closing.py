"""Queries that wait for a customer who does not answer: they close by themselves where the policy says so.

The customer gets a notice some days before, at an hour at which people work; whatever they write keeps the query open,
or opens it again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from lostpost.accounts.models import Seller
from lostpost.customer_queries.clock_hours import is_working_hour
from lostpost.customer_queries.free_days import current_free_days
from lostpost.customer_queries.messages import queue_mail
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_handled, note_closing_announced
from lostpost.customer_queries.timeline import add_entry
from lostpost.eligibility.policy import Policy

CLOSING_MAIL = "query.closing"  # The kind of the notice's e-mail.
NO_ANSWER = "no-answer"  # Why it closed.


def queries_to_announce(policy: Policy, *, now: datetime) -> QuerySet[CustomerQuery]:
    """Return the queries of all sellers whose customers are to be sent the notice."""
    if not policy.close_waiting_days:
        return CustomerQuery.objects.none()
    return _closing().filter(closing_announced_at=None, waits_since__lte=now - _silent_before_notice(policy))


def queries_to_close(policy: Policy, *, now: datetime) -> QuerySet[CustomerQuery]:
    """Return the queries of all sellers that stayed unanswered, after the notice too."""
    if not policy.close_waiting_days:
        return CustomerQuery.objects.none()
    return _closing().filter(
        closing_announced_at__lte=now - _notice(policy), waits_since__lte=now - _silent_before_closing(policy)
    )


def move_towards_closing(query: CustomerQuery, policy: Policy, *, now: datetime) -> None:
    """Announce that a locked query closes, or close it, where either is due."""
    if not policy.close_waiting_days or not _may_close(query):
        return
    if query.closing_announced_at is None:
        if query.waits_since <= now - _silent_before_notice(policy):
            _announce(query, policy, now=now)
    elif now >= _closes_at(query, query.closing_announced_at, policy):
        mark_handled(query, by=None, reason=NO_ANSWER, now=now)


def _announce(query: CustomerQuery, policy: Policy, *, now: datetime) -> None:
    country = Seller.objects.values_list("country", flat=True).get(id=query.seller_id)
    if not is_working_hour(now, free_days=current_free_days(country), zone=policy.zone):
        return  # It is sent some hours or days later, and the query closes later then.
    note_closing_announced(query, at=now)
    closes_on = _closes_at(query, now, policy).astimezone(policy.zone).date()
    entry = add_entry(query, "query.closing-announced", now=now, until=closes_on.isoformat())
    queue_mail(query, kind=CLOSING_MAIL, about_id=entry.id, now=now)


def _closing() -> QuerySet[CustomerQuery]:
    waiting = CustomerQuery.objects.filter(state=CustomerQuery.State.WAITING_FOR_CUSTOMER)
    return waiting.filter(unanswered_since=None, refunds_failed=0, found_cases_open=0)


def _may_close(query: CustomerQuery) -> bool:
    """Whether it is nobody's turn but the customer's: nothing of theirs is unanswered, and no money is stuck."""
    waits = query.state == CustomerQuery.State.WAITING_FOR_CUSTOMER and query.unanswered_since is None
    return waits and not query.refunds_failed and not query.found_cases_open


def _closes_at(query: CustomerQuery, announced_at: datetime, policy: Policy) -> datetime:
    """Return when it closes: the customer has the days of the notice, however late that was sent."""
    return max(query.waits_since + _silent_before_closing(policy), announced_at + _notice(policy))


def _silent_before_closing(policy: Policy) -> timedelta:
    return timedelta(days=policy.close_waiting_days)


def _silent_before_notice(policy: Policy) -> timedelta:
    return max(_silent_before_closing(policy) - _notice(policy), timedelta())


def _notice(policy: Policy) -> timedelta:
    return timedelta(days=policy.close_notice_days)

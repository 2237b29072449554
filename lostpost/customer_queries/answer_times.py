"""How quickly a shop answers: each answer is counted in its day, and the share in time is read from some weeks of them.

Counted from the customer's last message that nobody answered, without weekends and holidays of the shop's country.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from django.db.models import Sum

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, insertion
from lostpost.customer_queries.clock_hours import late_before, late_from
from lostpost.customer_queries.free_days import current_free_days
from lostpost.customer_queries.models import AnswerDay, CustomerQuery

NORM = timedelta(hours=24)
DAYS = 28
MOST_COUNTED = 1000  # Customers who wait; more are not counted.

_COUNTED_BEFORE = """
    ON CONFLICT ON CONSTRAINT answer_day_counted_once
    DO UPDATE SET answers = existing.answers + 1, in_time = existing.in_time + excluded.in_time
"""


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """A shop's answers of the last weeks, and the customers who wait for longer than the norm."""

    answers: int
    in_time: int
    waiting_too_long: int

    @property
    def share_bp(self) -> int | None:
        """The share in time in basis points, of answers given and overdue; None where there is none."""
        counted = self.answers + self.waiting_too_long
        return self.in_time * 10_000 // counted if counted else None


def count_answer(query: CustomerQuery, *, now: datetime) -> None:
    """Count an answer in its day, in the caller's transaction; where nobody waits for one, nothing is counted.

    Call it once the feed is locked: it locks the shop's day.
    """
    if query.unanswered_since is None:
        return
    zone = current_policy().zone
    country = Seller.objects.values_list("country", flat=True).get(id=query.seller_id)
    free_days = current_free_days(country)
    in_time = now < late_from(query.unanswered_since, country=country, zone=zone, promised=NORM, free_days=free_days)
    counted = {"id": uuid7(), "day": now.astimezone(zone).date(), "answers": 1, "in_time": int(in_time)}
    same = ("seller_id", *counted)
    execute(f"{insertion(AnswerDay, same=same)} {_COUNTED_BEFORE}", {"seller_id": query.seller_id, **counted})


def answer_times(seller_id: UUID, *, country: str, zone: tzinfo, now: datetime) -> AnswerTimes:
    """Return how quickly a shop has answered in the last weeks: three statements, whatever its size."""
    since = now.astimezone(zone).date() - timedelta(days=DAYS)
    days = AnswerDay.objects.filter(seller_id=seller_id, day__gt=since)
    sums = days.aggregate(answers=Sum("answers", default=0), in_time=Sum("in_time", default=0))
    free_days = current_free_days(country)
    late = CustomerQuery.objects.filter(
        seller_id=seller_id,
        state=CustomerQuery.State.OPEN,
        unanswered_since__lte=late_before(now, country=country, zone=zone, promised=NORM, free_days=free_days),
    )
    return AnswerTimes(sums["answers"], sums["in_time"], late[:MOST_COUNTED].count())

"""The 24-hour norm: answers within it, from the customer's last message, without weekends and holidays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.answer_times import DAYS, AnswerTimes, answer_times
from lostpost.customer_queries.clock_hours import late_before, late_from
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import AnswerDay
from lostpost.customer_queries.receive_message import receive_message
from tests.cast import NOW, silent_parcel

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = timedelta(hours=24)


def times_of(seller, now):
    return answer_times(seller.id, country="NL", zone=AMSTERDAM, now=now)


@pytest.mark.django_db
def test_each_answer_counts_from_the_last_message_before_it(anna, carla):
    friday, hour = NOW + timedelta(days=3), timedelta(hours=1)

    def wait_and_answer(written_at, answered_at, *, leave_open=True):
        query = silent_parcel(anna)
        for at in written_at:
            receive_message(seller_id=query.seller_id, number=query.number, message="Well?", now=at)
        for again in range(2):  # The second answers nobody.
            who = {"number": query.number, "by": anna, "key": f"answer-{query.number}-{again}"}
            if leave_open or not again:
                answer_query(**who, message="Soon.", leave_open=leave_open, now=answered_at)

    assert times_of(anna.seller, NOW) == AnswerTimes(0, 0, 0)
    assert times_of(anna.seller, NOW).share_bp is None
    wait_and_answer([friday], friday + 3 * DAY - hour)  # Over a weekend.
    wait_and_answer([friday], friday + 3 * DAY, leave_open=False)  # Too late, and closed.
    wait_and_answer([NOW - 9 * DAY, friday], friday + hour)
    closed, waiting = silent_parcel(anna), silent_parcel(anna)
    for query in (closed, waiting):
        receive_message(seller_id=query.seller_id, number=query.number, message="Thanks.", now=friday)
    close_query(number=closed.number, by=anna, now=friday)

    assert times_of(anna.seller, friday + 3 * DAY - timedelta(seconds=1)) == AnswerTimes(3, 2, 0)
    times = times_of(anna.seller, friday + 3 * DAY)
    assert (times, times.share_bp) == (AnswerTimes(3, 2, 1), 5000)
    assert sorted(AnswerDay.objects.values_list("answers", "in_time")) == [(1, 1), (2, 1)]
    assert times_of(carla.seller, friday + 3 * DAY) == AnswerTimes(0, 0, 0)
    assert times_of(anna.seller, friday + timedelta(days=DAYS)).answers == 2, "the first day is over"


@given(
    st.integers(0, 400 * 24 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds)),
)
def test_both_ways_of_counting_agree(now):
    about: dict[str, Any] = {"country": "NL", "zone": AMSTERDAM, "promised": DAY}
    since, second = late_before(now, **about), timedelta(seconds=1)
    assert late_from(since - second, **about) <= now < late_from(since + second, **about)

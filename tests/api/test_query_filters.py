"""A partner lists customer queries by the filters and orders that the worklist has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.receive_message import receive_message
from lostpost.writeoffs.assess_stakes import assess_stakes
from tests.api.machine import Machine, a_platform
from tests.cast import silent_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform() -> Machine:
    return a_platform()


def listed(platform: Machine, **filters: str) -> list[str]:
    """Read the list in pages of two, and return the numbers."""
    numbers: list[str] = []
    after: dict[str, str] = {}
    while True:
        asked = urlencode({"seller": "lampenhuis", "size": "2", **filters, **after})
        answer = platform.call("get", f"/customer-queries?{asked}")
        assert answer.status_code == 200, answer.content
        numbers += [each["number"] for each in answer.json()["items"]]
        if answer.json()["next"] is None:
            return numbers
        after = {"after": answer.json()["next"]}


def test_queries_are_filtered_sorted_and_read_page_by_page(platform: Machine, anna: Any) -> None:
    now = timezone.now()
    cheap, dear, quiet = (
        silent_parcel(anna, quiet_days=days, paid_minor=minor, now=now)
        for days, minor in ((9, 5_00), (8, 95_00), (1, 20_00))
    )
    receive_message(seller_id=anna.seller_id, number=quiet.number, message="Well?", now=now - timedelta(days=9))
    assess_stakes(seller_id=anna.seller_id, query_ids=[cheap.id, dear.id, quiet.id], now=now)
    for filters, expected in (
        ({}, [cheap, dear, quiet]),
        ({"sort": "value"}, [dear, quiet, cheap]),
        ({"sort": "eligible"}, [cheap, dear, quiet]),
        ({"sort": "deadline"}, [quiet, cheap, dear]),
        ({"sort": "claim"}, [cheap, dear, quiet]),
        ({"need": "answer"}, [quiet]),
        ({"need": "write-off"}, [cheap, dear]),
        ({"due_within_days": "0"}, [quiet]),
        ({"carrier": "DPD", "unassigned": "true", "sort": "value"}, [dear, quiet, cheap]),
        ({"carrier": "bpost"}, []),
        ({"state": "handled"}, []),
    ):
        found = listed(platform, **filters)
        assert sorted(found) == sorted(each.number for each in expected), filters
        assert filters.get("sort") in (None, "age") or found == [each.number for each in expected], filters
    first = platform.call("get", "/customer-queries?seller=lampenhuis&sort=value&size=1").json()["items"][0]
    assert (first["at_stake_minor"], first["currency"]) == (95_00, "EUR")
    assert first["eligible_from"] < first["claim_until"] < first["due_at"]


@pytest.mark.parametrize("filters", ["sort=size", "need=silent", "due_within_days=2", "sort=value&after=x_y"])
def test_an_unknown_filter_or_cursor_is_refused(platform: Machine, anna: Any, filters: str) -> None:
    assert platform.call("get", f"/customer-queries?seller=lampenhuis&{filters}").status_code == 422


def test_a_partner_reads_how_quickly_the_shop_answers(platform: Machine, anna: Any) -> None:
    query, now = silent_parcel(anna, now=timezone.now()), timezone.now()
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=now)
    answer_query(number=query.number, message="Soon.", leave_open=True, by=anna, key="answer-1", now=now)
    assert platform.call("get", "/answer-times?seller=lampenhuis").json() == {
        "days": 28,
        "norm_hours": 24,
        "answers": 1,
        "in_time": 1,
        "waiting_too_long": 0,
        "share_bp": 10_000,
    }

"""The list of queries reads bounded parts of its indexes, whatever the shop's size."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lostpost.core.ownership import uuid7
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.worklist import Listing, RowKey, next_keys
from lostpost.eligibility.policy import Policy
from tests.cast import NOW, silent_parcel

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "by_deadline"),
        ({"due": "3"}, "by_deadline"),
        ({"need": "write-off"}, "by_deadline"),
        ({"sort": "value"}, "by_value"),
        ({"sort": "age"}, "oldest_first"),
        ({"sort": "eligible", "need": "write-off"}, "by_eligibility"),
        ({"sort": "claim"}, "by_claim"),
        ({"who": "me"}, "of_assignee"),
        ({"need": "money"}, "money_stuck"),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_reads_an_index_of_its_order(anna, filters, index, backwards):
    listing = Listing(anna.seller_id, ListFilters.read(filters), Policy(), NOW, anna.user_id)
    silent_parcel(anna)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    with CaptureQueriesContext(connection) as queries:
        next_keys(
            listing, behind=RowKey(0 if filters.get("sort") == "value" else NOW, uuid7()), most=26, backwards=backwards
        )
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"customer_query_{index}" in plan, plan
    assert "Sort" not in plan

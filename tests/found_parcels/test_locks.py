"""What is noted of found parcels locks all that it may change before the shop's feed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery
from lostpost.found_parcels.look_at_scans import look_at_scans
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.report_came_back import report_came_back
from tests.cast import NOW, a_scan
from tests.found_parcels.scene import customer_says, query_of, two_parcels_written_off

pytestmark = pytest.mark.django_db
LONG_AFTER = NOW + timedelta(days=60)


@pytest.mark.parametrize("who", ["carrier", "customer", "shop"])
def test_the_feed_is_locked_after_all_queries_of_the_order(anna, fien, who):
    # Given a write-off whose query was handled long ago, and a case of it that is settled in the one that goes on
    recorded, first, second = two_parcels_written_off(anna, fien)
    close_query(number=query_of(recorded).number, by=anna, now=NOW)
    report_came_back(write_off=recorded.number, parcel=second.code, by=anna, now=LONG_AFTER)
    for parcel in (first, second):
        a_scan(parcel, status="delivered", days=0.1, now=LONG_AFTER)
    about = {"seller_id": anna.seller_id, "now": LONG_AFTER}

    with CaptureQueriesContext(connection) as captured:
        if who == "carrier":
            for parcel in (first, second):
                look_at_scans(parcel_id=parcel.id, **about)
        elif who == "customer":
            customer_says(query_of(recorded), now=LONG_AFTER)
        else:
            report_came_back(write_off=recorded.number, parcel=first.code, by=anna, now=LONG_AFTER)

    statements = [each["sql"] for each in captured]
    feed = next(at for at, sql in enumerate(statements) if "lostpost_eventcounter" in sql)
    of_order = '"lostpost_customerquery"."order_id" = '
    assert any("FOR UPDATE" in sql and of_order in sql for sql in statements[:feed])
    later = CustomerQuery.objects.get(seller_id=anna.seller_id, earlier_query_id=recorded.query_id)
    assert {case.query_id for case in FoundCase.objects.all()} == {later.id}

"""Months of the ledger are closed once they are over, and again while something may come late."""

from datetime import UTC, datetime

import pytest

from lostpost.ledger.balances import booked_before
from lostpost.ledger.close_months import close_months
from lostpost.ledger.models import ClosingBalance
from tests.invoicing.selling import ZONE, on, sold

pytestmark = pytest.mark.django_db


def closed(seller):
    """Return how many transfers each closed month has, with those before it."""
    rows = ClosingBalance.objects.filter(seller_id=seller.id, kind="turnover").order_by("until_at")
    return dict(rows.values_list("until_at", "transfers"))


def midnight_in_utc(day, month):
    return datetime(2026, month, day, 22 if month in range(4, 11) or (month, day) == (3, 31) else 23, tzinfo=UTC)


def test_a_month_is_closed_a_day_after_it_ended_and_a_late_transfer_is_added(lampenhuis):
    assert close_months(seller_id=lampenhuis.id, zone=ZONE, now=on(20)) == 0
    for month in (1, 2, 4):
        sold(lampenhuis, on(10, month))
    march, april = midnight_in_utc(31, 3), midnight_in_utc(30, 4)

    assert close_months(seller_id=lampenhuis.id, zone=ZONE, now=on(1, 4)) == 2  # Not yet March.
    assert close_months(seller_id=lampenhuis.id, zone=ZONE, now=on(2, 5)) == 2
    assert close_months(seller_id=lampenhuis.id, zone=ZONE, now=on(2, 5)) == 2  # Again, and nothing changes.
    assert list(closed(lampenhuis).values()) == [1, 2, 2, 3]
    assert list(closed(lampenhuis))[-2:] == [march, april]

    sold(lampenhuis, on(20, 3), number="LATE-1")  # Committed long after it was booked.
    close_months(seller_id=lampenhuis.id, zone=ZONE, now=on(4, 5))

    assert list(closed(lampenhuis).values()) == [1, 2, 3, 4]
    assert {it.kind: it.transfers for it in booked_before(lampenhuis.id, on(1, 6))}["turnover"] == 4

"""What is lost of what was sent, by month, carrier, destination and article."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lostpost.accounts.policy import current_policy
from lostpost.core.money import Money
from lostpost.reporting.loss_overview import (
    LossShare,
    first_month,
    loss_overview,
    losses_by_article,
    silences_now,
)
from lostpost.tracking.mark_silent_parcels import mark_silent_parcels
from lostpost.writeoffs.write_off import write_off
from tests.cast import AMSTERDAM, NOW, a_parcel, a_scan, all_of, an_item, an_order, silent_parcel

SINCE = first_month(NOW, AMSTERDAM, months=2)


def lose(member, **values):
    query = silent_parcel(member, **values)
    write_off(query=query.number, selection=all_of(query), by=member, key=f"lost-{query.number}", now=NOW)
    return query


@pytest.mark.django_db
def test_lost_parcels_stand_beside_those_that_were_sent(anna, carla):
    lose(anna, paid_minor=31_00, customer_country="NL")
    lose(anna, paid_minor=12_34, customer_country="BE", quiet_days=20)  # Sent on 17 February.
    sent = an_order(anna.seller, an_item(title="Shade", sku="S-1"), customer_country="NL")
    a_parcel(sent, carrier="dpd")  # As they are compared, the same carrier.
    a_parcel(an_order(anna.seller, an_item(title="Shade", sku="S-1")), carrier="PostNL")
    a_parcel(an_order(anna.seller), shipping_method="logistics_via_platform")  # Another's way of sending.
    a_parcel(an_order(anna.seller, placed_days=50), shipped_days=45)  # Before these months.
    lose(carla, paid_minor=99_00, currency="SEK")

    mine = loss_overview(since=SINCE, now=NOW, zone=AMSTERDAM, seller_id=anna.seller_id)
    assert (mine.all.sent, mine.all.lost, mine.all.amounts) == (4, 2, [Money(43_34, "EUR")])
    assert [(it.month, it.sent, it.lost) for it in mine.months] == [(date(2026, 2, 1), 2, 2), (date(2026, 3, 1), 2, 0)]
    assert [(it.name.upper(), it.sent, it.lost) for it in mine.carriers] == [("DPD", 3, 2), ("POSTNL", 1, 0)]
    assert [(it.name, it.sent, it.lost, it.amounts) for it in mine.countries] == [
        ("BE", 1, 1, [Money(12_34, "EUR")]),
        ("NL", 3, 1, [Money(31_00, "EUR")]),
    ]
    articles = losses_by_article(anna.seller_id, since=SINCE)
    assert [(it.name, it.sent, it.lost) for it in articles] == [("Desk lamp Aurora", 2, 2)]

    everybody = loss_overview(since=SINCE, now=NOW, zone=AMSTERDAM)
    assert (everybody.all.sent, everybody.all.lost) == (5, 3)
    assert everybody.all.amounts == [Money(43_34, "EUR"), Money(99_00, "SEK")]


@pytest.mark.django_db
def test_a_shop_without_parcels_has_empty_months(anna):
    nothing = loss_overview(since=SINCE, now=NOW, zone=AMSTERDAM, seller_id=anna.seller_id)
    assert (nothing.all.sent, nothing.all.share, nothing.carriers) == (0, 0, [])
    assert [month.sent for month in nothing.months] == [0, 0]

    a_parcel(an_order(anna.seller))
    begun = loss_overview(
        since=first_month(NOW, AMSTERDAM, months=24), now=NOW, zone=AMSTERDAM, seller_id=anna.seller_id
    )
    assert [month.sent for month in begun.months] == [1]  # Nothing is said of months before the first parcel.


@pytest.mark.django_db
def test_silent_parcels_are_counted_by_full_days(anna):
    for days in (3.5, 8, 8.2, 40, 70):
        order = an_order(anna.seller, placed_days=days + 2)
        a_scan(a_parcel(order, shipped_days=days + 1), days=days)
    woken = a_parcel(an_order(anna.seller, placed_days=9), shipped_days=8)
    mark_silent_parcels(seller_id=anna.seller_id, policy=current_policy(), now=NOW)
    a_scan(woken, days=0.1)

    counts = silences_now(now=NOW, seller_id=anna.seller_id)
    assert {(it.from_days, it.to_days): it.parcels for it in counts if it.parcels} == {
        (3, 3): 1,
        (7, 9): 2,
        (30, 44): 1,
    }
    assert [it.parcels for it in silences_now(now=NOW)] == [it.parcels for it in counts]


def test_the_first_of_the_months_is_the_zones():
    last_evening = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # New Year in Amsterdam.
    assert first_month(last_evening, AMSTERDAM, months=1) == datetime(2026, 1, 1, tzinfo=AMSTERDAM)
    assert first_month(last_evening, AMSTERDAM, months=13) == datetime(2025, 1, 1, tzinfo=AMSTERDAM)
    assert first_month(NOW, AMSTERDAM, months=3) == datetime(2026, 1, 1, tzinfo=AMSTERDAM)


def test_the_likely_range_is_wilsons():
    """Figures of Wilson's interval from R: `binom.confint(c(0, 1, 8), c(10, 10, 10), methods = "wilson")`."""
    ranges = [LossShare("", 10, lost).likely for lost in (0, 1, 8)]
    expected = [(0.0, 0.2775), (0.0179, 0.4042), (0.4902, 0.9433)]
    for found, right in zip(ranges, expected, strict=True):
        assert found == pytest.approx(right, abs=0.0005)


def test_what_chance_explains_is_not_called_unusual():
    base = LossShare("", 10_000, 300)
    assert LossShare("few", 10, 1).differs_from(base) == 0
    assert LossShare("many", 1_000, 80).differs_from(base) == 1
    assert LossShare("good", 5_000, 50).differs_from(base) == -1

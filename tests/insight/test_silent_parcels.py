"""Silent parcels without a customer query, read by their index, however many were delivered."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from lostpost.eligibility.policy import Policy
from lostpost.eligibility.windows import Window
from lostpost.insight import silent_parcels as module
from lostpost.insight.silent_parcels import oldest_silent_parcels, silent_parcels
from lostpost.orders.models import Order
from lostpost.writeoffs.assess_order import assess_orders
from tests.cast import NOW, a_parcel, a_query, a_scan, an_item, an_order

pytestmark = pytest.mark.django_db


def silent(anna, *, days=5.0, shipped_days=9.0, **values):
    order = an_order(anna.seller, **values)
    parcel = a_parcel(order, shipped_days=shipped_days)
    a_scan(parcel, days=days)
    return order


def shown(member, most=5, policy=None):
    policy = policy or Policy()
    rows = oldest_silent_parcels(member.seller_id, policy, now=NOW)
    return silent_parcels(member.seller_id, rows, policy, now=NOW, most=most)


def silent_orders(member, most=5, policy=None):
    return [order.number for order, _parcel in shown(member, most, policy)]


def test_the_longest_silent_come_first_and_at_most_so_many(anna):
    for days in (9, 20, 12, 15):
        silent(anna, number=f"S-{days}", shipped_days=days, placed_days=days + 1)
    assert silent_orders(anna) == ["S-20", "S-15", "S-12", "S-9"]
    assert silent_orders(anna, most=2) == ["S-20", "S-15"]


def test_a_parcel_is_silent_from_the_moment_of_the_policy_on(anna):
    silent(anna, number="S-1", days=3)
    silent(anna, number="S-2", days=2.999)
    assert silent_orders(anna) == ["S-1"]


def test_windows_that_are_longer_than_the_shortest_leave_parcels_out(anna):
    windows = (
        Window("quiet_days", 8, carrier="dpd", first_on=NOW.date() - timedelta(days=6), last_on=NOW.date()),
        Window("pickup_days", 20, country="NL"),
        Window("order_age_days_max", 12, country="NL"),
    )
    policy = Policy(windows=windows)
    silent(anna, number="IN-SEASON", days=5, placed_days=10)
    silent(anna, number="BEFORE", days=6.9, placed_days=10)
    silent(anna, number="TOO-OLD", days=6.9, placed_days=13)
    order = an_order(anna.seller, number="AT-POINT", placed_days=12)
    a_scan(a_parcel(order, shipped_days=11, carrier="PostNL"), days=10, status="at_pickup_point")
    rows = oldest_silent_parcels(anna.seller_id, policy, now=NOW)
    assert [row.order_id for row in rows] == list(Order.objects.filter(number="BEFORE").values_list("id", flat=True))


def test_a_parcel_with_a_customer_query_is_not_silent(anna):
    a_query(silent(anna), anna, leave_open=False)
    assert silent_orders(anna) == []


def test_each_silent_parcel_of_an_order_is_named(anna):
    order = an_order(anna.seller, an_item("1"), an_item("2"), an_item("3"))
    for item in ("1", "2"):
        a_scan(a_parcel(order, units={item: 1}), days=5)
    a_scan(a_parcel(order, units={"3": 1}), days=1)
    parcels = [parcel.code for _order, parcel in shown(anna)]
    assert parcels == [f"{order.number}-P1", f"{order.number}-P2"]


def test_another_shops_parcels_are_left_out(anna, carla):
    silent(anna)
    assert silent_orders(carla) == []


def test_an_empty_shop_has_no_silent_parcels(anna):
    assert silent_orders(anna) == []


@pytest.mark.parametrize("refused", ["at pick-up points", "too old", "untracked", "corrected", "held"])
def test_refused_parcels_do_not_hide_eligible_ones(anna, refused, monkeypatch):
    # Given more parcels than are looked at in one go, all sent longer ago, none of which may be written off
    for number in range(25):
        match refused:
            case "at pick-up points":
                order = an_order(anna.seller, placed_days=20)
                a_scan(a_parcel(order, shipped_days=19), days=13, status="at_pickup_point")
            case "too old":
                a_scan(a_parcel(an_order(anna.seller, placed_days=60.6), shipped_days=60), days=30)
            case "untracked":
                a_parcel(an_order(anna.seller), shipped_days=9.5, tracking_number="")
            case "corrected":
                order = an_order(anna.seller, placed_days=20)
                a_scan(a_parcel(order, code=f"C-{number}", shipped_days=19), days=15)
                a_parcel(order, code=f"C-{number}", units={"1": 1}, shipped_days=19, tracking_number=f"C{number}")
            case _:
                silent(anna, number=f"H-{number}", shipped_days=19, placed_days=20)
    if refused == "held":  # By something that no parcel's row says.
        monkeypatch.setattr(module, "assess_orders", without(lambda order: order.number.startswith("H-")))

    silent(anna, number="S-1")

    assert silent_orders(anna, policy=Policy(quiet_days_untracked=15)) == ["S-1"]


def without(held):
    def assess(orders, policy, *, now):
        return assess_orders([order for order in orders if not held(order)], policy, now=now)

    return assess


def test_the_last_day_of_an_order_is_still_shown(anna):
    silent(anna, number="S-1", placed_days=60, shipped_days=59)
    silent(anna, number="S-2", placed_days=61, shipped_days=59)
    assert silent_orders(anna) == ["S-1"]


def test_delivered_parcels_are_not_read(anna):
    silent(anna)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO lostpost_order (seller_id, id, number, placed_at, currency, delivery_costs_minor,
                                            customer_name, customer_email, customer_language, customer_country)
                SELECT %(seller)s, gen_random_uuid(), 'N-' || n, %(now)s - interval '10 days', 'EUR', 0,
                       'Klaas', 'klaas@example.com', 'nl', 'NL'
                  FROM generate_series(1, 3000) n
                RETURNING id, number
            )
            INSERT INTO lostpost_parcel (seller_id, id, order_id, code, shipping_method, carrier, tracking_number,
                                         shipped_at, last_scanned_at, last_status, last_rank, last_text, last_location,
                                         last_code, delivered, written_off)
            SELECT %(seller)s, gen_random_uuid(), id, 'P-' || number, 'own', 'DPD', 'TT-' || number,
                   %(now)s - interval '9 days', %(now)s - interval '8 days', 'delivered', 7, '', '', '', true, false
              FROM made
            """,
            {"seller": anna.seller_id, "now": NOW},
        )
        cursor.execute("ANALYZE lostpost_order, lostpost_parcel")
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) {module._OLDEST}",
            {"seller": anna.seller_id, "most": 20, "looked_at": 1_000, **module.window(Policy(), NOW)},
        )
        ((plan,),) = cursor.fetchall()[0]
    assert "parcel_silent_candidates" in json.dumps(plan)
    assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < 60
    assert len(silent_orders(anna)) == 1


def test_parcels_handed_over_at_the_same_instant_are_read_from_the_index_in_order(anna):
    silent(anna)
    window = module.window(Policy(), NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"EXPLAIN {module._OLDEST}", {"seller": anna.seller_id, "most": 200, "looked_at": 1_000, **window}
        )
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "parcel_silent_candidates" in plan
    assert "Sort" not in plan, "a shop that hands over a hundred thousand at once would sort them for each page"

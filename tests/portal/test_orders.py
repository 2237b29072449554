"""The list of orders, and one order with everything that happened to it."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.tracking.models import Scan
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, a_query, a_return, a_scan, all_of, an_item, an_order, silent_parcel
from tests.portal.pages import Site

ORDERS = "/shops/lampenhuis/orders/"


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


@pytest.fixture
def now():
    return timezone.now()


def numbers(page):
    return [link.split("/")[-2] for link in page.links if re.fullmatch(rf"{ORDERS}[^/]+/", link)]


# The list -----------------------------------------------------------------------------------------------------------


def test_a_shop_without_orders_says_where_they_come_from(site):
    page = site.get(ORDERS)
    assert page.status == 200
    assert "No orders yet" in page.text


def test_an_order_is_listed_with_what_may_be_done_about_its_parcels(site, anna, now):
    items = (an_item("1", quantity=2, paid_minor=40_00), an_item("2", paid_minor=9_95))
    order = an_order(anna.seller, *items, number="2398-4471", delivery_costs_minor=4_95, now=now)
    a_scan(a_parcel(order, units={"1": 2}, carrier="DPD", now=now), days=5, now=now)
    a_scan(a_parcel(order, units={"2": 1}, carrier="PostNL", now=now), days=5, now=now, status="delivered")

    page = site.get(ORDERS)

    assert numbers(page) == ["2398-4471"]
    assert "Klaas de Vries" in page.text
    assert "Eligible DPD" in page.text
    assert "Delivered, says the carrier PostNL" in page.text
    assert "€54.90" in page.text


def test_the_permanent_reason_is_shown(site, anna, now):
    a_scan(a_parcel(an_order(anna.seller, now=now), now=now), days=1, now=now, status="delivered")
    assert "Delivered, says the carrier" in site.get(ORDERS).text


def test_an_order_that_was_not_shipped_says_so(site, anna, now):
    an_order(anna.seller, now=now)
    assert "not shipped yet" in site.get(ORDERS).text


def test_pages_follow_each_other_newest_first(site, anna, now):
    for days in range(1, 31):
        an_order(anna.seller, number=f"N-{days:02}", placed_days=days, now=now)

    first = site.get(ORDERS)
    (following,) = [link for link in first.links if link.startswith("?after=")]
    second = site.get(ORDERS + following)

    assert numbers(first) == [f"N-{days:02}" for days in range(1, 26)]
    assert numbers(second) == [f"N-{days:02}" for days in range(26, 31)]
    assert "Next page" not in second.text
    assert "Back to the start" in second.text


def test_a_search_finds_by_number_customer_and_tracking_number_and_says_what_it_looked_for(site, anna, now):
    order = an_order(anna.seller, number="2398-4471", customer_name="Fatima El Amrani", now=now)
    a_parcel(order, tracking_number="3SABC123", now=now)
    an_order(anna.seller, number="2398-4472", now=now)

    for words in ("2398-4471", "el amrani", "3SABC123", "fatima"):
        page = site.get(ORDERS, query_params={"q": words})
        assert numbers(page) == ["2398-4471"], words
        assert f"Orders that match “{words}”." in page.text

    nothing = site.get(ORDERS, query_params={"q": "<b>nobody"})
    assert numbers(nothing) == []
    assert "No order matches" in nothing.text
    assert "Orders that match “<b>nobody”." in nothing.text
    assert "<b>nobody" not in nothing.html


def test_the_pages_of_a_search_stay_within_it(site, anna, now):
    for _ in range(27):
        an_order(anna.seller, customer_name="Klaas & Zonen", now=now)
    an_order(anna.seller, number="other", customer_name="Pieter Jansen", now=now)
    first = site.get(ORDERS, query_params={"q": "klaas & zo"})
    (following,) = [link for link in first.links if "after=" in link]
    assert len(numbers(site.get(ORDERS + following))) == 2


@pytest.mark.parametrize("after", ["nonsense", "\x00", "2026-03-10T12:00:00Z_x", "'; DROP TABLE"])
def test_an_address_that_was_changed_by_hand_begins_at_the_start(site, anna, now, after):
    an_order(anna.seller, number="N-1", now=now)
    page = site.get(ORDERS, query_params={"after": after})
    assert (page.status, numbers(page)) == (200, ["N-1"])


def test_nothing_of_another_shop_is_listed(site, carla, now):
    an_order(carla.seller, now=now)
    assert "No orders yet" in site.get(ORDERS).text


def test_the_list_needs_as_many_statements_for_25_orders_as_for_one(site, anna, now):
    def query_count():
        with CaptureQueriesContext(connection) as queries:
            assert site.get(ORDERS).status == 200
        return len(queries)

    silent_parcel(anna, now=now)
    few = query_count()
    for _ in range(30):
        a_parcel(an_order(anna.seller, now=now), now=now)
    assert query_count() == few <= 9


def test_dates_and_amounts_are_written_as_dutch_readers_do(site, anna, now):
    an_order(anna.seller, an_item(paid_minor=1234_56), now=now)
    page = site.get(ORDERS, headers={"Accept-Language": "nl"})
    assert '<html lang="nl">' in page.html
    assert "€\xa01.234,56" in page.html


# One order -----------------------------------------------------------------------------------------------------------


def test_an_order_shows_all_that_happened_to_it(site, anna, fien, now):
    items = (
        an_item("1", title="Ceramic lamp", quantity=3, paid_minor=119_85, sku="CL-W"),
        an_item("2", title="Bulb", quantity=2, paid_minor=10_00, quantity_cancelled=1),
        an_item("3", title="Shade", paid_minor=20_00),
    )
    order = an_order(anna.seller, *items, number="O-1", delivery_costs_minor=4_95, now=now)
    parcel = a_parcel(order, units={"1": 3, "2": 1}, tracking_number="3SABC123", now=now)
    a_scan(parcel, days=8, now=now, text="Handed over", location="Tilburg", status="with_carrier")
    a_scan(parcel, days=5, now=now, text="Sorted", location="Utrecht")
    a_return(order, {(parcel.code, "1"): 1}, code="R-7", now=now)
    query = a_query(order, anna, now=now)
    selection = [units for units in all_of(query) if units.item == "2"]
    result = write_off(query=query.number, selection=selection, by=anna, key="key-of-one", now=now)
    mark_refund_paid(seller_id=anna.seller_id, number=result.number, reference="B-1", by=fien, now=now)

    page = site.get(f"{ORDERS}O-1/")

    for words in (
        "Order O-1",
        "Klaas de Vries",
        "klaas@example.com",
        "CL-W",
        "1 cancelled",
        "€119.85",
        "Delivery costs €4.95",
        "Paid by the customer €154.80",
        "Parcel 3SABC123",
        "your own shipping method",
        "3 × Ceramic lamp Eligible",
        "2 left, 1 in return",
        "1 × Bulb Written off",
        "1 × Shade",
        "It has not been shipped yet.",
        "2 Track & Trace updates",
        "“Sorted, Utrecht”",
        "“Handed over, Tilburg”",
        "R-7 · announced",
        "1 × Ceramic lamp",
        "Where is my parcel?",
        f"{result.number} €5.00 Refund confirmed",
    ):
        assert words in page.text, words
    assert f"{ORDERS}O-1/contact/" in page.links
    assert page.html.index("Sorted, Utrecht") < page.html.index("Handed over, Tilburg"), "the newest scan stands first"


def test_a_scan_from_the_future_is_shown_and_does_not_count(site, anna, now):
    order = an_order(anna.seller, number="O-1", now=now)
    parcel = a_parcel(order, now=now)
    a_scan(parcel, days=-2, now=now)
    page = site.get(f"{ORDERS}O-1/")
    assert "dated in the future, does not count" in page.text
    assert "1 × Desk lamp Aurora Eligible" in page.text


def test_a_member_adds_what_the_carrier_says_and_the_order_shows_who(site, anna, now):
    order = an_order(anna.seller, number="2398-4471", now=now)
    a_parcel(order, code="P-1", shipped_days=9, now=now)
    page = site.get(f"{ORDERS}2398-4471/")
    url = next(link for link in page.links if link.endswith("/update/"))

    missing = site.post(url, {"text": "Left with the porter"})
    assert missing.status == 422
    assert "Choose what Track & Trace says." in missing.text
    assert "Left with the porter" in missing.html
    ahead = site.post(url, {"status": "delivered", "scanned_at": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}"})
    assert "That time is still to come." in ahead.text

    at = timezone.localtime(now - timedelta(days=1), ZoneInfo("Europe/Amsterdam"))
    page = site.post(url, {"status": "delivered", "scanned_at": f"{at:%Y-%m-%dT%H:%M}", "text": "Left with <b>"})
    assert "The update stands with the parcel." in page.text
    assert f"added by {anna.name}" in page.text
    scan = Scan.objects.get()
    assert scan.scanned_at == at.replace(second=0, microsecond=0)
    again = site.post(url, {"status": "returned", "scanned_at": f"{at:%Y-%m-%dT%H:%M}"})
    assert (again.status, "has ended" in again.text) == (409, True)


def test_an_order_without_a_query_says_how_to_open_one(site, anna, now):
    a_parcel(an_order(anna.seller, number="O-1", now=now), now=now)
    page = site.get(f"{ORDERS}O-1/")
    assert "There is no customer query about this order." in page.text
    assert "start customer contact and leave the customer query open" in page.text


def test_a_viewer_gets_no_button(client, vera, anna, now):
    an_order(anna.seller, number="O-1", now=now)
    page = Site(client, vera).get(f"{ORDERS}O-1/")
    assert page.status == 200
    assert f"{ORDERS}O-1/contact/" not in page.links


def test_another_shops_order_does_not_exist(site, carla, now):
    an_order(carla.seller, number="C-1", now=now)
    page = site.get(f"{ORDERS}C-1/")
    assert page.status == 404
    assert "There is nothing here" in page.text


@pytest.mark.parametrize("number", ["no-such-order", "%00", "a'b", "x" * 65, "a%2Fb"])
def test_an_unknown_order_is_404(site, number):
    assert site.get(f"{ORDERS}{number}/").status == 404


def test_two_shops_may_have_an_order_of_the_same_number(site, anna, carla, now):
    an_order(anna.seller, number="O-1", customer_name="Annas Klant", now=now)
    an_order(carla.seller, number="O-1", customer_name="Carlas Klant", now=now)
    page = site.get(f"{ORDERS}O-1/")
    assert "Annas Klant" in page.text
    assert "Carlas Klant" not in page.text


def test_names_titles_and_carriers_texts_are_escaped(site, anna, now):
    evil = "<script>alert(1)</script>"
    order = an_order(anna.seller, an_item(title=evil, sku=evil), number="O-1", customer_name=evil, now=now)
    parcel = a_parcel(order, carrier=evil, now=now)
    a_scan(parcel, days=5, now=now, text=evil, location=evil)
    page = site.get(f"{ORDERS}O-1/")
    assert evil not in page.html
    assert page.text.count(evil) >= 5


def test_an_order_needs_as_many_statements_for_many_parcels_as_for_one(site, anna, now):
    def query_count(number):
        with CaptureQueriesContext(connection) as queries:
            assert site.get(f"{ORDERS}{number}/").status == 200
        return len(queries)

    def filled(number, parcels):
        items = [an_item(f"{n}") for n in range(parcels)]
        order = an_order(anna.seller, *items, number=number, now=now)
        for n in range(parcels):
            parcel = a_parcel(order, units={f"{n}": 1}, now=now)
            a_scan(parcel, days=5, now=now)
            a_scan(parcel, days=6, now=now)
            if n % 2:
                a_return(order, {(parcel.code, f"{n}"): 1}, code=f"R-{number}-{n}", now=now)
        query = a_query(order, anna, now=now)
        for n, units in enumerate(all_of(query)):
            write_off(query=query.number, selection=[units], by=anna, key=f"key-{number}-{n}", now=now)

    filled("O-1", parcels=2)
    filled("O-2", parcels=20)
    assert query_count("O-2") == query_count("O-1") <= 19


def test_only_looking_is_possible(site, anna, now):
    an_order(anna.seller, number="O-1", now=now)
    for path in (ORDERS, f"{ORDERS}O-1/"):
        assert site.client.head(path).status_code == 200
        assert site.client.post(path).status_code == 405

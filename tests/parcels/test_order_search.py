"""Orders are listed newest first and found by number, tracking number and customer, each way by an index."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from lostpost.parcels.models import Order
from lostpost.parcels.order_search import newest_orders, order_ids_found, orders_found, orders_to
from tests.cast import a_parcel, an_order

pytestmark = pytest.mark.django_db


def found(member, words):
    return [order.number for order in orders_found(member.seller_id, words, after=None, size=10).rows]


@pytest.fixture
def order(anna):
    order = an_order(
        anna.seller, number="2398-4471", customer_name="Marijke van der Berg", customer_email="M.vdBerg@Example.com"
    )
    a_parcel(order, code="P-1", tracking_number="3SABC123")
    an_order(anna.seller, number="2398-4472", customer_name="Klaas de Vries")
    return order


@pytest.mark.parametrize(
    "words",
    [
        *("2398-4471", " 2398-4471 ", "3SABC123", "3sabc123", "3SABC 123"),
        *("Marijke", "marij", "MARIJKE VAN", "Marijke  van der Berg", "Berg", "ber", "van der Berg", "der berg"),
        *("m.vdberg@example.com", "M.VD"),
    ],
)
def test_an_order_is_found_by(anna, order, words):
    assert found(anna, words) == ["2398-4471"]


@pytest.mark.parametrize(
    "words", ["2398", "arijke", "de Berg", "%", "_", "Mar%", "\\", "nobody", "x" * 5000, "\x00", "'"]
)
def test_nothing_is_found_by(anna, order, words):
    assert found(anna, words) in ([], ["2398-4472", "2398-4471"] if words == "\x00" else [])


def test_an_order_that_matches_in_several_ways_is_listed_once(anna):
    an_order(anna.seller, number="berg", customer_name="Berg Berg", customer_email="berg@example.com")
    assert found(anna, "berg") == ["berg"]


def test_another_shops_orders_are_not_found(anna, carla, order):
    assert found(carla, "Berg") == found(carla, "2398-4471") == found(carla, "3SABC123") == []


def test_names_in_other_letters_are_found_whatever_their_capitals(anna):
    an_order(anna.seller, number="A-1", customer_name="Ömer Şahin")
    an_order(anna.seller, number="A-2", customer_name="Émilie Ångström")
    assert found(anna, "ömer") == ["A-1"]
    assert found(anna, "ÅNGS") == ["A-2"]


def test_a_list_goes_on_where_its_page_ended(anna):
    for days in (1, 2, 2, 3, 4):  # Two placed at the same instant.
        an_order(anna.seller, placed_days=days)

    numbers, after = [], None
    while True:
        page = newest_orders(anna.seller_id, after=after, size=2)
        numbers.append([order.number for order in page.rows])
        if not (after := page.next):
            break

    assert [len(page) for page in numbers] == [2, 2, 1]
    assert numbers[0][0] == "A-1001"
    assert {*numbers[0][1:], *numbers[1][:1]} == {"A-1002", "A-1003"}
    assert [numbers[1][1], *numbers[2]] == ["A-1004", "A-1005"]


def test_the_orders_of_an_address_are_found_whatever_its_capitals(anna, order):
    assert list(orders_to(anna.seller_id, "m.vdberg@EXAMPLE.com")) == [order.id]


def test_a_search_reads_what_it_finds_and_not_the_shop(anna):
    """Of 5,000 orders a search touches those that match; without its indexes it would read all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO lostpost_order (seller_id, id, number, placed_at, currency, delivery_costs_minor,
                                        customer_name, customer_email, customer_language, customer_country)
            SELECT %s, gen_random_uuid(), 'N-' || n, now() - n * interval '1 minute', 'EUR', 0,
                   'Given' || n || ' Family' || n, 'person' || n || '@example.com', 'nl', 'NL'
              FROM generate_series(1, 5000) n
            """,
            [anna.seller_id],
        )
        cursor.execute("ANALYZE lostpost_order")
    for words in ("N-4711", "given4711", "family4711", "given4711 f", "person4711@"):
        explained = order_ids_found(anna.seller_id, words).explain(format="json", analyze=True, buffers=True)
        plan = json.loads(explained)[0]["Plan"]
        assert plan["Actual Rows"] == 1, words
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 60, words
    assert Order.objects.filter(seller_id=anna.seller_id).count() == 5000

"""The list of orders, newest first, and the search by number, tracking number, customer and title, by indexes."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from lostpost.orders.models import Order
from lostpost.orders.order_search import matching_order_ids, matching_orders, newest_orders, orders_to
from tests.cast import a_parcel, an_item, an_order

pytestmark = pytest.mark.django_db


def matching(member, words):
    return [order.number for order in matching_orders(member.seller_id, words, after=None, size=10).rows]


@pytest.fixture
def order(anna):
    order = an_order(
        anna.seller,
        an_item(title="Floor\N{NO-BREAK SPACE}lamp Ümit, white 'n \\ grey"),
        number="2398-4471",
        customer_name="Marijke van der Berg",
        customer_email="M.vdBerg@Example.com",
    )
    a_parcel(order, code="P-1", tracking_number="3S abc123")
    an_order(anna.seller, an_item(title="Desk fan"), number="2398-4472", customer_name="Klaas de Vries")
    return order


@pytest.mark.parametrize(
    "words",
    [
        *("2398-4471", " 2398-4471 ", "23984471", "4471", "8-4471", "2398\u200b-4471", "２３９８-4471"),
        *("3SABC123", "3sabc123", "3SABC 123", "3S\N{NO-BREAK SPACE}ABC\u200b123"),
        *("Marijke", "marij", "MARIJKE VAN", "Marijke  van der Berg", "Berg", "ber", "van der Berg", "der berg"),
        *("m.vdberg@example.com", "M.VD", "M.VDBERG@example.com\u200b"),
        *("Floor lamp Ümit", "floor", "lamp ümit", "u\u0308mit", "ÜMI lam", "LAMP"),
    ],
)
def test_an_order_is_found_by(anna, order, words):
    assert matching(anna, words) == ["2398-4471"]


@pytest.mark.parametrize(
    "words",
    [
        *("2398", "471", "arijke", "de Berg", "%", "_", "-", "Mar%", "\\", "nobody", "x" * 5000, "\x00", "'", "\u200b"),
        *("amp", "la", "lamp fan", "floor:*", "'floor' & 'lamp", "!floor", "umit"),
    ],
)
def test_nothing_is_found_by(anna, order, words):
    assert matching(anna, words) == []


@pytest.mark.parametrize("words", ["white 'n", "\\ grey", "'n \\ lamp"])
def test_tsquery_operators_in_a_title_are_plain_characters(anna, order, words):
    assert matching(anna, words) == ["2398-4471"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Zoe\u0308 Bronte\u0308", "Zoë"),
        ("Zoë Brontë", "Bronte\u0308"),
        ("José\N{NO-BREAK SPACE}da  Silva", "jose\u0301 da silva"),
        ("Jürgen Strauß", "STRAUSS"),
        ("Jürgen STRAUSS", "strauß"),
        ("Ｋｌａａｓ", "klaas"),
        ("Kl\u200baas", "Klaas"),
        ("Klaas", "\u200bKlaas"),
        ("Işıl Yıldız", "işil yil"),
        ("İnci Kaya", "inci"),
    ],
)
def test_a_name_is_found_however_it_is_spelled(anna, name, words):
    an_order(anna.seller, number="A-1", customer_name=name)
    assert matching(anna, words) == ["A-1"]


def test_a_name_or_title_that_changed_is_found_by_the_new_one(anna):
    an_order(anna.seller, number="A-1", customer_name="Klaas", placed_days=5)
    an_order(anna.seller, an_item(title="Teapot"), number="A-1", customer_name="Zoë", placed_days=5)
    assert (matching(anna, "zoe\u0308"), matching(anna, "klaas vaak"), matching(anna, "teapot")) == (
        ["A-1"],
        [],
        ["A-1"],
    )
    assert matching(anna, "desk lamp") == []


@pytest.mark.parametrize("title", ["ﷺ" * 300, "x" * 300, "🏺" * 300, "a b " * 75])
def test_titles_and_names_of_any_letters_fit_their_indexes(anna, title):
    order = an_order(anna.seller, an_item(title=title), number="A-1", customer_name=title[:200])
    a_parcel(order, carrier=title[:64], tracking_number=title[:64])
    assert matching(anna, title[:200]) == ["A-1"]


def test_an_order_with_several_matches_is_listed_once(anna):
    an_order(anna.seller, number="berg", customer_name="Berg Berg", customer_email="berg@example.com")
    assert matching(anna, "berg") == ["berg"]


def test_another_shops_orders_are_not_found(anna, carla, order):
    assert matching(carla, "Berg") == matching(carla, "2398-4471") == matching(carla, "3SABC123") == []


def test_names_in_other_letters_are_found_whatever_their_capitals(anna):
    an_order(anna.seller, number="A-1", customer_name="Ömer Şahin")
    an_order(anna.seller, number="A-2", customer_name="Émilie Ångström")
    assert matching(anna, "ömer") == ["A-1"]
    assert matching(anna, "ÅNGS") == ["A-2"]


def test_a_page_continues_where_the_one_before_ended(anna):
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


def test_a_search_uses_indexes(anna):
    """Of 5,000 orders a search touches those that match; without its indexes it would read all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO lostpost_order (seller_id, id, number, placed_at, currency, delivery_costs_minor,
                                            customer_name, customer_name_normalised, customer_email,
                                            customer_language, customer_country)
                SELECT %(seller)s, gen_random_uuid(), 'N-' || n, now() - n * interval '1 minute', 'EUR', 0,
                       'Given' || n || ' Family' || n, 'given' || n || ' family' || n,
                       'person' || n || '@example.com', 'nl', 'NL'
                  FROM generate_series(1, 5000) n
                RETURNING id, substr(number, 3) AS n
            )
            INSERT INTO lostpost_orderitem (seller_id, id, order_id, item, sku, title, title_normalised, quantity,
                                            quantity_cancelled, quantity_written_off, paid_minor, commission_minor,
                                            refunded_minor)
            SELECT %(seller)s, gen_random_uuid(), id, '1', '', 'Lamp model' || n, 'lamp model' || n, 1,
                   0, 0, 1, 0, 0
              FROM made
            """,
            {"seller": anna.seller_id},
        )
        cursor.execute("ANALYZE lostpost_order, lostpost_orderitem")
    for words in ("N-4711", "4711", "given4711", "family4711", "given4711 f", "person4711@", "lamp model4711"):
        explained = matching_order_ids(anna.seller_id, words).explain(format="json", analyze=True, buffers=True)
        plan = json.loads(explained)[0]["Plan"]
        assert plan["Actual Rows"] == 1, words
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 60, words
    assert Order.objects.filter(seller_id=anna.seller_id).count() == 5000

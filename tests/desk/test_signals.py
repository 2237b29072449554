"""Who loses how often, with the marketplace's own rate: right figures, and no verdict."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from lostpost.orders.models import Order
from lostpost.reporting.loss_signals import LossRate, LossSignal, base_rate, loss_signals, signals_of_order
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, an_order, silent_parcel, user_of
from tests.partnerservice.cases import a_request
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


@pytest.fixture
def losses(anna, bram, carla, now):
    """Lose two orders of Klaas in two shops and two of others at Anna's; sell six more that arrive."""

    def lose(member, *, email, by=None, postal_code=""):
        query = silent_parcel(member, now=now, customer_email=email, customer_postal_code=postal_code)
        write_off(query=query.number, selection=all_of(query), by=by or member, key=f"key-{query.number}", now=now)

    lose(anna, email="klaas@example.com", postal_code="3511 AB")
    lose(carla, email="Klaas@Example.com")
    lose(anna, email="ans@example.com", by=bram, postal_code="3511ab")
    lose(anna, email="bas@example.com", by=bram)
    for number in range(6):
        at: dict[str, Any] = {"customer_postal_code": "3511 ab", "customer_country": "BE" if number else "NL"}
        an_order(anna.seller, number=f"S-{number}", customer_email="klaas@example.com", now=now, **at)
    an_order(anna.seller, number="OLD-1", placed_days=200, now=now)


def figures(signals):
    return [(signal.name, signal.shop, signal.rate.lost, signal.rate.orders) for signal in signals]


def test_the_marketplaces_own_rate_counts_the_last_90_days(losses, now):
    assert base_rate(now=now) == LossRate(lost=4, orders=10)


def test_customers_are_counted_over_all_shops_whatever_their_capitals(losses, now):
    (signal,) = loss_signals("customer", now=now, most=10)
    assert figures([signal]) == [("klaas@example.com", "", 2, 8)]
    assert signal.times(base_rate(now=now)) == pytest.approx(0.625)


def test_shops_agents_and_carriers_have_theirs(losses, now):
    assert figures(loss_signals("seller", now=now, most=10)) == [("Lampenhuis", "Lampenhuis", 3, 9)]
    assert figures(loss_signals("agent", now=now, most=10)) == [("Bram", "Lampenhuis", 2, 9)]
    assert figures(loss_signals("carrier", now=now, most=10)) == [("DPD", "", 4, 4)]


def test_postcodes_are_counted_by_country_however_they_are_written(losses, anna, now):
    (signal,) = loss_signals("postcode", now=now, most=10)
    assert figures([signal]) == [("NL 3511AB", "", 2, 3)]
    assert signal.times(base_rate(now=now)) == pytest.approx((2 / 3) / 0.4)


def test_no_more_than_asked_for(losses, now):
    assert len(loss_signals("customer", now=now, most=0)) == 0


def test_without_orders_there_is_no_rate():
    assert LossRate(0, 0).share is None
    assert LossSignal("seller", "X", LossRate(0, 0)).times(LossRate(1, 2)) is None
    assert LossSignal("seller", "X", LossRate(1, 2)).times(LossRate(0, 5)) is None


def test_an_order_has_the_figures_of_all_who_have_to_do_with_it(losses, anna, now):
    case = a_request(anna, now=now)
    of_order = signals_of_order(seller_id=anna.seller_id, order_id=case.query.order_id, now=now)
    assert {signal.kind: signal.rate.lost for signal in of_order} == {"customer": 2, "seller": 3, "carrier": 4}
    order = Order.objects.get(number="S-0")  # Of which nothing was lost, in a postcode where two were.
    of_order = signals_of_order(seller_id=anna.seller_id, order_id=order.id, now=now)
    assert {signal.kind: signal.rate.lost for signal in of_order} == {"customer": 2, "postcode": 2, "seller": 3}


@pytest.mark.parametrize(
    ("kind", "words"),
    [("customer", "klaas@example.com"), ("postcode", "NL 3511AB"), ("agent", "Bram"), ("x", "klaas@")],
)
def test_the_page_shows_figures_and_says_that_they_prove_nothing(desk, losses, kind, words):
    page = Read(desk.get("/desk/signals/", {"kind": kind}))
    assert page.status == 200
    for each in (words, "4 orders were written off and 10 were placed", "They prove nothing", "40.0 %"):
        assert each in page.text, each


def test_nobody_lost_anything(desk, db):
    page = Read(desk.get("/desk/signals/"))
    assert "Nobody lost two orders" in page.text


def test_a_case_leads_to_the_figures_of_its_order(desk, losses, anna, now):
    case = a_request(anna, now=now)
    (link,) = [
        link for link in Read(desk.get(f"/desk/requests/lampenhuis/{case.id}/")).links if link.endswith("/signals/")
    ]
    page = Read(desk.get(link))
    for words in ("klaas@example.com", "Lampenhuis", "DPD", "Desk lamp Aurora"):
        assert words in page.text, words
    assert desk.get(f"/desk/requests/carlas-keramiek/{case.id}/signals/").status_code == 404

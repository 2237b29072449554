"""E-mail to a shop opens a query only for the order's own customer, about the one order that is named."""

from __future__ import annotations

import pytest

from lostpost.customer_queries.models import CustomerQuery
from lostpost.relay.addresses import shop_address
from lostpost.relay.filed_as import BURST_MAX
from tests.cast import an_order
from tests.relay.parsing.letters import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(relay):
    return an_order(relay.anna.seller, number="2398-4471")


def comes(relay, raw):
    return relay.comes(raw, to=shop_address("lampenhuis"))


def queries_about(order):
    return CustomerQuery.objects.filter(seller_id=order.seller_id, order_id=order.id)


def test_the_customer_opens_a_query_and_goes_on_with_it(relay, order):
    first = comes(relay, letter("Waar is bestelling 2398-4471?", subject="Waar is het?"))
    second = comes(relay, letter("Nog niets", subject="Re: 2398-4471"))

    (query,) = queries_about(order)
    assert (first.state, first.query_id, second.query_id) == ("filed", query.id, query.id)
    assert (query.subject, query.state, query.unanswered_since is not None) == ("Waar is het?", "open", True)
    kinds = list(query.timeline.order_by("at", "id").values_list("kind", flat=True))
    assert kinds == ["query.opened", "message.received", "message.received"]


def test_the_subject_of_a_query_is_masked(relay, order):
    incoming = comes(relay, letter("2398-4471", subject=f"Re: {relay.customer} http://x.example/c/{'tT' * 21}t"))

    (query,) = queries_about(order)
    assert query.subject == incoming.subject == "Re: ***@*** http://x.example/c/…"


@pytest.mark.parametrize(
    "raw",
    [
        letter("Waar is bestelling 2398-4471?").replace(b"klaas@example.com", b"iemand@example.org"),
        letter("Waar is mijn bestelling?"),
        letter("Waar is bestelling 2398-44710?"),
        letter("Waar zijn 2398-4471 en A-1001?"),
    ],
    ids=["stranger", "no-number", "longer-number", "two-orders"],
)
def test_in_doubt_it_is_parked(relay, order, raw):
    incoming = comes(relay, raw)

    assert (incoming.state, incoming.reason, incoming.query_id) == ("parked", "no-order", None)
    assert not queries_about(order).exists()


def test_a_burst_is_one_customers_and_what_is_put_aside_of_it_is_announced(relay, order):
    other = an_order(relay.anna.seller, number="2398-4472")
    states = [comes(relay, letter(f"2398-4471 {number}")).state for number in range(BURST_MAX + 2)]
    assert states == ["filed"] * BURST_MAX + ["parked"] * 2
    assert comes(relay, letter("2398-4472")).state == "filed", "many customers write to one shop"

    (query,) = queries_about(order)
    kinds = list(query.timeline.order_by("at", "id").values_list("kind", flat=True))
    assert kinds == ["query.opened", *["message.received"] * BURST_MAX, "mail.parked"]
    assert not queries_about(other).get().timeline.filter(kind="mail.parked").exists()


def test_machines_open_nothing(relay, order):
    incoming = comes(relay, letter("Afwezig, 2398-4471", head=b"Auto-Submitted: auto-replied\n"))

    assert (incoming.state, incoming.reason) == ("dropped", "automatic")
    assert not queries_about(order).exists()


def test_what_cannot_be_read_is_parked(relay, order):
    incoming = comes(relay, letter("2398-4471") + b"\n--x" * 6000)

    assert (incoming.state, incoming.reason) == ("parked", "too-many-parts")

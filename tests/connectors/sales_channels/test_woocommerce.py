"""What comes from a shop with WooCommerce: orders, Track & Trace of plugins, refunds; and its moving list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lostpost.connectors.sales_channels.connect_channel import connect_channel
from lostpost.connectors.sales_channels.woocommerce import woocommerce
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit, Return
from lostpost.sales_channels.carrier_names import map_carrier_name
from lostpost.sales_channels.models import CarrierName, SalesChannel
from tests.cast import NOW
from tests.connectors.sales_channels.channels import refusals_of, run_once
from tests.connectors.sales_channels.woo_server import (
    WooServer,
    with_trackings,
    woo_line,
    woo_order,
    woo_refund,
    woo_server,
    woo_tracking,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server():
    with woo_server(WooServer()) as answering:
        yield answering


@pytest.fixture
def woo(server, settings):
    """Begin with a shop that knows nothing."""
    url = server.url
    server.__init__(url=url)
    settings.WEBHOOKS_TO_PRIVATE = True
    return server


@pytest.fixture
def channel(lampenhuis, woo):
    values = {"site": f"{woo.url}/", "consumer_key": "ck_1", "consumer_secret": "cs_1"}
    row, _new = connect_channel(
        seller=lampenhuis, platform="woocommerce", values=values, prefix=None, by="Anna", now=NOW
    )
    return row


def put(woo, *orders, refunds=()):
    woo.orders = {each["id"]: {**each, "refunds": [{"id": 1}] * bool(refunds)} for each in orders}
    woo.refunds = {each["id"]: list(refunds) for each in orders}


def only_item():
    return OrderItem.objects.get()


def test_an_order_comes_with_its_parcel_to_the_cent(woo, channel):
    put(woo, woo_order(**with_trackings(woo_tracking())))

    assert run_once(channel) == ""

    order, item, parcel = Order.objects.get(), only_item(), Parcel.objects.get()
    assert (order.number, order.currency, order.customer_country, order.customer_language) == ("727", "EUR", "NL", "nl")
    assert order.placed_at == datetime(2026, 3, 7, 9, 0, tzinfo=UTC)
    assert (item.paid_minor, item.quantity, order.delivery_costs_minor) == (24_20, 2, 4_95)
    assert (parcel.shipping_method, parcel.carrier, parcel.tracking_number) == ("own", "PostNL", "3SWOO1")
    assert parcel.shipped_at == datetime(2026, 3, 8, 23, 59, 59, tzinfo=UTC)  # A day alone: the end of it.
    assert ParcelUnit.objects.get().quantity == 2
    assert channel.account == woo.url


@pytest.mark.parametrize(
    ("lines", "more", "paid", "delivery"),
    [
        ([("8.264463", "1.735537")], {"total": "10.00"}, [1000], 0),
        ([("4.132231", "0.867769"), ("4.132232", "0.867768")], {"total": "10.00"}, [500, 500], 0),
        ([("3.333333", "0"), ("3.333333", "0"), ("3.333333", "0")], {"total": "10.00"}, [334, 333, 333], 0),
        ([("20", "4.2")], {"total": "26.62", "fee_lines": [{"total": "2", "total_tax": "0.42"}]}, [2420], 242),
        ([("10", "0"), ("30", "0")], {"total": "36", "fee_lines": [{"total": "-4", "total_tax": "0"}]}, [900, 2700], 0),
        ([("1000", "100")], {"total": "1100", "currency": "JPY"}, [1100], 0),
    ],
)
def test_amounts_add_up_to_what_the_customer_paid(woo, channel, lines, more, paid, delivery):
    rows = [woo_line(n, 1, total, vat) for n, (total, vat) in enumerate(lines, start=1)]
    put(woo, woo_order(727, *rows, **{"shipping_total": "0", "shipping_tax": "0", **more}))
    run_once(channel)
    assert refusals_of(channel) == {}
    assert [item.paid_minor for item in OrderItem.objects.order_by("item")] == paid
    assert Order.objects.get().delivery_costs_minor == delivery


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"line_items": [woo_line(), {**woo_line(2), "total": None}]}, "geen prijs van regel 2"),
        ({"total": "99.00"}, "de regels en de bezorging verschillen 6985 van het totaal"),
        ({"currency": "EUX"}, "de valuta “EUX” bestaat niet"),
        ({"date_created_gmt": None}, "geen datum van de bestelling"),
        ({"billing": {"first_name": "K"}}, "geen e-mailadres van de klant"),
    ],
)
def test_what_is_missing_is_said_of_each_order(woo, channel, more, reason):
    put(woo, woo_order(1), woo_order(2, **more))
    run_once(channel)
    assert refusals_of(channel)["order 2"].startswith(reason)
    assert Order.objects.get().number == "1"


@pytest.mark.parametrize("status", ["pending", "on-hold", "failed", "cancelled", "checkout-draft"])
def test_what_nobody_paid_is_no_order(woo, channel, status):
    put(woo, woo_order(status=status))
    run_once(channel)
    assert not Order.objects.exists()
    assert refusals_of(channel) == {}


def test_a_refund_of_sent_units_is_a_return_and_of_others_a_cancellation(woo, channel):
    put(woo, woo_order(), refunds=[woo_refund()])
    run_once(channel)
    assert (Return.objects.get().status, Return.objects.get().code) == ("received", "727-RF-726")
    assert (ParcelUnit.objects.get().quantity_returned, only_item().quantity_cancelled) == (1, 0)
    assert only_item().paid_minor == 24_20

    put(woo, woo_order(728, status="processing", date_completed_gmt=None), refunds=[woo_refund()])
    run_once(channel, NOW + HOUR)
    other = OrderItem.objects.get(order__number="728", seller_id=channel.seller_id)
    assert (other.quantity_cancelled, Return.objects.count()) == (1, 1)


def test_money_without_units_was_never_paid(woo, channel):
    put(woo, woo_order(), refunds=[{"id": 1, "amount": "5.00", "line_items": []}])
    run_once(channel)
    assert (only_item().paid_minor, Return.objects.count()) == (19_20, 0)


def test_an_order_refunded_as_a_whole_leaves_nothing_to_write_off(woo, channel):
    put(woo, woo_order(status="refunded"))
    run_once(channel)
    assert ParcelUnit.objects.get().quantity_returned == 2


def test_several_numbers_are_parcels_where_somebody_says_what_lies_in_which(woo, channel):
    lines = [woo_line(1, 1, "10", "2.1"), woo_line(2, 1, "10", "2.1")]
    contents = [[{"item_id": str(n), "qty": "1"}] for n in (1, 2)]
    trackings = [woo_tracking(f"3S{n}", products_list=each) for n, each in enumerate(contents)]
    put(woo, woo_order(1, *lines, **with_trackings(*trackings)))
    put_two = dict(woo.orders)
    put(woo, woo_order(2, *lines, **with_trackings(woo_tracking("3SA"), woo_tracking("3SB"))))
    woo.orders |= put_two

    run_once(channel)

    assert [parcel.tracking_number for parcel in Parcel.objects.order_by("code")] == ["3S0", "3S1"]
    assert refusals_of(channel) == {
        "parcel 2": "2 Track & Trace-nummers, en niets zegt welke eenheden in welk pakket zitten"
    }
    assert Order.objects.count() == 2


def test_names_of_carriers_are_mapped_by_the_operator(woo, channel):
    put(woo, woo_order(**with_trackings(woo_tracking(provider="", custom_tracking_provider="De Fietser"))))
    run_once(channel)
    assert CarrierName.objects.get().name == "De Fietser"
    map_carrier_name(name="de fietser", carrier="Fietskoeriers", by="operator", now=NOW)
    woo.orders[727]["date_modified_gmt"] = "2026-03-10T10:00:00"
    run_once(channel, NOW + HOUR)
    assert Parcel.objects.get().carrier == "Fietskoeriers"


def test_an_order_that_moves_while_the_list_is_read_keeps_no_other_out(woo, channel, monkeypatch):
    monkeypatch.setattr(woocommerce, "PAGE", 2)
    put(woo, *(woo_order(n, modified=f"2026-03-08T1{n}:00:00") for n in range(1, 7)))
    moved: list[str] = []

    def moving(path):
        if sum("/orders?" in each for each in woo.asked) == 2 and not moved:
            moved.append(path)
            woo.orders[1]["date_modified_gmt"] = "2026-03-09T10:00:00"
            woo.orders[2]["date_modified_gmt"] = "2026-03-09T11:00:00"

    woo.before = moving
    run_once(channel)
    assert Order.objects.count() == 6
    assert moved


def test_many_that_changed_in_one_second_are_all_read_and_later_none_again(woo, channel, monkeypatch):
    monkeypatch.setattr(woocommerce, "PAGE", 2)
    put(woo, *(woo_order(n) for n in range(1, 8)))
    run_once(channel)
    assert Order.objects.count() == 7
    row = SalesChannel.objects.get()
    assert (row.orders, row.progress["modified"]["until"]) == (7, "2026-03-08T10:00:00")

    woo.orders[8] = woo_order(8, modified="2026-03-08T09:59:00")  # Saved while the list was read.
    run_once(channel, NOW + HOUR)
    assert SalesChannel.objects.get().orders == 8


def test_a_wrong_key_is_said_and_a_private_address_is_not_asked(woo, channel, settings):
    woo.secret = "Basic other"
    assert run_once(channel) == "key-refused"
    assert "you cannot list resources" in SalesChannel.objects.get().problem_detail
    settings.WEBHOOKS_TO_PRIVATE = False
    asked = len(woo.asked)
    assert run_once(channel, NOW + HOUR) == "unreachable"
    assert len(woo.asked) == asked

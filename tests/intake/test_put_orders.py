"""Orders: repeats change nothing, contradictions leave no row, and an invalid one does not affect the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lostpost.core.errors import Rejected
from lostpost.core.money import LARGEST_MINOR
from lostpost.intake.put_orders import OrderContradicts, put_order, put_orders
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData
from lostpost.orders.models import Order, OrderItem
from lostpost.writeoffs.write_off import write_off
from tests.cast import KLAAS, NOW, a_parcel, all_of, an_order, row_counts, silent_parcel

pytestmark = pytest.mark.django_db

LAMP = ItemData(item="1", title="Desk lamp Aurora", quantity=2, paid_minor=50_00, commission_minor=6_00, sku="LAMP")
BULB = ItemData(item="2", title="Bulb E27", quantity=1, paid_minor=4_95, commission_minor=59)
INVOICE = CustomerInvoiceData("2026-0117", date(2026, 3, 1), "Vaak B.V.", "Kade 1", "3511 AB", "Utrecht", "NL1B01")
ORDER = OrderData(
    number="1007",
    placed_at=NOW - timedelta(days=10),
    currency="EUR",
    customer_name="Klaas de Vries",
    customer_email=KLAAS,
    items=(LAMP, BULB),
    delivery_costs_minor=4_95,
    customer_language="nl",
)


def everything() -> tuple[list[Any], list[Any]]:
    return list(Order.objects.order_by("id").values()), list(OrderItem.objects.order_by("id").values())


def test_an_order_goes_in_with_its_items(lampenhuis):
    outcome = put_order(seller=lampenhuis, order=ORDER, now=NOW)

    assert outcome.state == "created"
    order = Order.objects.get(seller_id=lampenhuis.id, number="1007")
    for name in (
        "placed_at",
        "currency",
        "delivery_costs_minor",
        "customer_name",
        "customer_email",
        "customer_country",
        "customer_postal_code",
    ):
        assert getattr(order, name) == getattr(ORDER, name)
    for data in (LAMP, BULB):
        item = OrderItem.objects.get(seller_id=lampenhuis.id, order_id=order.id, item=data.item)
        for name in ("title", "sku", "quantity", "quantity_cancelled", "paid_minor", "commission_minor"):
            assert getattr(item, name) == getattr(data, name)
        assert (item.quantity_written_off, item.refunded_minor) == (0, 0)


def test_repeating_the_same_order_changes_nothing(lampenhuis):
    put_order(seller=lampenhuis, order=ORDER, now=NOW)
    before = everything()

    again = put_order(seller=lampenhuis, order=replace(ORDER, items=(BULB, LAMP)), now=NOW + timedelta(days=1))

    assert again.state == "unchanged"
    assert everything() == before


def test_changes_of_an_order_are_stored(lampenhuis):
    put_order(seller=lampenhuis, order=ORDER, now=NOW)
    shade = ItemData(item="3", title="Shade, linen", quantity=1, paid_minor=12_50, commission_minor=1_50)
    changed = replace(
        ORDER,
        placed_at=ORDER.placed_at - timedelta(hours=1),
        customer_name="Klaas Vaak",
        items=(replace(LAMP, quantity_cancelled=1), shade),
    )

    assert put_order(seller=lampenhuis, order=changed, now=NOW).state == "updated"
    assert put_order(seller=lampenhuis, order=changed, now=NOW).state == "unchanged"
    order = Order.objects.get()
    assert (order.placed_at, order.customer_name) == (changed.placed_at, "Klaas Vaak")
    items = OrderItem.objects.order_by("item").values_list("item", "quantity_cancelled")
    assert list(items) == [("1", 1), ("3", 0)]  # The bulb had not been shipped: it may go.


def test_the_payment_the_customers_invoice_and_the_rate_of_vat_go_in_and_may_change(lampenhuis):
    full = replace(
        ORDER,
        payment_provider="mollie",
        payment_reference="tr_7UhSN1zuXS",
        customer_invoice=INVOICE,
        items=(replace(LAMP, vat_rate_bp=2100), replace(BULB, vat_rate_bp=0)),
    )
    assert put_order(seller=lampenhuis, order=full, now=NOW).state == "created"
    assert put_order(seller=lampenhuis, order=full, now=NOW).state == "unchanged"

    order = Order.objects.get()
    assert (order.payment_provider, order.payment_reference) == ("mollie", "tr_7UhSN1zuXS")
    assert order.customer_invoice == {
        "number": "2026-0117",
        "issued_on": "2026-03-01",
        "name": "Vaak B.V.",
        "street": "Kade 1",
        "postal_code": "3511 AB",
        "city": "Utrecht",
        "vat_number": "NL1B01",
    }
    assert [item.vat_rate_bp for item in OrderItem.objects.order_by("item")] == [2100, 0]

    without = replace(
        full, payment_provider="stripe", payment_reference="pi_1", customer_invoice=None, items=(LAMP, BULB)
    )
    assert put_order(seller=lampenhuis, order=without, now=NOW).state == "updated"
    assert put_order(seller=lampenhuis, order=without, now=NOW).state == "unchanged"
    assert Order.objects.filter(customer_invoice__isnull=True, payment_reference="pi_1").exists()
    assert set(OrderItem.objects.values_list("vat_rate_bp", flat=True)) == {None}


def test_a_payment_may_be_added_after_a_write_off_and_then_stays(anna):
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    order, item = Order.objects.get(), OrderItem.objects.get()
    paid = OrderData(
        items=[replace(ItemData(**{name: getattr(item, name) for name in ItemData.__slots__}), vat_rate_bp=2100)],
        **{name: getattr(order, name) for name in OrderData.__slots__ if name != "items"},
    )
    paid = replace(paid, payment_provider="mollie", payment_reference="tr_1", customer_invoice=INVOICE)

    assert put_order(seller=anna.seller, order=paid, now=NOW).state == "updated"
    changes: list[dict[str, Any]] = [{"payment_reference": "tr_2"}, {"payment_provider": "stripe"}]
    for changed in changes:
        with pytest.raises(OrderContradicts, match="cannot change any more"):
            put_order(seller=anna.seller, order=replace(paid, **changed), now=NOW)


def test_two_shops_may_use_the_same_order_number(lampenhuis, carla):
    put_order(seller=lampenhuis, order=ORDER, now=NOW)

    assert put_order(seller=carla.seller, order=replace(ORDER, currency="SEK"), now=NOW).state == "created"
    assert Order.objects.get(seller_id=lampenhuis.id).currency == "EUR"


def test_stored_values_stay_valid_under_stricter_rules(lampenhuis):
    """Codes may be withdrawn: an order that has one can still be updated, but not to another withdrawn one."""
    put_order(seller=lampenhuis, order=ORDER, now=NOW)
    old: dict[str, Any] = {"currency": "NLG", "customer_country": "AN", "customer_email": "klaas(x)@example.com"}
    Order.objects.filter(seller_id=lampenhuis.id).update(**old)
    stored = replace(ORDER, **old)

    assert put_order(seller=lampenhuis, order=stored, now=NOW).state == "unchanged"
    assert put_order(seller=lampenhuis, order=replace(stored, customer_name="Klaas"), now=NOW).state == "updated"

    before = everything()
    wrong: list[dict[str, Any]] = [
        {"currency": "DEM"},
        {"customer_country": "UK"},
        {"customer_email": "klaas[x]@example.com"},
    ]
    for values in wrong:
        with pytest.raises(Rejected):
            put_order(seller=lampenhuis, order=replace(stored, **values), now=NOW)
    assert everything() == before
    assert put_order(seller=lampenhuis, order=ORDER, now=NOW).state == "updated"


NOT_AS_WRITTEN = [
    *("klaas(x)@example.com", "(x)klaas@example.com", "a:b@example.com", "klaas[x]@example.com", "k\\laas@example.com"),
    *('"klaas vaak"@example.com', '"klaas"@example.com', "Klaas <klaas@example.com", "kla as@example.com"),
    *("klaas@home@example.com", ".klaas@example.com", "kla..as@example.com", "x" * 65 + "@example.com"),
    *("\u200bklaas@example.com", "kla\u200das@example.com", "a@example.com,b@example.com", "a@b.nl;c@example.com"),
]
NOT_A_DOMAIN = [
    *("x" * 64 + ".nl", "-example.com", "example-.com", "example..com", "example.com.", ".example.com", "[127.0.0.1]"),
    *("ex_ample.com", "example.com>", "example.com (x)", "☃.net", "xn--a.com", "exa mple.com", "example.com\u202c"),
]
WRONG = [
    ({"number": "10 07"}, "the order number “10 07” must be"),
    ({"number": ""}, "the order number “” must be"),
    ({"number": "x" * 65}, "must be 1 to 64 letters"),
    ({"number": "10\x0007"}, "must be 1 to 64 letters"),
    ({"placed_at": datetime(2026, 3, 1)}, "placed_at has no time zone"),  # noqa: DTZ001
    ({"placed_at": NOW + timedelta(days=2)}, "it must lie between 2000-01-01 and 2026-03-11"),
    ({"placed_at": NOW.replace(year=1999)}, "it must lie between 2000-01-01 and"),
    *[
        ({"currency": it}, "not one that ISO 4217 has in use")
        for it in ("eur", "", "XXQ", "DEM", "NLG", "XAU", "XTS", "XXX")
    ],
    ({"delivery_costs_minor": -1}, "delivery_costs_minor is -1"),
    ({"delivery_costs_minor": LARGEST_MINOR + 1}, "must be between 0 and"),
    ({"customer_name": " "}, "1 to 200 characters"),
    ({"customer_name": "Klaas\r\nBcc: everybody"}, "line break or another control character"),
    ({"customer_name": "half \ud83d a character"}, "line break or another control character"),
    *[({"customer_email": it}, "is not an e-mail address") for it in ("nobody", "", "@example.com", "x" * 255)],
    *[({"customer_email": it}, "before the @ may stand up to 64 letters") for it in NOT_AS_WRITTEN],
    *[({"customer_email": f"klaas@{it}"}, "behind the @ must stand a domain name") for it in NOT_A_DOMAIN],
    ({"customer_email": "a@b\x00.nl"}, "control character"),
    ({"customer_language": "Nederlands"}, "no code such as nl"),
    *[({"customer_country": it}, "not a code of ISO 3166") for it in ("nl", "UK", "ZZ", "Holland")],
    ({"payment_provider": "paypal"}, "“paypal” is none of manual, mollie, stripe"),
    ({"payment_provider": "mollie"}, "the payment at mollie has no reference"),
    ({"payment_reference": "tr_1"}, "has a reference and no provider"),
    (
        {"payment_provider": "mollie", "payment_reference": "ord_8wmqcHMN4U"},
        "is no payment; give the payment itself (tr_…)",
    ),
    (
        {"payment_provider": "stripe", "payment_reference": "cs_live_1"},
        "is no payment; give the payment itself (pi_…, ch_…, py_…)",
    ),
    ({"payment_provider": "stripe", "payment_reference": "x" * 201}, "longer than 200"),
    ({"payment_provider": "stripe", "payment_reference": "pi\n1"}, "control character"),
    ({"customer_invoice": INVOICE}, "has no vat_rate_bp; the customer has an invoice"),
    ({"customer_invoice": replace(INVOICE, number=" ")}, "the customer's invoice has no number"),
    ({"customer_invoice": replace(INVOICE, country="XX")}, "the country “XX” of the customer's invoice is none"),
    ({"customer_invoice": replace(INVOICE, electronic_address="0106:1")}, "is not a number of scheme 0106"),
    ({"customer_invoice": replace(INVOICE, number="x" * 91)}, "number of the customer's invoice is longer than 90"),
    ({"customer_invoice": replace(INVOICE, city="x" * 101)}, "city of the customer's invoice is longer than 100"),
    ({"customer_invoice": replace(INVOICE, name="Klaas\x00")}, "control character"),
    ({"customer_invoice": replace(INVOICE, issued_on=date(1999, 1, 1))}, "was issued on 1999-01-01; it must lie"),
    ({"customer_invoice": replace(INVOICE, issued_on=date(2026, 3, 12))}, "between 2000-01-01 and 2026-03-11"),
    ({"items": (replace(LAMP, vat_rate_bp=-1),)}, "vat_rate_bp is -1; it must be between 0 and 10000"),
    ({"items": (replace(LAMP, vat_rate_bp=10_001),)}, "2100 is 21 %"),
    ({"items": ()}, "at least one item"),
    ({"items": (LAMP, replace(BULB, item="1"))}, "item “1” stands there 2 times"),
    ({"items": (replace(LAMP, item="a b"),)}, "the item “a b” must be"),
    ({"items": (replace(LAMP, title=""),)}, "the title of item “1” must have 1 to 300"),
    ({"items": (replace(LAMP, title="Lamp\x00"),)}, "control character"),
    ({"items": (replace(LAMP, sku="x" * 65),)}, "longer than 64"),
    ({"items": (replace(LAMP, quantity=0),)}, "quantity is 0"),
    ({"items": (replace(LAMP, quantity=10_001),)}, "between 1 and 10000"),
    ({"items": (replace(LAMP, quantity_cancelled=3),)}, "quantity_cancelled must be between 0 and the quantity of 2"),
    ({"items": (replace(LAMP, paid_minor=-1),)}, "paid_minor is -1"),
    ({"items": (replace(LAMP, commission_minor=LARGEST_MINOR + 1),)}, "commission_minor is"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_a_wrong_order_is_refused_with_a_sentence_and_leaves_no_row(lampenhuis, wrong, sentence):
    before = row_counts()

    with pytest.raises(Rejected) as refused:
        put_order(seller=lampenhuis, order=replace(ORDER, **wrong), now=NOW)

    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 400
    assert row_counts() == before


def test_a_wrong_order_does_not_keep_the_others_of_its_batch_out(lampenhuis):
    put_order(seller=lampenhuis, order=replace(ORDER, number="known"), now=NOW)
    batch = [
        replace(ORDER, number="new-1"),
        replace(ORDER, number="wrong", currency="?"),
        replace(ORDER, number="known"),
        replace(ORDER, number="new-2"),
        replace(ORDER, number="new-1", currency="SEK"),
    ]

    outcomes = put_orders(seller=lampenhuis, orders=batch, now=NOW)

    assert [outcome.state for outcome in outcomes] == ["created", "refused", "unchanged", "created", "refused"]
    assert "twice in the same batch" in str(outcomes[4].refusal)
    assert set(Order.objects.values_list("number", flat=True)) == {"known", "new-1", "new-2"}
    assert Order.objects.get(number="new-1").currency == "EUR"


def test_an_empty_batch_is_accepted(lampenhuis):
    assert put_orders(seller=lampenhuis, orders=[], now=NOW) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ((BULB,), "item “1” cannot go: units of it were shipped"),
        ((replace(LAMP, quantity=1), BULB), "item “1”: 2 units were shipped already; fewer cannot be ordered"),
        ((replace(LAMP, quantity_cancelled=1), BULB), "item “1”: 2 units were shipped already"),
    ],
)
def test_fewer_than_were_shipped_cannot_be_ordered(lampenhuis, changed, sentence):
    put_order(seller=lampenhuis, order=ORDER, now=NOW)
    a_parcel(Order.objects.get(), units={"1": 2})
    before = everything()

    with pytest.raises(OrderContradicts) as refused:
        put_order(seller=lampenhuis, order=replace(ORDER, items=changed, customer_name="Klaas Vaak"), now=NOW)

    assert sentence in str(refused.value)
    assert everything() == before


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"placed_at": NOW - timedelta(days=11)}, "placed_at cannot change any more"),
        ({"currency": "SEK"}, "currency cannot change any more"),
        ({"delivery_costs_minor": 9_99}, "delivery_costs_minor cannot change any more"),
        ({"paid_minor": 30_00}, "paid_minor of item “1” cannot change any more"),
        ({"commission_minor": 1}, "commission_minor of item “1” cannot change any more"),
        ({"quantity": 3}, "quantity of item “1” cannot change any more"),
    ],
)
def test_what_a_write_off_rests_on_stays(anna, changed, sentence):
    # Given an order of which everything was written off
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    order, item = Order.objects.get(), OrderItem.objects.get()
    of_item = {name: value for name, value in changed.items() if hasattr(item, name)}
    same = OrderData(
        items=[ItemData(**{**{name: getattr(item, name) for name in ItemData.__slots__}, **of_item})],
        **{name: getattr(order, name) for name in OrderData.__slots__ if name != "items"},
    )
    before = everything()

    # When the marketplace says otherwise
    with pytest.raises(OrderContradicts) as refused:
        put_order(
            seller=anna.seller,
            order=replace(same, **{name: value for name, value in changed.items() if name not in of_item}),
            now=NOW,
        )

    # Then the refusal says what cannot change, and nothing has
    assert sentence in str(refused.value)
    assert everything() == before


def test_what_no_write_off_rests_on_may_change_afterwards(anna):
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    order, item = Order.objects.get(), OrderItem.objects.get()
    same = OrderData(
        items=[ItemData(**{name: getattr(item, name) for name in ItemData.__slots__}), BULB],
        **{name: getattr(order, name) for name in OrderData.__slots__ if name != "items"},
    )

    moved = replace(same, customer_email="klaas.new@example.com")

    assert put_order(seller=anna.seller, order=moved, now=NOW).state == "updated"
    assert OrderItem.objects.count() == 2


def test_many_orders_cost_a_few_statements(lampenhuis, django_assert_max_num_queries):
    batch = [replace(ORDER, number=f"n-{number}") for number in range(200)]

    with django_assert_max_num_queries(6):
        put_orders(seller=lampenhuis, orders=batch, now=NOW)
    with django_assert_max_num_queries(8):
        outcomes = put_orders(seller=lampenhuis, orders=batch, now=NOW)

    assert {outcome.state for outcome in outcomes} == {"unchanged"}


def test_an_order_of_the_cast_is_put_in_by_the_same_command(anna):
    assert an_order(anna.seller).number == "A-1001"

"""Rows that were written before units could be paid again."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from lostpost.audit.verify import verify
from lostpost.orders.models import Order, OrderItem, ParcelUnit
from lostpost.writeoffs.models import WriteOffLine
from tests.cast import a_return
from tests.writeoffs.lamps import Lamps

pytestmark = pytest.mark.django_db
SHARES = [33_33, 4_26, 89]  # Of 100.00, 12.79 commission and 2.69 VAT on it; 0.01, 0.01 and 0.02 are left over.


def test_a_write_off_under_the_former_rule_is_verified_without_difference(lamps):
    """By that rule the last of two lamps took only its share, as one was returned: a cent stayed booked as sold."""
    lamps.give_back(1)
    write_off = lamps.lose(2, 3)
    last = WriteOffLine.objects.filter(seller_id=write_off.seller_id).order_by("id").last()
    assert last
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lostpost_writeoffline SET facts = facts - 'paid_again'")
        cursor.execute(
            "UPDATE lostpost_writeoffline SET refund_minor = 3333, commission_minor = 426, commission_vat_minor = 89"
            " WHERE id = %s",
            [last.id],
        )
        cursor.execute("UPDATE lostpost_writeoff SET refund_minor = 6666")
        cursor.execute("UPDATE lostpost_refund SET amount_minor = 6666")
        cursor.execute(
            "UPDATE lostpost_orderitem SET refunded_minor = 6666, commission_back_minor = 852,"
            " commission_vat_back_minor = 178"
        )
        cursor.execute(
            "UPDATE lostpost_parcelunit SET given_back_minor = 3333, commission_back_minor = 426,"
            " commission_vat_back_minor = 89 WHERE id = %s",
            [last.parcel_unit_id],
        )
        for kind, amount in (
            ("correction_turnover", 33_33),
            ("correction_commission", 4_26),
            ("correction_commission_vat", 89),
        ):
            cursor.execute("UPDATE lostpost_transfer SET amount_minor = %s WHERE kind = %s", [amount, kind])
        cursor.execute("UPDATE lostpost_transfer SET amount_minor = 6666 WHERE kind = 'refund_paid'")

    assert lamps.left() == [1, 1, 2]
    assert list(verify(lamps.anna.seller)) == []
    lamps.find(write_off, 2)
    assert list(verify(lamps.anna.seller)) == []
    assert lamps.lose(2).refund_minor == 33_34, "the last unit takes the cent now"
    lamps.assert_books_are_right()


def test_the_migration_computes_the_same_counts_as_the_commands(anna, fien):
    lamps = Lamps(anna, fien, delivery_costs_minor=4_95)
    lamps.lose(1)
    write_off = lamps.lose(2, 3)
    lamps.find(write_off, 2)
    lamps.give_back(2)
    lamps.give_back(2, "announced")
    a_return(lamps.order, {("P-2", "1"): 1}, code="R-2", status="received")
    counts = {
        ParcelUnit: ("quantity_paid_again", "quantity_received"),
        OrderItem: (
            "quantity_paid_again",
            "paid_again_minor",
            "commission_back_minor",
            "commission_vat_back_minor",
        ),
        Order: ("delivery_refunded_minor",),
    }
    before = {model: sorted(model.objects.values_list(*names)) for model, names in counts.items()}  # type: ignore[attr-defined]
    with connection.cursor() as cursor:  # As the migration does before it counts.
        for table, name in (
            ("parcelunit", "parcel_unit_lost_or_returned_at_most_once"),
            ("orderitem", "order_item_lost_at_most_once"),
            ("orderitem", "order_item_refund_at_most_what_the_customer_paid"),
        ):
            cursor.execute(f"ALTER TABLE lostpost_{table} DROP CONSTRAINT {name}")
    for model, names in counts.items():
        model.objects.update(**dict.fromkeys(names, 0))  # type: ignore[attr-defined]

    migration = import_module("lostpost.migrations.0014_units_found_and_paid_again")
    with connection.cursor() as cursor:
        for statement in (migration.UNITS, migration.ITEMS, migration.ORDERS):
            cursor.execute(statement)

    assert {model: sorted(model.objects.values_list(*names)) for model, names in counts.items()} == before  # type: ignore[attr-defined]


def test_the_migration_computes_the_same_amounts_of_units_as_the_commands(anna, fien):
    lamps = Lamps(anna, fien, delivery_costs_minor=4_95)
    lamps.find(lamps.lose(1, 2, 3), 2)
    names = ("given_back_minor", "commission_back_minor", "commission_vat_back_minor")
    before = sorted(ParcelUnit.objects.values_list(*names))
    assert before == [(0, 0, 0), (33_33, 4_26, 89), (33_34, 4_27, 91)]
    ParcelUnit.objects.update(**dict.fromkeys(names, 0))

    with connection.cursor() as cursor:
        cursor.execute(import_module("lostpost.migrations.0068_given_back_of_units").FILL)

    assert sorted(ParcelUnit.objects.values_list(*names)) == before

"""The migration adds normalised forms to existing rows, and flags their scans by the current rules."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from lostpost.audit.verify import verify
from lostpost.core.text import compact_form, search_form
from lostpost.orders.models import Order, OrderItem, Parcel
from lostpost.tracking.models import Scan
from tests.cast import a_parcel, a_scan, an_item, an_order

MIGRATION = import_module("lostpost.migrations.0019_search_forms_and_scans")
NAMES = ["Klaas  de VRIES ", "Zoe\u0308 Bronte\u0308", "Strauß", "Işıl", "Ｋｌａａｓ", "Kl\u200baas", "O'Neill_%"]
NUMBERS = ["3SPC 001", "3SABC", "３ＳＰＣ", "3S\N{NO-BREAK SPACE}x", "", "tt-1"]

pytestmark = pytest.mark.django_db


def forget():
    """Restore the state before the migration."""
    Order.objects.update(customer_name_normalised="")
    OrderItem.objects.update(title_normalised="")
    Parcel.objects.update(carrier_normalised="", tracking_number_normalised="")
    Scan.objects.update(before_order=False)


def migrate():
    with connection.schema_editor() as editor:
        MIGRATION.fill_in_forms(apps, editor)
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.BEFORE_ORDER)
        cursor.execute(MIGRATION.NEWEST)


def test_existing_rows_get_normalised_forms(lampenhuis, monkeypatch):
    monkeypatch.setattr(MIGRATION, "BATCH", 2)
    for name in NAMES:
        order = an_order(lampenhuis, an_item(title=f"Lamp {name}"), customer_name=name)
        a_parcel(order, carrier="DPD é", tracking_number=NUMBERS[len(name) % len(NUMBERS)])
    expected = forms()
    assert len(expected[0]) == len(NAMES)
    forget()

    migrate()

    assert forms() == expected
    assert all(form == search_form(name) for name, form in expected[0])
    assert all(
        (carrier_form, form) == (compact_form(carrier), compact_form(number))
        for carrier, number, carrier_form, form in expected[2]
    )


def forms():
    return (
        sorted(Order.objects.values_list("customer_name", "customer_name_normalised")),
        sorted(OrderItem.objects.values_list("title", "title_normalised")),
        sorted(
            Parcel.objects.values_list("carrier", "tracking_number", "carrier_normalised", "tracking_number_normalised")
        ),
    )


def test_existing_scans_are_flagged_by_the_current_rules(lampenhuis):
    scans_of = {
        "undone": [(6, "delivered"), (4, "announced")],
        "moved": [(6, "delivered"), (5, "in_transit"), (4, "exception")],
        "old": [(400, "delivered")],
        "old and new": [(400, "delivered"), (4, "in_transit")],
        "plain": [(4, "in_transit")],
    }
    for code, scans in scans_of.items():
        parcel = a_parcel(an_order(lampenhuis), code=code.replace(" ", "-"))
        for days, status in scans:
            a_scan(parcel, days=days, status=status)
    expected = standing()
    # Given parcels by the former rules: the newest scan counts, whatever its status
    for parcel in Parcel.objects.all():
        newest = Scan.objects.filter(parcel_id=parcel.id).latest("scanned_at")
        Parcel.objects.filter(id=parcel.id).update(
            last_scanned_at=newest.scanned_at, last_status=newest.status, delivered=newest.status == "delivered"
        )
    forget()
    assert standing() != expected

    migrate()

    assert standing() == expected
    assert not list(verify(lampenhuis))


def standing():
    return sorted(Parcel.objects.values_list("code", "last_status", "delivered"))

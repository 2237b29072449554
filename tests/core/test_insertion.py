"""INSERTs spelled from the models: the right columns and types, and nothing forgotten."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection

from lostpost.accounts.models import RequestCount
from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, insert, insertion, json_rows
from lostpost.ledger.models import Transfer
from lostpost.orders.models import Order, Parcel
from tests.cast import NOW

ORDER: dict[str, Any] = {
    "id": None,
    "number": "A-1",
    "placed_at": NOW,
    "currency": "EUR",
    "customer_name": "Klaas “de” Vries",
    "customer_email": "klaas@example.com",
    "customer_language": "nl",
    "customer_country": "NL",
    "customer_invoice": {"number": "2026-1", "lines": [1, 2]},
}


@pytest.mark.django_db
def test_rows_are_written_as_the_orm_would_write_them(lampenhuis):
    rows = [{**ORDER, "id": uuid7(), "number": f"A-{n}", "placed_at": NOW - timedelta(days=n)} for n in range(3)]

    insert(Order, rows, seller_id=lampenhuis.id)

    Order.objects.create(seller_id=lampenhuis.id, **{**rows[0], "id": uuid7(), "number": "B-0"})
    by_orm = Order.objects.filter(number="B-0").values().get()
    for row in rows:
        written = Order.objects.filter(id=row["id"]).values().get()
        assert written == {**by_orm, **{name: row[name] for name in ("id", "number", "placed_at")}}


@pytest.mark.django_db
def test_nothing_is_sent_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert(Order, [], seller_id=uuid7())


def test_a_missing_column_without_a_default_is_refused():
    with pytest.raises(ValueError, match=r"Order\.currency has no default"):
        insertion(Order, tuple(name for name in ORDER if name != "currency"), same=("seller_id",))
    with pytest.raises(ValueError, match="Parcel has no columns wheels"):
        insertion(Parcel, ("id", "order_id", "code", "shipping_method", "shipped_at", "wheels"), same=("seller_id",))


@pytest.mark.django_db
def test_it_is_part_of_a_larger_statement(lampenhuis):
    columns = ("id", "number", "placed_at", "currency", "customer_name", "customer_email")
    same = ("seller_id", "customer_language", "customer_country")
    statement = insertion(Order, columns, same=same, rows="orders")
    row = {name: uuid7() if name == "id" else ORDER[name] for name in columns}

    execute(
        f"WITH orders AS ({statement}) SELECT 1",
        {"seller_id": lampenhuis.id, "customer_language": "nl", "customer_country": "NL", "orders": json_rows([row])},
    )

    assert Order.objects.get(seller_id=lampenhuis.id).number == "A-1"


@pytest.mark.django_db
def test_one_row_is_inserted_with_computed_columns_or_the_existing_one_changed():
    statement = insertion(RequestCount, same=("client_id",), minute="date_trunc('minute', now())", requests="1 + 1")
    once_more = f"{statement} ON CONFLICT (client_id) DO UPDATE SET requests = existing.requests + EXCLUDED.requests"

    for _n in range(2):
        execute(once_more, {"client_id": "some-client"})

    assert RequestCount.objects.get().requests == 4


def test_types_are_those_of_the_columns():
    columns = tuple(field.column for field in Transfer._meta.concrete_fields if field.column != "seller_id")
    statement = insertion(Transfer, columns, same=("seller_id",))
    assert '"amount_minor" bigint' in statement
    assert '"effective_at" timestamp with time zone' in statement
    assert '"currency" text' in statement
    assert connection.ops.quote_name("invoice_id") in statement


def test_rows_have_instants_in_utc_and_none_without_a_zone():
    east = datetime(2026, 3, 4, 9, 30, tzinfo=timezone(timedelta(hours=17)))  # More than PostgreSQL accepts.

    assert json_rows([{"at": east, "title": "Lámpje “1”"}]) == '[{"at":"2026-03-03T16:30:00Z","title":"Lámpje “1”"}]'
    with pytest.raises(ValueError, match="needs a time zone"):
        json_rows([{"at": datetime(2026, 3, 4)}])  # noqa: DTZ001

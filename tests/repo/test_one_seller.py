"""The watch over statements itself: what it lets through, what it finds, and that nothing of the program escapes it."""

import threading

import pytest
from django.db import connection, transaction

from lostpost.accounts.models import Member
from lostpost.core.ownership import cross_seller, uuid7
from lostpost.customer_queries.stakes import forget_stakes
from lostpost.orders.models import Order, Parcel
from tests import one_seller
from tests.cast import an_order
from tests.one_seller import judge

GOOD = {
    "a value": "SELECT id FROM lostpost_order WHERE seller_id = %s AND number = %s",
    "the framework's own": 'SELECT "lostpost_order"."id" FROM "lostpost_order" WHERE "lostpost_order"."seller_id" = %s',
    "a condition in brackets": "SELECT 1 FROM lostpost_order o WHERE ((o.seller_id = %s) AND (a = 1 OR b = 2))",
    "a join by the seller": (
        "SELECT 1 FROM lostpost_order o JOIN lostpost_orderitem i ON (i.seller_id = o.seller_id AND i.order_id = o.id)"
        " WHERE i.seller_id = %s"
    ),
    "a chain of joins": (
        "SELECT 1 FROM lostpost_orderitem item"
        " LEFT JOIN lostpost_parcelunit unit ON unit.seller_id = item.seller_id AND unit.order_item_id = item.id"
        " LEFT JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id"
        " WHERE item.seller_id = %s FOR UPDATE OF item"
    ),
    "a pair": "SELECT 1 FROM lostpost_order WHERE (seller_id, id) = (%s, %s)",
    "pairs": "SELECT 1 FROM lostpost_order WHERE (seller_id, id) IN ((%s, %s), (%s, %s))",
    "alternatives that all say it": (
        "SELECT 1 FROM lostpost_order o WHERE (o.seller_id = %s AND o.id = %s) OR (o.seller_id = %s AND o.id = %s)"
    ),
    "a subquery that refers to what is around it": (
        "SELECT 1 FROM lostpost_order o WHERE o.seller_id = %s AND EXISTS"
        " (SELECT 1 FROM lostpost_parcel U0 WHERE U0.seller_id = o.seller_id AND U0.order_id = o.id)"
    ),
    "an insertion": "INSERT INTO lostpost_order (seller_id, id) VALUES (%s, %s), (%s, %s) RETURNING id",
    "an insertion of what is read": (
        "INSERT INTO lostpost_transfer (seller_id, id) SELECT %s, id FROM jsonb_to_recordset(%s::jsonb) AS r (id uuid)"
    ),
    "an insertion of lists": (
        "INSERT INTO lostpost_order (id, seller_id) SELECT * FROM UNNEST((%s)::uuid[], (%s)::uuid[])"
    ),
    "an insertion of two queries together": (
        "INSERT INTO lostpost_order (seller_id, id)"
        " SELECT o.seller_id, o.id FROM lostpost_order o WHERE o.seller_id = %s"
        " UNION ALL SELECT p.seller_id, p.id FROM lostpost_parcel p WHERE p.seller_id = %s"
    ),
    "an upsert": (
        "INSERT INTO lostpost_scan AS scan (parcel_id, seller_id) SELECT p, %(seller)s FROM given"
        " ON CONFLICT (seller_id, parcel_id) DO UPDATE SET from_future = false WHERE scan.seller_id = %(seller)s"
    ),
    "a change": "UPDATE lostpost_order SET number = %s WHERE seller_id = %s",
    "a change from elsewhere": (
        "WITH given AS (SELECT * FROM jsonb_to_recordset(%(rows)s) AS r (id uuid))"
        " UPDATE lostpost_parcel parcel SET code = 'x' FROM given WHERE parcel.seller_id = %(seller)s"
    ),
    "a removal": 'DELETE FROM "lostpost_orderitem" WHERE "lostpost_orderitem"."seller_id" = %s',
    "a part of the scans": "SELECT 1 FROM lostpost_scan_2026_03 WHERE seller_id = %s",
    "two queries together": (
        "SELECT 1 FROM lostpost_order WHERE seller_id = %s UNION ALL SELECT 1 FROM lostpost_parcel WHERE seller_id = %s"
    ),
    "a query in the place of a table": (
        "SELECT 1 FROM (SELECT seller_id, id FROM lostpost_order WHERE seller_id = %s) o"
        " JOIN lostpost_parcel p ON p.seller_id = o.seller_id AND p.order_id = o.id"
    ),
    "tables of nobody": "SELECT 1 FROM lostpost_seller s, lostpost_policyversion v, auth_user u WHERE s.code = %s",
    "no rows": "CREATE TABLE IF NOT EXISTS lostpost_scan_2026_03 PARTITION OF lostpost_scan FOR VALUES FROM (1) TO (2)",
    "a scalar subquery of what each machine has": (
        "SELECT coalesce((SELECT max(v.version) FROM lostpost_policyversion v), 0)"
        " FROM lostpost_order o WHERE o.seller_id = %s"
    ),
}
BAD = {
    "nothing": "SELECT id FROM lostpost_order",
    "another column": 'SELECT 1 FROM "lostpost_order" WHERE "lostpost_order"."number" = %s',
    "a join by the id alone": (
        "SELECT 1 FROM lostpost_order o JOIN lostpost_parcel p ON p.order_id = o.id WHERE o.seller_id = %s"
    ),
    "only a join": (
        "SELECT 1 FROM lostpost_order o JOIN lostpost_parcel p ON p.seller_id = o.seller_id AND p.order_id = o.id"
    ),
    "one alternative without it": "SELECT 1 FROM lostpost_order o WHERE o.seller_id = %s OR o.number = %s",
    "the opposite": "SELECT 1 FROM lostpost_order o WHERE NOT (o.seller_id = %s)",
    "a greater one": "SELECT 1 FROM lostpost_order o WHERE o.seller_id > %s",
    "in what is shown": "SELECT o.seller_id = %s FROM lostpost_order o",
    "in what is set": "UPDATE lostpost_order SET seller_id = %s WHERE id = %s",
    "a subquery of its own": (
        "SELECT 1 FROM lostpost_order o WHERE o.seller_id = %s AND o.id IN (SELECT order_id FROM lostpost_parcel)"
    ),
    "a second query": "SELECT 1 FROM lostpost_order WHERE seller_id = %s UNION SELECT 1 FROM lostpost_parcel",
    "a list of tables": "SELECT 1 FROM lostpost_order o, lostpost_parcel p WHERE o.seller_id = %s AND p.id = o.id",
    "an insertion that names no columns": "INSERT INTO lostpost_order VALUES (%s, %s)",
    "an insertion for nobody": "INSERT INTO lostpost_order (id) VALUES (%s)",
    "an insertion from anybody": "INSERT INTO lostpost_order (seller_id, id) SELECT r.shop, id FROM rows r",
    "a removal": "DELETE FROM lostpost_order WHERE id = %s",
    "a change with a query": (
        "UPDATE lostpost_order o SET number = p.code FROM lostpost_parcel p WHERE o.seller_id = %s AND p.id = o.id"
    ),
    "an insertion of two queries, one from anybody": (
        "INSERT INTO lostpost_order (seller_id, id)"
        " SELECT o.seller_id, o.id FROM lostpost_order o WHERE o.seller_id = %s"
        " UNION ALL SELECT r.shop, id FROM rows r"
    ),
    "an insertion of lists": "INSERT INTO lostpost_order (id, number) SELECT * FROM UNNEST((%s)::uuid[], (%s)::text[])",
    "the sellers of a set of rows": (
        "SELECT 1 FROM lostpost_order o JOIN jsonb_to_recordset(%s) AS r (seller_id uuid) ON o.seller_id = r.seller_id"
    ),
    "a scalar subquery": (
        "SELECT o.id, (SELECT count(*) FROM lostpost_parcel p WHERE p.seller_id = o.seller_id)"
        " FROM lostpost_order o WHERE o.seller_id = %s"
    ),
    "a volatile function": "UPDATE lostpost_order SET number = gen_random_uuid() WHERE seller_id = %s",
}


@pytest.mark.parametrize("sql", GOOD.values(), ids=GOOD)
def test_a_statement_that_names_its_seller_passes(sql):
    assert judge(sql).problems == ()


@pytest.mark.parametrize("sql", BAD.values(), ids=BAD)
def test_a_statement_that_does_not_is_found(sql):
    assert judge(sql).problems


def test_the_parameters_that_say_whose_rows_are_known():
    assert judge("UPDATE lostpost_order SET number = %s WHERE seller_id = %s").sellers == (1,)
    assert judge("SELECT 1 FROM lostpost_order WHERE number = %(n)s AND seller_id = %(who)s").sellers == ("who",)
    assert judge("INSERT INTO lostpost_order (id, seller_id) VALUES (%s, %s), (%s, %s)").sellers == (1, 3)


@pytest.fixture
def program_query(monkeypatch):
    """Take what this test asks for as asked by the program; give what was found, and do not fail for it."""
    monkeypatch.setattr(one_seller, "asked_by_us", lambda: "a line of the program")
    yield one_seller.violations
    one_seller.violations.clear()


@pytest.mark.django_db
def test_a_query_without_a_seller_is_a_violation(anna, program_query):
    assert list(Order.objects.filter(number="A-1001")) == []

    assert len(program_query) == 1
    assert "whose rows of lostpost_order" in program_query[0]


@pytest.mark.django_db
def test_a_declared_read_over_all_sellers_passes(anna, program_query):
    with cross_seller("to see that it is let through"):
        assert list(Order.objects.filter(number="A-1001")) == []

    assert program_query == []


@pytest.mark.django_db
def test_two_sellers_in_one_statement_are_found(anna, carla, program_query):
    assert list(Member.objects.filter(seller_id__in=[anna.seller_id, carla.seller_id]))

    assert "several sellers" in program_query[0]


@pytest.mark.django_db
def test_rows_of_two_sellers_in_one_insertion_are_found(anna, carla, program_query):
    roles = [
        Member(seller_id=who.seller_id, user_id=who.user_id + 100, name="X", role="viewer") for who in (anna, carla)
    ]
    Member.objects.bulk_create(roles)

    assert "several sellers" in program_query[0]


@pytest.mark.django_db
def test_two_sellers_in_one_transaction_are_found(anna, carla, program_query):
    with transaction.atomic():
        assert not Order.objects.filter(seller_id=anna.seller_id).exists()
        assert not Order.objects.filter(seller_id=carla.seller_id).exists()

    assert "touched another seller" in program_query[0]


@pytest.mark.django_db
def test_two_sellers_one_after_the_other_pass(anna, carla, program_query):
    an_order(anna.seller)
    an_order(carla.seller)

    assert program_query == []


@pytest.mark.django_db(transaction=True)
def test_a_statement_of_another_thread_is_found(program_query):
    def ask() -> None:
        list(Parcel.objects.all())
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert "whose rows of lostpost_parcel" in program_query[0]


@pytest.mark.django_db
def test_statements_of_the_program_are_distinguished_from_those_of_tests(anna):
    source = "def parcels_of_anybody():\n    return list(Parcel.objects.all())\n"
    program = {"Parcel": Parcel}
    exec(compile(source, f"{one_seller.OURS}/made_up.py", "exec"), program)

    list(Parcel.objects.all())
    assert one_seller.violations == []

    program["parcels_of_anybody"]()
    (violation,) = one_seller.violations
    one_seller.violations.clear()
    assert "asked in lostpost/made_up.py:2" in violation


@pytest.mark.django_db(transaction=True)
def test_transactions_one_after_the_other_may_be_of_different_sellers(anna, carla):
    with one_seller.each_statement_names_its_seller():
        for member, given_up in ((anna, False), (carla, True), (anna, False)):
            with transaction.atomic():
                forget_stakes(member.seller_id, [uuid7()])
                transaction.set_rollback(given_up)

"""The connections of the tests keep what they prepared when a test is rolled back; else the suite takes longer."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from tests.database import KeptStatements

pytestmark = pytest.mark.django_db
STATEMENT = "SELECT %s::text || ' of the tests that keep statements'"


def kept_and_generic() -> list[tuple[int, int]]:
    """Return how often the statement was planned for any values, and for given ones, each time it is prepared."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement ~ 'of the tests that keep' AND statement !~ 'pg_prepared'"
        )
        return list(cursor.fetchall())


def test_a_rollback_leaves_what_is_prepared_with_one_plan_for_all_values() -> None:
    assert isinstance(connection.connection._prepared, KeptStatements)
    for value in ("one", "two", "three", "four", "five"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(STATEMENT, [value])
            transaction.set_rollback(True)
    ((generic, custom),) = kept_and_generic()
    assert (generic >= 3, custom) == (True, 0)

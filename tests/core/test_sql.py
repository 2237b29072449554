"""SQL on the connection itself: the kept cursor, the pipeline, the one moment."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from lostpost.accounts.models import Seller
from lostpost.core.sql import as_of_one_moment, execute, fetch, fetch_first, in_pipeline
from lostpost.core.text import is_storable, strip_unstorable

INSERT = "INSERT INTO lostpost_policyversion VALUES (%s, '{}', 'x', 'x', now())"


@pytest.mark.django_db
def test_rows_are_fetched_and_statements_executed():
    execute(INSERT, (7,))

    assert fetch("SELECT version, reason FROM lostpost_policyversion WHERE version = %(it)s", {"it": 7}) == [(7, "x")]
    assert fetch("SELECT 1 WHERE false", ()) == []


FIRST = "SELECT current_setting('transaction_read_only'), pg_backend_pid()"


@pytest.fixture
def as_a_request_begins():
    """Give this thread's connection, kept from a request before and not looked at yet."""
    kept: Any = connection
    kept.ensure_connection()
    kept.health_check_enabled, kept.health_check_done = True, False
    yield kept
    kept.close()
    kept.health_check_enabled = False


@pytest.mark.django_db(transaction=True)
def test_a_first_statement_is_the_check_of_its_connection(as_a_request_begins):
    pid = as_a_request_begins.connection.info.backend_pid
    assert fetch_first(FIRST, ()) == [("off", pid)]
    assert as_a_request_begins.health_check_done


@pytest.mark.django_db(transaction=True)
def test_a_first_statement_on_a_lost_connection_is_executed_on_a_new_one(as_a_request_begins):
    pid = as_a_request_begins.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
    other.close()

    ((read_only, new_pid),) = fetch_first(FIRST, ())
    assert (read_only, new_pid == pid) == ("off", False)


@pytest.mark.django_db(transaction=True)
def test_a_first_statement_on_a_server_that_became_a_standby_is_executed_on_a_new_connection(as_a_request_begins):
    execute("SET default_transaction_read_only = on", ())
    as_a_request_begins.health_check_done = False
    assert fetch_first(FIRST, ())[0][0] == "off"


@pytest.mark.django_db(transaction=True)
def test_a_first_statement_that_is_wrong_is_not_repeated(as_a_request_begins):
    with pytest.raises(ProgrammingError):
        fetch_first("SELECT nothing_of_this_name", ())
    assert fetch("SELECT 1", ()) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_a_closed_connection_is_opened_again():
    assert fetch("SELECT 1", ()) == [(1,)]
    connection.close()

    assert fetch("SELECT 2", ()) == [(2,)]


@pytest.mark.django_db(transaction=True)
def test_each_thread_has_its_own():
    cursors = []

    def ask():
        cursors.append(fetch("SELECT pg_backend_pid()", ()))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert cursors
    assert cursors[0] != fetch("SELECT pg_backend_pid()", ())


@pytest.mark.django_db
def test_an_error_leaves_the_cursor_of_use():
    for _n in range(2):
        with pytest.raises(ProgrammingError), transaction.atomic():
            execute("SELECT nonsense", ())
    assert fetch("SELECT 1", ()) == [(1,)]


@pytest.mark.django_db
def test_statements_are_logged_on_request():
    with CaptureQueriesContext(connection) as queries:
        fetch("SELECT 1", ())
        with in_pipeline():
            execute(INSERT, (1,))
    assert len(queries) == 2


@pytest.mark.django_db
def test_placeholders_mean_the_same_whether_statements_are_logged_or_not():
    def rows():
        named = fetch("SELECT %(b)s::int - %(a)s::int * %(b)s::int, 7 %% 4, '%%s'", {"a": 2, "b": 3})
        return [*named, *fetch("SELECT %s::int - %s::int", (5, 3))]

    assert rows() == [(-3, 3, "%s"), (2,)]
    with CaptureQueriesContext(connection):
        assert rows() == [(-3, 3, "%s"), (2,)]


@pytest.mark.django_db
def test_a_pipeline_does_all_of_it_in_order():
    with transaction.atomic(), in_pipeline():
        for version in range(5):
            execute(INSERT, (version,))
        execute("UPDATE lostpost_policyversion SET reason = 'late' WHERE version = 4", ())

    assert fetch("SELECT count(*), max(reason) FROM lostpost_policyversion", ()) == [(5, "x")]
    assert fetch("SELECT reason FROM lostpost_policyversion WHERE version = 4", ()) == [("late",)]


@pytest.mark.django_db
def test_a_pipeline_raises_its_error_and_rolls_back():
    def one_of_them_twice():
        with transaction.atomic(), in_pipeline():
            for version in (1, 1, 2):
                execute(INSERT, (version,))

    with pytest.raises(IntegrityError):
        one_of_them_twice()

    assert fetch("SELECT count(*) FROM lostpost_policyversion", ()) == [(0,)]


@pytest.mark.django_db
def test_what_a_broken_pipeline_should_have_prepared_is_prepared_by_the_next():
    for executed in range(8):  # After so many, one of those the server no longer comes to is to be prepared.
        insert = f"{INSERT} -- {executed}"
        for version in range(executed):
            execute(insert, (100 + version,))
        with suppress(IntegrityError), transaction.atomic(), in_pipeline():
            for version in (1, 1, 2, 3, 4):
                execute(insert, (version,))
        with transaction.atomic(), in_pipeline():
            execute(insert, (1,))
        execute("DELETE FROM lostpost_policyversion", ())


@pytest.mark.django_db
def test_an_error_of_ours_inside_a_pipeline_comes_out_as_it_is():
    with suppress(KeyError), transaction.atomic(), in_pipeline():
        execute(INSERT, (1,))
        raise KeyError

    assert fetch("SELECT count(*) FROM lostpost_policyversion", ()) == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_a_pipeline_needs_a_transaction():
    with pytest.raises(AssertionError), in_pipeline():
        pass


@pytest.mark.django_db(transaction=True)
def test_one_moment_is_seen_and_nothing_can_be_written():
    with as_of_one_moment():
        assert Seller.objects.count() == 0

        def write():
            Seller.objects.create(code="new", name="New")
            connection.close()

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

        assert Seller.objects.count() == 0
    assert Seller.objects.count() == 1
    with pytest.raises((InternalError, DatabaseError), match="read-only"), as_of_one_moment():
        Seller.objects.create(code="newer", name="Newer")


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfff"])
def test_unstorable_text_is_recognised(text):
    assert not is_storable(text)
    assert is_storable(strip_unstorable(text))


@pytest.mark.parametrize("text", ["", "a", "\n\t", "é 🎁 漢字", "\u200f\ufeff", "\U0010ffff"])
def test_other_text_is_left_alone(text):
    assert is_storable(text)
    assert strip_unstorable(text) == text

"""Connections end what nobody waits for any more."""

from __future__ import annotations

from time import monotonic, sleep

import psycopg
import pytest
from django.db import connection

from tests.waiting import WAIT_SECONDS


def is_asleep(pid: int) -> bool:
    """Tell whether the session is busy with the statement of the test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'active' AND query LIKE '%%pg_sleep%%'",
            [pid],
        )
        return bool(cursor.fetchone()[0])


def wait_until(pid: int, *, asleep: bool) -> None:
    give_up_at = monotonic() + WAIT_SECONDS
    while is_asleep(pid) is not asleep:
        assert monotonic() < give_up_at, "the statement of a client that is gone goes on"
        sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_the_statement_of_a_client_that_is_gone_ends() -> None:
    # Given a client, connected as every process of ours is, that waits for a long statement
    client = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    assert client.execute("SHOW client_connection_check_interval").fetchone() == ("5s",)
    client.execute("SET client_connection_check_interval = '50ms'")  # The same, sooner.
    client.execute("SET statement_timeout = 0")
    pid = client.info.backend_pid
    client.pgconn.send_query(b"SELECT pg_sleep(3600)")
    client.pgconn.flush()
    wait_until(pid, asleep=True)

    # When it goes away without a word that the server could read before the statement is done
    client.pgconn.finish()

    # Then the statement ends, and with it all that it holds
    wait_until(pid, asleep=False)

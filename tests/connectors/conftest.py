"""A real worker on the test database, with a clean desk."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.fixture(autouse=True)
def no_jobs(request):
    """Delete jobs of other tests: Django does not empty procrastinate's tables."""
    marker = request.node.get_closest_marker("django_db")
    if not marker:
        return
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    with connection.cursor() as cursor:
        for table in ("periodic_defers", "events", "jobs", "workers"):
            cursor.execute(f"DELETE FROM procrastinate_{table}")


@pytest.fixture
def work(transactional_db) -> Callable[[], object]:
    """Do the jobs that are due, as `lostpost worker` does, then end."""
    return lambda: call_command("worker", until_done=True)

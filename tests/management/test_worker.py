"""The worker: does what waits, and what its jobs promise is promised in their own transactions."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.core import jobs

done: list[str] = []


@app.task(name="tests.note", queue="upkeep")
def note(what: str) -> None:
    """Do something that can be seen."""
    done.append(what)


@app.task(name="tests.promise-and-fail", queue="upkeep")
def promise_and_fail() -> None:
    """Promise a job in a transaction that does not come to its end."""
    with transaction.atomic():
        jobs.defer(jobs.Job("tests.note", "upkeep", {"what": "never"}))
        raise RuntimeError("the transaction ends here")


@app.task(name="tests.promise", queue="upkeep")
def promise() -> None:
    """Promise a job in a transaction that commits."""
    with transaction.atomic():
        jobs.defer(jobs.Job("tests.note", "upkeep", {"what": "kept"}))


@pytest.mark.django_db(transaction=True)
def test_a_job_promised_in_a_transaction_of_a_job_shares_its_fate():
    done.clear()
    jobs.defer(jobs.Job("tests.promise-and-fail", "upkeep", {}), jobs.Job("tests.promise", "upkeep", {}))

    call_command("worker", until_done=True)

    statuses = dict(ProcrastinateJob.objects.filter(task_name__startswith="tests.").values_list("task_name", "status"))
    assert done == ["kept"]
    assert statuses == {"tests.promise-and-fail": "failed", "tests.promise": "succeeded", "tests.note": "succeeded"}
    assert connection.is_usable()

"""Kill -9 of the worker while it sends: every e-mail arrives, and a repeated one has the same Message-ID."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from lostpost.audit.verify import verify
from lostpost.core.queues import MAIL, threads_by_queue
from lostpost.customer_queries.models import Mail
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, mails_about, silent_parcel
from tests.kill.processes import kill, nobody_is_at_work, started, wait_for
from tests.ports import free_port
from tests.programs import StartedProgram
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
COUNT = 16
THREADS = 2
HELD = threads_by_queue(THREADS)[MAIL]  # E-mails that a worker has in its hands at once.


class Sink:
    """A mail server that accepts everything, and can run a hook, or wait, before it answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.accepted: list[str] = []  # Message-IDs.
        self.before_answer: Callable[[], object] | None = None
        self.answers = sys.maxsize  # So many it answers; with the word for what comes after them it waits.
        self.released = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.accepted.append(message_from_bytes(envelope.content)["Message-ID"])
        waits = self.released.wait if len(self.accepted) > self.answers else self.before_answer
        if waits:
            await asyncio.get_running_loop().run_in_executor(None, waits)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink(free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    yield sink
    sink.released.set()
    controller.stop()


def worker(sink: Sink, log, *more: str):
    variables = {
        "LOSTPOST_SMTP_URL": f"smtp://127.0.0.1:{sink.port}?tls=none",
        "LOSTPOST_MAIL_FROM": "Marktplein <service@marktplein.example>",
        "LOSTPOST_WORKER_THREADS": str(THREADS),
    }
    return started("lostpost.cli", "worker", *more, log=log, variables=variables)


def time_passes_for_dead_workers() -> None:
    """Move the heartbeat of every worker back, as if the next one started a minute later."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")


def write_off_some(anna, count: int) -> None:
    for n in range(count):
        query = silent_parcel(anna)
        write_off(query=query.number, selection=all_of(query), by=anna, key=f"write-off-{n:04}", now=NOW)


def names(anna, **which: str) -> set[str]:
    """Return the Message-IDs that the e-mails of the shop must have."""
    return {f"<{mail.id}@marktplein.example>" for mail in Mail.objects.filter(seller_id=anna.seller_id, **which)}


def test_a_killed_worker_loses_no_mail(anna, sink, tmp_path):
    log = tmp_path / "worker.log"
    write_off_some(anna, COUNT)  # Each with two e-mails: that of the contact, and that of the write-off.
    for _kill in range(4):
        # Some mails more are answered; every thread then waits for the answer to another one, and is killed.
        sink.answers = len(sink.accepted) + 4
        sink.released.clear()
        with worker(sink, log) as process:
            wait_for(lambda: len(sink.accepted) == sink.answers + HELD, what="some are sent", log=log)
            kill(process)
        sink.released.set()
        wait_for(nobody_is_at_work, what="PostgreSQL notices", log=log)
        time_passes_for_dead_workers()
        sent = {
            f"<{mail.id}@marktplein.example>" for mail in Mail.objects.filter(seller_id=anna.seller_id, state="sent")
        }
        assert sent <= set(sink.accepted), "recorded as sent, and never handed over"
        assert list(verify(anna.seller)) == []

    sink.answers = sys.maxsize

    with worker(sink, log, "--until-done") as process:
        assert process.wait(WAIT_SECONDS) == 0, log.read_text()

    assert set(Mail.objects.filter(seller_id=anna.seller_id).values_list("state", flat=True)) == {"sent"}
    assert set(sink.accepted) == names(anna)
    times = Counter(sink.accepted)
    repeated = sum(times.values()) - len(times)
    assert repeated == 4 * HELD, "only what a killed worker had in its hands may come twice"
    assert list(verify(anna.seller)) == []


def test_a_mail_accepted_and_not_recorded_is_sent_again_with_the_same_id(anna, sink, tmp_path):
    log = tmp_path / "worker.log"
    write_off_some(anna, 1)
    struck, started_it, killed = threading.Event(), threading.Event(), threading.Event()
    processes: list[StartedProgram] = []

    def strike() -> None:
        if not struck.is_set():
            struck.set()
            started_it.wait()
            kill(processes[0])
            killed.set()
        killed.wait()  # Another e-mail is not answered meanwhile either.

    sink.before_answer = strike  # The mail server has it; its word never reaches us.
    with worker(sink, log) as process:
        processes.append(process)
        started_it.set()
        wait_for(struck.is_set, what="the worker is killed", log=log)
    sink.before_answer = None
    wait_for(nobody_is_at_work, what="PostgreSQL notices", log=log)
    assert set(Mail.objects.filter(seller_id=anna.seller_id).values_list("state", flat=True)) == {"queued"}
    before = list(sink.accepted)
    time_passes_for_dead_workers()

    with worker(sink, log, "--until-done") as process:
        assert process.wait(WAIT_SECONDS) == 0, log.read_text()

    assert set(sink.accepted) == names(anna)
    assert [name for name, times in Counter(sink.accepted).items() if times > 1] == list(dict.fromkeys(before))
    assert set(Mail.objects.filter(seller_id=anna.seller_id).values_list("state", flat=True)) == {"sent"}


def test_a_refused_write_off_sends_no_mail(anna, sink, tmp_path):
    """No commit, no job: a rollback leaves nothing for a worker."""
    query = silent_parcel(anna)
    selection = all_of(query)
    write_off(query=query.number, selection=selection, by=anna, key="the-only-one", now=NOW)
    with pytest.raises(Exception, match="cannot be written off"):
        write_off(query=query.number, selection=selection, by=anna, key="one-too-many", now=NOW)

    with worker(sink, tmp_path / "worker.log", "--until-done") as process:
        assert process.wait(WAIT_SECONDS) == 0

    assert set(sink.accepted) == names(anna)
    assert len(sink.accepted) == 2
    assert len(mails_about(query)) == 1

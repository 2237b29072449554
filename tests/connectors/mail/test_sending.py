"""From a command to the mail server, with a real worker and a real SMTP server."""

import re
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Rejected
from lostpost.core.jobs import defer, defer_unless_waiting
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.messages import mail_job, send_message
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.jobs.mail import FORGOTTEN, WAITS_SECONDS, defer_forgotten_mail
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_query, all_of, an_order, mails_about, silent_parcel
from tests.connectors.mail.conftest import DIES, HANGS
from tests.kill.processes import kill, started
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


def jobs() -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, attempts, extract(epoch FROM scheduled_at - now())::int"
            " FROM procrastinate_jobs WHERE task_name = 'mail.send' ORDER BY id"
        )
        return list(cursor.fetchall())


def change_jobs(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE procrastinate_jobs SET {what} WHERE task_name = 'mail.send' AND status <> 'succeeded'")


def time_passes() -> None:
    change_jobs("scheduled_at = now()")


def a_message(anna) -> Mail:
    now = timezone.now()
    (mail,) = mails_about(a_query(an_order(anna.seller, now=now), anna, now=now), "message")
    return mail


def test_a_confirmed_write_off_is_mailed_once(anna, running, work):
    # Given a write-off that Anna confirmed, and confirmed again
    now = timezone.now()
    query = silent_parcel(anna, paid_minor=25_00, now=now)
    work()  # The other e-mail, so that its short transactions are not seen.
    request = {"query": query.number, "selection": all_of(query), "by": anna, "key": "confirm-1", "now": now}
    write_off(**request)
    write_off(**request)

    # When the worker has nothing left to do, twice
    work()
    work()

    # Then the customer has one e-mail about it, after the message that opened the query
    subjects = sorted(str(letter["Subject"]) for letter in running.received)
    assert subjects == ["Where is my parcel?", "Your parcel was lost: you get 25.00 EUR back"]
    (mail,) = mails_about(query)
    assert mail.state == "sent"
    assert mail.subject == "Your parcel was lost: you get 25.00 EUR back"
    (letter,) = [letter for letter in running.received if letter["Message-ID"] == f"<{mail.id}@marktplein.example>"]
    assert letter["Subject"] == mail.subject
    assert letter["From"] == "Lampenhuis via Marktplein <service@marktplein.example>"
    assert letter["To"] == "klaas@example.com"
    said = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert re.sub(r"/c/[\w-]+", "/c/…", said) == mail.body, "the link is the customer's alone"
    assert "Desk lamp Aurora" in letter.get_body(("html",)).get_content()
    assert [status for status, _attempts, _wait in jobs()] == ["succeeded", "succeeded"]

    # And no transaction waited for the mail server
    assert running.open_transactions == 0


def test_what_is_rolled_back_is_never_mailed(anna, running, work):
    mail = a_message(anna)
    work()

    with pytest.raises(Rejected):
        write_and_think_better_of_it(mail.query, anna)

    work()
    assert len(running.received) == 1
    assert Mail.objects.filter(seller_id=anna.seller_id).count() == 1
    assert len(jobs()) == 1


@transaction.atomic
def write_and_think_better_of_it(query: CustomerQuery, anna: Actor) -> None:
    send_message(query, "Forget it", by=anna, now=timezone.now())
    assert len(jobs()) == 2
    raise Rejected


def test_a_temporary_refusal_is_retried_with_the_same_message_id(anna, running, work):
    running.to_recipients.append("451 4.7.1 greylisted, try again later")
    mail = a_message(anna)

    work()

    assert running.received == []
    ((status, attempts, wait_seconds),) = jobs()
    assert (status, attempts) == ("todo", 1)
    assert WAITS_SECONDS[0] - 5 <= wait_seconds <= WAITS_SECONDS[0]
    work()  # It is not due yet.
    assert running.received == []

    time_passes()
    work()

    assert [letter["Message-ID"] for letter in running.received] == [f"<{mail.id}@marktplein.example>"]
    mail.refresh_from_db()
    assert mail.state == "sent"


@pytest.mark.parametrize("where", ["to_recipients", "to_data"])
def test_a_permanent_refusal_is_not_retried_and_is_on_the_timeline(anna, running, work, where):
    getattr(running, where).append("550 5.1.1 no such user here")
    mail = a_message(anna)

    work()
    time_passes()
    work()

    mail.refresh_from_db()
    assert (mail.state, mail.problem, mail.sent_at) == ("failed", "550 5.1.1 no such user here", None)
    entry = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="mail.failed")
    assert entry.data == {
        "kind": "message",
        "problem": "550 5.1.1 no such user here",
        "code": "",
        "user": anna.user_id,  # Who wrote it is told.
    }
    assert running.received == []
    assert [status for status, *_rest in jobs()] == ["succeeded"]


def test_a_handled_query_reopens_when_the_mail_fails(anna, running, work):
    mail = a_message(anna)
    query = CustomerQuery.objects.get(seller_id=anna.seller_id, id=mail.query_id)
    close_query(number=query.number, by=anna, now=timezone.now())
    running.to_recipients.append("550 no")

    work()

    query.refresh_from_db()
    assert (query.state, query.handled_at) == ("open", None)


def test_mail_waits_while_the_mail_server_is_down(anna, mail_server, work):
    mail = a_message(anna)

    work()
    assert [(status, attempts) for status, attempts, _wait in jobs()] == [("todo", 1)]

    with mail_server.up():
        time_passes()
        work()

    mail.refresh_from_db()
    assert mail.state == "sent"
    assert len(mail_server.received) == 1


def test_a_lost_answer_leads_to_a_repeat_with_the_same_message_id(anna, running, work):
    running.to_data.append(DIES)
    mail = a_message(anna)

    work()
    mail.refresh_from_db()
    assert mail.state == "queued"
    time_passes()
    work()

    assert [letter["Message-ID"] for letter in running.received] == [f"<{mail.id}@marktplein.example>"] * 2
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_mail_fails_after_a_day_of_retries(anna, mail_server, work):
    mail = a_message(anna)
    change_jobs(f"attempts = {len(WAITS_SECONDS)}")
    assert 23 * 3600 <= sum(WAITS_SECONDS) <= 25 * 3600

    work()

    mail.refresh_from_db()
    assert mail.state == "failed"
    assert "refused" in mail.problem.lower()
    assert TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="mail.failed").count() == 1


def test_an_invalid_address_fails_and_does_no_harm(anna, running, work):
    mail = a_message(anna)
    Mail.objects.filter(seller_id=mail.seller_id, id=mail.id).update(to="a,b@example.com")

    work()

    mail.refresh_from_db()
    assert mail.state == "failed"
    assert "invalid characters" in mail.problem


def test_a_job_of_a_dead_worker_is_retried_when_a_worker_starts(anna, running, work):
    # Given a worker that fetched the job and then was killed a minute ago
    mail = a_message(anna)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 min') RETURNING id"
        )
        (dead,) = cursor.fetchone()
    change_jobs(f"status = 'doing', worker_id = {dead}")

    # When another one starts
    work()

    # Then nothing is lost
    mail.refresh_from_db()
    assert mail.state == "sent"
    assert len(running.received) == 1


def test_a_worker_killed_while_it_sends_loses_no_mail(anna, running, work, tmp_path):
    # Given a worker process that is handing over an e-mail
    mail = a_message(anna)
    running.to_data.append(HANGS)
    variables = {
        "LOSTPOST_SMTP_URL": f"smtp://127.0.0.1:{running.port}?tls=none",
        "LOSTPOST_MAIL_FROM": "service@marktplein.example",
    }
    with started("lostpost.cli", "worker", log=tmp_path / "worker.log", variables=variables) as worker:
        assert running.hanging.wait(WAIT_SECONDS)

        # When it is killed, and half a minute later another one starts
        kill(worker)
    mail.refresh_from_db()
    assert mail.state == "queued"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '31 s'")
    running.let_go.set()
    work()

    # Then the e-mail went out again, recognisably, and is known to be sent
    mail.refresh_from_db()
    assert mail.state == "sent"
    assert [letter["Message-ID"] for letter in running.received] == [f"<{mail.id}@marktplein.example>"] * 2


def test_a_job_of_a_running_worker_is_not_retried(anna, running, work):
    a_message(anna)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        (alive,) = cursor.fetchone()
    change_jobs(f"status = 'doing', worker_id = {alive}")

    work()

    assert running.received == []


def test_forgotten_mail_gets_a_job_again(anna, carla, running, work):
    now = timezone.now() - FORGOTTEN * 2
    for member in (anna, carla):
        a_query(an_order(member.seller, now=now), member, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = 'mail.send' AND args->>'seller' = %s",
            [str(anna.seller_id)],
        )  # Carla's job is still there.

    defer_forgotten_mail(timestamp=0)
    defer_forgotten_mail(timestamp=0)
    assert len(jobs()) == 2
    work()

    assert len(running.received) == 2
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}


def test_queued_mail_gets_no_second_job_and_sent_mail_is_not_sent_again(anna, running, work):
    mail = a_message(anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        defer(mail_job(mail))
    defer_unless_waiting(mail_job(mail))
    assert len(jobs()) == 1

    work()
    defer_unless_waiting(mail_job(mail))
    work()

    assert len(jobs()) == 2
    assert len(running.received) == 1


def test_a_bug_keeps_the_mail_queued(anna, running, work, monkeypatch):
    mail = a_message(anna)
    Mail.objects.filter(seller_id=mail.seller_id, id=mail.id).update(about_id=uuid4())  # Nothing to write about.

    work()

    assert [(status, attempts) for status, attempts, _wait in jobs()] == [("todo", 1)]
    mail.refresh_from_db()
    assert mail.state == "queued"

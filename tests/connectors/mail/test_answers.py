"""Mail servers that are slow, answer byte by byte, or never confirm a message."""

from __future__ import annotations

import datetime
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path
from time import monotonic

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from lostpost.connectors.mail import smtp
from lostpost.connectors.mail.delivery import Delayed, deliver_mail
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.connectors.mail.smtp import AnswerLost
from lostpost.customer_queries.models import Mail, TimelineEntry
from lostpost.customer_queries.settle_mail import TRIES_WITHOUT_ANSWER
from tests.cast import a_query, an_order, mails_about
from tests.connectors.mail.conftest import DIES, HANGS, MailServer
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3600


def some_mail(anna, count: int = 1) -> list[Mail]:
    now = timezone.now()
    return [mails_about(a_query(an_order(anna.seller, now=now), anna, now=now), "message")[0] for _n in range(count)]


def hand_over(mail: Mail, *, give_up: Callable[[], bool] = lambda: False) -> None:
    waiting = mail_to_write(seller_id=mail.seller_id, mail_id=mail.id)
    deliver_mail(waiting, write_letter(waiting), give_up=give_up)


def waits() -> list[tuple[str, int]]:
    """Return for each job how many hours it waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, coalesce(round(extract(epoch FROM scheduled_at - now()) / 3600), 0)::int"
            " FROM procrastinate_jobs WHERE task_name = 'mail.send' ORDER BY id"
        )
        return list(cursor.fetchall())


def hours_pass() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The seconds by which the sessions' clock is ahead: it can jump without a real wait."""
    ahead = [0.0]
    monkeypatch.setattr(smtp, "monotonic", lambda: monotonic() + sum(ahead))
    return ahead


def test_without_an_answer_the_mail_is_sent_three_times_far_apart(anna, running, work, monkeypatch):
    # Given a mail server that accepts messages and never confirms
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.3)
    running.to_data.extend([HANGS] * 10)
    (mail,) = some_mail(anna)

    # When hours and hours pass
    waiting_times = []
    for _n in range(TRIES_WITHOUT_ANSWER + 2):
        work()
        waiting_times += waits()
        hours_pass()

    # Then it was sent three times, an hour and then six hours apart, under the same name
    assert waiting_times == [("todo", 1), ("todo", 6), *[("succeeded", waiting_times[-1][1])] * 3]
    assert [letter["Message-ID"] for letter in running.received] == [f"<{mail.id}@marktplein.example>"] * 3
    # And the timeline says so, and no more than that
    mail.refresh_from_db()
    assert (mail.state, mail.answers_lost, mail.sent_at) == ("handed_over", 3, None)
    assert mail.body
    entries = TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="mail.answer-lost").order_by("at", "id")
    assert [entry.data["tries_left"] for entry in entries] == [2, 1, 0]
    texts = [" ".join(render_to_string("parts/timeline_entry.html", {"entry": entry}).split()) for entry in entries]
    assert all("E-mail handed over, answer lost" in text for text in texts)
    assert "sent again after some hours" in texts[0]
    assert "It is not sent again." in texts[-1]


def test_a_connection_lost_after_the_message_is_a_lost_answer_before_it_is_not(anna, running, work):
    running.to_data.append(DIES)
    some_mail(anna)
    work()
    assert waits() == [("todo", 1)]
    running.to_recipients.append("451 later")
    hours_pass()
    work()
    hours_pass()
    work()
    assert Mail.objects.get().state == "sent"
    assert len(running.received) == 2


def test_a_server_may_take_minutes_to_accept_a_message(anna, running, clock):
    (mail,) = some_mail(anna)
    running.when_received = lambda: clock.append(smtp.ANSWER_SECONDS - smtp.TALK_SECONDS)
    hand_over(mail)
    assert len(running.received) == 1


def test_an_invalid_answer_counts_as_lost(anna, running):
    (mail,) = some_mail(anna)
    running.to_data.append("whatever")
    with pytest.raises(AnswerLost):
        hand_over(mail)


def test_a_refused_message_is_no_lost_answer(anna, running):
    (mail,) = some_mail(anna)
    running.to_data.append("451 try again later")
    with pytest.raises(Delayed, match="451"):
        hand_over(mail)


def test_a_stopping_worker_stops_waiting_for_an_answer(anna, running, monkeypatch):
    monkeypatch.setattr(smtp, "LOOK_SECONDS", 0.05)
    (mail,) = some_mail(anna)
    running.to_data.append(HANGS)
    with pytest.raises(AnswerLost):
        hand_over(mail, give_up=running.hanging.is_set)


def test_no_more_than_half_of_the_threads_wait_long(anna, running, work, settings, monkeypatch):
    # Given two threads for e-mail, and a server that is silent about two letters until it has a third
    settings.WORKER_THREADS = 1
    monkeypatch.setattr(smtp, "SHORT_ANSWER_SECONDS", 0.3)
    running.to_data.extend([HANGS, HANGS])
    some_mail(anna, 3)
    running.when_received = lambda: len(running.received) == 3 and running.let_go.set()

    work()

    # Then one of the two was waited for
    assert sorted(Mail.objects.values_list("state", "answers_lost")) == [("queued", 1), ("sent", 0), ("sent", 0)]


class Dripping:
    """A server that answers byte by byte; each takes ten seconds of the session's clock."""

    def __init__(self, port: int, clock: list[float], lines: list[bytes]) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.clock = clock
        self.lines = lines
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        connection, _address = self.listener.accept()
        with connection, self.listener, suppress(OSError):
            for line in self.lines[:-1]:
                connection.sendall(line)
                connection.recv(1024)
            for _n in range(100):
                for each in self.lines[-1]:
                    connection.sendall(bytes([each]))
                    self.clock.append(10.0)
                    connection.settimeout(0.05)
                    with suppress(TimeoutError):
                        if not connection.recv(1024):
                            return


@pytest.mark.parametrize(
    "lines",
    [
        [b"220 mail.example ESMTP\r\n"],
        [b"220-Welcome\r\n"],
        [b"220 mail.example\r\n", b"250-mail.example\r\n250-SIZE\r\n"],
    ],
    ids=["greeting", "greeting without an end", "answer without an end"],
)
def test_a_server_that_answers_byte_by_byte_runs_into_the_deadline(anna, mail_server, clock, lines):
    (mail,) = some_mail(anna)
    server = Dripping(mail_server.port, clock, lines)

    with pytest.raises(Delayed):
        hand_over(mail)

    server.thread.join(WAIT_SECONDS)
    assert not server.thread.is_alive()
    assert sum(clock) <= smtp.TALK_SECONDS + 60.0


def test_a_slow_quit_does_not_make_sent_mail_fail(anna, mail_server, monkeypatch):
    monkeypatch.setattr(smtp, "QUIT_SECONDS", 0.2)

    class Rude(MailServer):
        async def handle_QUIT(self, server, session, envelope):  # noqa: N802
            self.let_go.wait(WAIT_SECONDS)
            return "221 Bye"

    rude = Rude(mail_server.port)
    (mail,) = some_mail(anna)
    with rude.up():
        began = monotonic()
        hand_over(mail)
        assert monotonic() - began < WAIT_SECONDS
        rude.let_go.set()
    assert len(rude.received) == 1


# TLS ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for this machine, which our side trusts."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password) + certificate.public_bytes(pem)
    )
    monkeypatch.setattr(smtp.Backend, "ssl_context", ssl.create_default_context(cafile=file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("way", ["starttls", "implicit"])
@pytest.mark.parametrize("answer", ["250 OK", DIES])
def test_the_same_holds_over_tls(anna, mail_server, tls, settings, way, answer):
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = way == "starttls", way == "implicit"
    how = {"tls_context": tls} if way == "starttls" else {"ssl_context": tls}
    controller = Controller(mail_server, hostname="127.0.0.1", port=mail_server.port, **how)
    mail_server.to_data.append(answer)
    (mail,) = some_mail(anna)
    controller.start()
    try:
        if answer == DIES:
            with pytest.raises(AnswerLost):
                hand_over(mail)
        else:
            hand_over(mail)
    finally:
        controller.stop()
    assert len(mail_server.received) == 1


def test_overridden_methods_exist_in_smtplib():
    """Or nothing would bound a talk any more."""
    for name in ("_get_socket", "getreply", "send"):
        assert name in vars(smtplib.SMTP)

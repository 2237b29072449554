"""A mail server hands e-mail over by SMTP or LMTP, and hears only what is so."""

from __future__ import annotations

import asyncio
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

import pytest
from django.db import OperationalError

from lostpost.connectors.mail_in.server import take_mail_until
from lostpost.relay.models import IncomingMail
from lostpost.relay.parsing.limits import LARGEST_MAIL
from tests.kill.processes import started
from tests.ports import free_port
from tests.relay.parsing.letters import letter
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "nobody@relay.example"


@contextmanager
def server(*, lmtp: bool = False) -> Iterator[int]:
    """Take e-mail in a thread of this process; give the port."""
    port, started, stops = free_port(), Event(), []

    async def serve() -> None:
        stopped = asyncio.Event()
        stops.append(partial(asyncio.get_running_loop().call_soon_threadsafe, stopped.set))
        await take_mail_until(stopped, "127.0.0.1", port, lmtp=lmtp, started=lambda host, port: started.set())

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(WAIT_SECONDS)
    try:
        yield port
    finally:
        stops[0]()
        thread.join(WAIT_SECONDS)


def rows(relay) -> int:
    return IncomingMail.objects.filter(seller_id=relay.anna.seller_id).count()


def test_what_is_taken_is_stored_and_nobodys_mail_is_refused_at_once(relay):
    with server() as port, smtplib.SMTP("127.0.0.1", port) as talk:
        talk.ehlo()
        talk.mail("klaas@example.com")
        assert talk.rcpt(NOBODY)[0] == 550
        assert talk.rcpt("klaas@elsewhere.example")[0] == 550
        assert talk.rcpt(relay.customer)[0] == 250
        assert talk.data(letter("Hallo"))[0] == 250
        assert rows(relay) == 1
        assert talk.mail("klaas@example.com", [f"SIZE={LARGEST_MAIL + 1}"])[0] == 552
        talk.rset()
        talk.mail("klaas@example.com")
        talk.rcpt(relay.customer)
        assert talk.data((b"x" * 998 + b"\r\n") * (LARGEST_MAIL // 1000 + 2))[0] == 552, "counted"
        talk.mail("klaas@example.com")
        talk.rcpt(relay.customer)
        assert talk.data(letter("x" * 900 + "\n") + b"x" * 5_000 + b"\n")[0] == 250, "some programs break no lines"
        talk.mail("klaas@example.com")
        talk.rcpt(relay.customer)
        assert talk.data(b"Received: by a\n" * 40 + letter("Hallo"))[0] == 554
        assert rows(relay) == 2


def test_lmtp_answers_for_each_recipient(relay):
    with server(lmtp=True) as port, smtplib.LMTP("127.0.0.1", port) as talk:
        talk.ehlo()
        talk.mail("klaas@example.com")
        for recipient in (relay.customer, relay.bounces):
            assert talk.rcpt(recipient)[0] == 250
        talk.putcmd("DATA")
        assert talk.getreply()[0] == 354
        talk.send(letter("Hallo").replace(b"\n", b"\r\n") + b"\r\n.\r\n")
        assert [talk.getreply()[0] for _each in range(2)] == [250, 250]
    assert rows(relay) == 2


def test_while_the_database_is_away_it_is_to_be_sent_again(relay, monkeypatch):
    def away(**given):
        raise OperationalError("away")

    monkeypatch.setattr("lostpost.connectors.mail_in.server.take_mail", away)
    with server() as port, smtplib.SMTP("127.0.0.1", port) as talk:
        talk.ehlo()
        talk.mail("klaas@example.com")
        talk.rcpt(relay.customer)
        status, text = talk.data(letter("Hallo"))
    assert (status, text) == (451, b"4.3.0 Try again later.")


@pytest.mark.process
def test_the_command_serves_until_it_is_stopped(relay, tmp_path):
    port = free_port()
    words = ["lostpost.cli", "mail-server", "--port", str(port), "--lmtp"]
    variables = {"LOSTPOST_RELAY_DOMAIN": "relay.example"}
    with started(*words, log=tmp_path / "log", variables=variables, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == f"Taking e-mail at 127.0.0.1:{port} by LMTP.\n".encode()
        with smtplib.LMTP("127.0.0.1", port) as talk:
            talk.sendmail("klaas@example.com", [relay.customer], letter("Hallo"))
        assert rows(relay) == 1
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0

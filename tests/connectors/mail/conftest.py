"""A real mail server on loopback that accepts or refuses e-mail as configured."""

import asyncio
from asyncio import Transport
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from time import monotonic

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from tests.ports import free_port

DIES, HANGS = "dies", "hangs"
OPEN_TRANSACTIONS = """
    SELECT pid, xact_start FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'
"""


class MailServer:
    """A mail server: the messages it `received`, and its next answers; by default 250."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []  # As they were named in RCPT TO.
        self.smtputf8 = True
        self.to_recipients: deque[str] = deque()
        self.to_data: deque[str] = deque()
        self.open_transactions = 0
        self.hanging, self.let_go = Event(), Event()
        self.when_received: Callable[[], object] = lambda: None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, _options) -> str:  # noqa: N802
        if self.to_recipients:
            return self.to_recipients.popleft()
        envelope.rcpt_tos.append(to)
        self.recipients.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.open_transactions += self.count_transactions()
        answer = self.to_data.popleft() if self.to_data else "250 OK"
        if answer.startswith("250") or answer in (DIES, HANGS):
            assert isinstance(envelope.content, bytes)
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
            self.when_received()
        if answer == HANGS:
            self.hanging.set()
            while not self.let_go.is_set():
                await asyncio.sleep(0.02)
            return "250 OK"
        if answer == DIES:
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        return answer

    def count_transactions(self) -> int:
        """Count the transactions that stay open while the server does not answer; other threads' are over soon."""
        settings = connection.settings_dict
        address = {"dbname": settings["NAME"], "user": settings["USER"], "host": settings["HOST"]}
        until = monotonic() + 2
        with psycopg.connect(**address, autocommit=True) as own:
            waiting = set(own.execute(OPEN_TRANSACTIONS).fetchall())
            while waiting and monotonic() < until:
                waiting &= set(own.execute(OPEN_TRANSACTIONS).fetchall())
        return len(waiting)

    @contextmanager
    def up(self) -> Iterator[None]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=self.smtputf8)
        controller.start()
        try:
            yield
        finally:
            self.let_go.set()
            controller.stop()


@pytest.fixture
def mail_server(settings) -> MailServer:
    """A mail server that is not running yet, and Lostpost set up to use it."""
    port = free_port()
    settings.EMAIL_BACKEND = "lostpost.connectors.mail.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Marktplein <service@marktplein.example>"
    return MailServer(port)


@pytest.fixture
def running(mail_server) -> Iterator[MailServer]:
    with mail_server.up():
        yield mail_server

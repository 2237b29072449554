"""A mail server that takes e-mail for relay addresses and nothing else: SMTP, or LMTP behind another server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from lostpost.connectors.mail_in.take_mail import require_destination, take_mail
from lostpost.relay.parsing.limits import LARGEST_MAIL
from lostpost.relay.receive_mail import MailRefused

logger = logging.getLogger("lostpost.mail_in")

RECIPIENTS_MAX = 20
COMMANDS_MAX = 40  # Of each kind, in one session.
IDLE_SECONDS = 60
GRACE_SECONDS = 10.0
LINE_LENGTH_MAX = 100_000  # Some programs break no lines.
THREADS = 4
LATER = "451 4.3.0 Try again later."
DONE = "250 2.0.0 OK"

T = TypeVar("T")


class Handler:
    """Answer to a mail server only what is stored."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mail-in")

    async def handle_RCPT(  # noqa: N802  The library calls it so.
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse whom nobody writes to while the sender's server still listens: no bounce is ever sent."""
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 Too many recipients."
        answer = await self._answer(partial(require_destination, address))
        if answer == DONE:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the e-mail for each recipient. LMTP answers for each; SMTP once, and then for who has it."""
        raw = envelope.original_content or b""
        answers = [
            await self._answer(
                partial(take_mail, recipient=recipient, envelope_sender=envelope.mail_from or "", raw=raw)
            )
            for recipient in envelope.rcpt_tos
        ]
        if isinstance(server, LMTP):
            return "\r\n".join(answers)
        for status in ("4", "2"):  # Whoever has it already gets it once, also when it is sent again.
            for answer in answers:
                if answer.startswith(status):
                    return answer
        return answers[0]

    async def handle_exception(self, error: Exception) -> str:
        """Say nothing of what went wrong here; the sender's server tries again."""
        logger.error("a session with a mail server broke off", exc_info=error)
        return LATER

    async def _answer(self, call: Callable[[], Any]) -> str:
        try:
            await asyncio.get_running_loop().run_in_executor(self.threads, partial(_with_connection, call))
        except MailRefused as refused:
            return f"{refused.status} {refused.text}"
        except (DatabaseError, InterfaceError) as error:
            logger.error("an e-mail could not be stored: %s", error)
            return LATER
        return DONE


def _with_connection(call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        connection.close()  # E-mail is rare: none is kept for the next.


class _Smtp(SMTP):
    line_length_limit = LINE_LENGTH_MAX


class _Lmtp(LMTP):
    line_length_limit = LINE_LENGTH_MAX


async def take_mail_until(
    stopped: asyncio.Event, host: str, port: int, *, lmtp: bool, started: Callable[[str, int], None]
) -> None:
    """Take e-mail at an address until `stopped`; sessions that are open then have a moment to end.

    Args: `started`: called with the address once it listens.
    """
    handler = Handler()
    kind = _Lmtp if lmtp else _Smtp

    def session() -> SMTP:
        return kind(
            handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname=settings.RELAY_DOMAIN,
            ident="Lostpost",
            timeout=IDLE_SECONDS,
            command_call_limit=COMMANDS_MAX,
        )

    server = await asyncio.get_running_loop().create_server(session, host, port)
    started(*server.sockets[0].getsockname()[:2])
    await stopped.wait()
    server.close()
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=GRACE_SECONDS)
    handler.threads.shutdown()

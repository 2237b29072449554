"""SMTP with a deadline for the whole session, and a long one for the answer to a message that was sent."""

from __future__ import annotations

import io
import smtplib
import socket
from collections.abc import Callable
from functools import cache
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from lostpost.core.queues import MAIL, threads_by_queue

TALK_SECONDS = 60.0  # From connecting to the last byte of the letter, however the server spreads its answers.
# The server has the letter by then, and who does not wait sends it twice (RFC 5321, 4.5.3.2.6: 10 minutes). So long may
# half of the threads wait; the others wait less, so that a server that is silent for some does not stop all e-mail.
ANSWER_SECONDS, SHORT_ANSWER_SECONDS = 600.0, 120.0
QUIT_SECONDS = 5.0
LOOK_SECONDS = 1.0  # How often a waiting thread checks whether the worker has to stop.


class AnswerLost(Exception):
    """The message was sent completely and no answer came: whether the customer gets it is unknown."""


class _Talk(smtplib.SMTP):
    """A talk with a mail server that comes to an end."""

    def __init__(self, *args: Any, give_up: Callable[[], bool], **kwargs: Any) -> None:
        self.ends_at = monotonic() + TALK_SECONDS
        self.give_up = give_up
        self.letter_is_next = self.letter_is_sent = False
        super().__init__(*args, **kwargs)

    def seconds_left(self) -> float:
        """Return how much of the time is left. Raises TimeoutError if it is over."""
        seconds = self.ends_at - monotonic()
        if seconds <= 0:
            raise TimeoutError("the mail server took too long")
        return seconds

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return super()._get_socket(host, port, min(timeout, self.seconds_left()))  # type: ignore[misc,no-any-return]

    def send(self, s: Any) -> None:
        """Send, in the time that is left. After the letter nothing but its answer is waited for."""
        if self.sock:
            try:
                self.sock.settimeout(self.seconds_left())
            except TimeoutError as late:
                self.close()
                raise smtplib.SMTPServerDisconnected(str(late)) from late
        super().send(s)
        self.letter_is_sent, self.letter_is_next = self.letter_is_next, False

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer, in the time that is left."""
        if self.letter_is_sent:
            return self._answer_to_letter()
        reply = self._reply()
        self.letter_is_next = reply[0] == 354
        return reply

    def _answer_to_letter(self) -> tuple[int, bytes]:
        self.letter_is_sent = False
        patience = _patience(settings.WORKER_THREADS)
        patient = patience.acquire(blocking=False)
        self.ends_at = monotonic() + (ANSWER_SECONDS if patient else SHORT_ANSWER_SECONDS)
        try:
            reply = self._reply(look=True)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise AnswerLost(str(error)) from error
        finally:
            if patient:
                patience.release()
        if not 200 <= reply[0] < 600:
            self.close()
            raise AnswerLost(f"the mail server answered {reply[1][:100]!r}")
        self.ends_at = monotonic() + QUIT_SECONDS
        return reply

    def _reply(self, *, look: bool = False) -> tuple[int, bytes]:
        if self.sock and self.file is None:  # A new connection, or the same from where TLS began.
            self.incoming = _Incoming(self)
            self.file = io.BufferedReader(self.incoming)
        self.incoming.look = look
        return super().getreply()


class _Incoming(io.RawIOBase):
    """The mail server's side of the session, with a deadline. `look`: whether to stop when the worker has to stop."""

    def __init__(self, talk: _Talk) -> None:
        self.talk = talk
        self.look = False

    def readable(self) -> bool:
        """Whether it can be read: `io` asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what comes next. Raises TimeoutError where the time is over, or the worker has to end."""
        talk = self.talk
        while True:
            left = talk.seconds_left()
            assert talk.sock
            talk.sock.settimeout(min(left, LOOK_SECONDS) if self.look else left)
            try:
                return talk.sock.recv_into(buffer)
            except TimeoutError:
                if not self.look or talk.give_up():
                    raise


class _TalkOverTls(_Talk, smtplib.SMTP_SSL):
    """The same, where TLS comes first."""


class Backend(EmailBackend):
    """Django's backend, with deadlines. `give_up`: whether the worker has to stop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.give_up: Callable[[], bool] = lambda: False

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]
        """Return the class of connections."""
        kind = _TalkOverTls if self.use_ssl else _Talk
        return lambda *args, **kwargs: kind(*args, give_up=self.give_up, **kwargs)


@cache
def _patience(worker_threads: int) -> BoundedSemaphore:
    """Return the permissions to wait long of one process."""
    return BoundedSemaphore(max(1, threads_by_queue(worker_threads)[MAIL] // 2))

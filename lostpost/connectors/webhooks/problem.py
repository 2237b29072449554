"""Why a delivery failed: stored in English, and shown in the reader's language."""

from __future__ import annotations

import re
import socket
import ssl

import h11
from django.utils.translation import gettext as translated  # Of what is no sentence written out here.
from django.utils.translation import gettext_noop

GONE = gettext_noop("The address answered 410: it is gone.")
TOO_LONG = gettext_noop("The answer went on and on; an empty one is enough.")
ANSWERED = gettext_noop("The address answered %(status)d.")
_ANSWERED = re.compile(ANSWERED.replace(".", r"\.").replace("%(status)d", r"(?P<status>\d{3})"))

# The first that fits counts.
_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, gettext_noop("Nobody knows the name of this host.")),
    (ConnectionRefusedError, gettext_noop("Nobody listens at this address.")),
    (TimeoutError, gettext_noop("Nobody answered in time.")),
    (ssl.SSLCertVerificationError, gettext_noop("The certificate of this address cannot be trusted.")),
    (h11.ProtocolError, gettext_noop("The answer is not HTTP, or it broke off.")),
    (Exception, gettext_noop("The connection failed.")),
)


def network_problem(error: Exception) -> str:
    """Return what failed, for people and, in brackets, for engineers."""
    text = next(sentence for kind, sentence in _SENTENCES if isinstance(error, kind))
    return f"{text} ({type(error).__name__}: {error})"


def delivery_problem_text(problem: str) -> str:
    """Return a stored problem in the reader's language; the part in brackets stays as it is."""
    if not problem:
        return ""
    if answered := _ANSWERED.fullmatch(problem):
        return translated(ANSWERED) % {"status": int(answered["status"])}
    for _kind, sentence in _SENTENCES:
        if problem.startswith(f"{sentence} ("):
            return translated(sentence) + problem.removeprefix(sentence)
    return translated(problem)

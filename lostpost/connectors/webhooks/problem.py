"""Why a delivery failed, as it is stored: a sentence in English, and the error in brackets."""

from __future__ import annotations

import socket
import ssl

import h11

from lostpost.texts.webhooks import DELIVERY_PROBLEMS

# The first that fits counts.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "host-unknown"),
    (ConnectionRefusedError, "nobody-listens"),
    (TimeoutError, "timeout"),
    (ssl.SSLCertVerificationError, "certificate"),
    (h11.ProtocolError, "not-http"),
    (Exception, "no-connection"),
)


def network_problem(error: Exception) -> str:
    """Return what failed, for people and, in brackets, for engineers."""
    code = next(code for kind, code in _CODES if isinstance(error, kind))
    return f"{DELIVERY_PROBLEMS[code]} ({type(error).__name__}: {error})"

"""Ports for the servers of tests, which may run in several processes at once."""

from __future__ import annotations

import os
import socket
from itertools import count

# Below those that the kernel gives to whoever asks for any: nobody gets one in the moment before its server listens.
FIRST, SPAN, APART = 10_000, 20_000, 17
_next = count(os.getpid() * APART)


def free_port() -> int:
    """Return a port of the loopback on which nobody listens, and which this process does not give twice."""
    for number in _next:
        port = FIRST + number % SPAN
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("unreachable: the numbers do not end")

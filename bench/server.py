"""A web server as the operator runs it, and the processor time that its processes have taken."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
START_SECONDS = 60
STOP_SECONDS = 30
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """A running `lostpost web`."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """Add up what the first process and its children have taken so far, for the program and in the system."""
        return sum(_cpu_seconds(pid) for pid in [self.process.pid, *self.children()])

    def children(self) -> list[int]:
        """Return the processes that answer the requests."""
        pid = self.process.pid
        return [int(child) for child in (PROC / f"{pid}/task/{pid}/children").read_text().split()]


def postgres_cpu_seconds() -> float:
    """Add up what all processes of the database's server have taken, those that have ended too."""
    from django.conf import settings

    first = int((settings.LOSTPOST_DATA / "database/postmaster.pid").read_text().split()[0])
    seconds = _cpu_seconds(first, of_ended_children=True)
    for child in (PROC / f"{first}/task/{first}/children").read_text().split():
        with suppress(OSError):  # It has ended meanwhile.
            seconds += _cpu_seconds(int(child))
    return seconds


def can_be_measured() -> bool:
    """Tell whether this system says what another process has taken, as Linux does."""
    pid = os.getpid()
    return (PROC / f"{pid}/task/{pid}/children").exists()


@contextmanager
def web_server() -> Iterator[Server]:
    """Start `lostpost web` on a free port of this machine, with its own settings but for the limit of requests."""
    port = _free_port()
    environment = {**os.environ, "LOSTPOST_API_REQUESTS_PER_MINUTE": "1000000", "LOSTPOST_LOG_LEVEL": "INFO"}
    program = [sys.executable, "-c", "from lostpost.cli import main; main()", "web", "--port", str(port)]
    process = subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield Server(process, port)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError("the web server did not start; `lostpost web` says why")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _cpu_seconds(pid: int, *, of_ended_children: bool = False) -> float:
    after_name = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    # utime and stime, of all its threads; behind them those of its children.
    ticks = sum(map(int, after_name[11 : 15 if of_ended_children else 13]))
    return ticks * TICK_SECONDS

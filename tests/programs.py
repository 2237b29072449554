"""Programs that tests start: forked from a process that has loaded their libraries (`tests/fork_server.py`)."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parents[1]
_KEPT: list[subprocess.Popen[bytes]] = []


class StartedProgram:
    """A running program with the interface of `subprocess.Popen`, in a session of its own.

    Args: `words`: a module and its arguments. `stdin`, `stdout`: an open file, `subprocess.PIPE`, or nothing to read
    or write. `stderr`: an open file.
    """

    def __init__(
        self, words: Sequence[str], *, environment: Mapping[str, str], stderr: IO[bytes], stdin: Any = None, stdout: Any
    ) -> None:
        self.args = list(words)
        self.returncode: int | None = None
        self._reading = threading.Lock()
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        with ExitStack() as files:
            if stdin == subprocess.PIPE:
                theirs, ours = os.pipe()
                files.callback(os.close, theirs)
                self.stdin = os.fdopen(ours, "wb")
            else:
                theirs = files.enter_context(Path(os.devnull).open("rb")).fileno()
            if stdout == subprocess.PIPE:
                ours, written = os.pipe()
                files.callback(os.close, written)
                self.stdout = os.fdopen(ours, "rb")
            else:
                written = stdout.fileno()
            self._ended = socket.socket(socket.AF_UNIX)
            self._ended.connect(_fork_server())
            request = {"words": list(words), "environment": dict(environment), "folder": str(PROJECT)}
            socket.send_fds(self._ended, [json.dumps(request).encode()], [theirs, written, stderr.fileno()])
        self._said = self._ended.makefile("rb")
        self.pid = int(self._said.readline())

    def poll(self) -> int | None:
        """Return how it ended; None while it runs. Several threads may ask."""
        with self._reading:
            if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
                self.returncode = int(self._said.readline())
                self._said.close()
                self._ended.close()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return how it ended. Raises: TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            with suppress(OSError, ValueError):  # Another thread has read how it ended, and closed it.
                select.select([self._ended], [], [], left)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        with suppress(ProcessLookupError):  # It has ended just now.
            if self.poll() is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


@cache
def _fork_server() -> str:
    """Start the process that forks programs, once for each process of a session; it ends with that."""
    path = str(Path(os.environ["LOSTPOST_DATA"]) / "programs")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOSTPOST_", "DJANGO_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fork_server", path],
        env=clean,
        cwd=PROJECT,
        stdin=subprocess.PIPE,  # Closed when this process ends, and so does that one.
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    _KEPT.append(process)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n", "the process that forks programs did not start"
    return path

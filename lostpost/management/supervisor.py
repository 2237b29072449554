"""Keep child processes running: start them, start them again when they die, stop them all together."""

import contextlib
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from lostpost.management.parent_death import PARENT

TICK_SECONDS = 0.1
STEADY_SECONDS = 60.0  # Who ran this long was well; the next death waits the shortest time again.
WAIT_SECONDS_MAX = 30.0

logger = logging.getLogger("lostpost.serve")


class Process(Protocol):
    """A child process as the supervisor sees it; each leads its own session.

    So Ctrl-C reaches only the supervisor, which stops all in order.
    """

    @property
    def pid(self) -> int:
        """The process id."""

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def wait(self) -> int:
        """Wait for its end, and return how it ended."""


@dataclass
class Child(ABC):
    """A process that should be running."""

    name: str
    process: Process | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    deaths: int = field(default=0, init=False)
    start_at: float = field(default=0.0, init=False)

    @abstractmethod
    def launch(self) -> Process:
        """Start the process."""

    def start(self) -> None:
        """Start the process, and note that."""
        self.process = self.launch()
        self.started_at = time.monotonic()
        logger.info("%s started (process %s)", self.name, self.process.pid)

    def look(self) -> None:
        """Start the process if it is due; when it has died, set the time for the next start: 1, 2, 4 … 30 seconds."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        end_group(self.process, signal.SIGKILL)  # What it may have left.
        self.deaths = 1 if now - self.started_at >= STEADY_SECONDS else self.deaths + 1
        wait_seconds = min(2.0 ** (self.deaths - 1), WAIT_SECONDS_MAX)
        self.process, self.start_at = None, now + wait_seconds
        logger.error("%s ended by itself (%s); starting it again in %.0f s", self.name, how(code), wait_seconds)


@dataclass
class CommandChild(Child):
    """A child that is a program of its own."""

    command: Sequence[str]
    environment: Mapping[str, str]

    def launch(self) -> Process:
        """Start the program, with its parent's id in the environment."""
        environment = {**self.environment, PARENT: str(os.getpid())}
        return subprocess.Popen(self.command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)


@dataclass
class ForkedChild(Child):
    """A forked child, which shares loaded modules and sockets."""

    run: Callable[[], None]

    def launch(self) -> Process:
        """Fork."""
        return ForkedProcess(self.run)


class ForkedProcess:
    """A forked process with the interface of `subprocess.Popen`."""

    def __init__(self, run: Callable[[], None]) -> None:
        self.process = multiprocessing.get_context("fork").Process(target=self.lead, args=(run,))
        self.process.start()

    @staticmethod
    def lead(run: Callable[[], None]) -> None:
        """Run in a session of its own, without the supervisor's way to take signals."""
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        run()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self.process.pid is not None
        return self.process.pid

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        return self.process.exitcode

    def terminate(self) -> None:
        """Ask it to end."""
        self.process.terminate()

    def wait(self) -> int:
        """Wait for its end."""
        self.process.join()
        assert self.process.exitcode is not None
        return self.process.exitcode


class Supervisor:
    """The children of one process, which is there to watch over them."""

    def __init__(self, children: Sequence[Child], *, grace_seconds: float = 30.0) -> None:
        self.children = children
        self.grace_seconds = grace_seconds
        self.asked_to_stop = 0

    def run(self, *, at_each_tick: Callable[[], None] = lambda: None) -> None:
        """Keep the children running until SIGTERM or SIGINT; a second signal does not wait for them."""
        handlers = {number: signal.signal(number, self.ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self.asked_to_stop:
                for child in self.children:
                    child.look()
                at_each_tick()
                time.sleep(TICK_SECONDS)
        finally:
            self.stop()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Note the signal; the loop acts on it."""
        self.asked_to_stop += 1

    def stop(self) -> None:
        """Send SIGTERM to all, then wait; processes that take longer than the grace are killed."""
        running = [child for child in self.children if child.process]
        for child in running:
            if child.process:
                child.process.terminate()
        until = time.monotonic() + self.grace_seconds
        while any(child.process and child.process.poll() is None for child in running):
            if time.monotonic() >= until or self.asked_to_stop > 1:
                logger.warning("killing what has not ended")
                break
            time.sleep(TICK_SECONDS)
        for child in running:
            if child.process:
                end_group(child.process, signal.SIGKILL)
                child.process.wait()


def end_group(process: Process, number: signal.Signals) -> None:
    """Send a signal to a child's session, if it still exists."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def how(code: int) -> str:
    """Return how a process ended."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def lostpost(*arguments: str) -> list[str]:
    """Return the command line for a command of this installation."""
    return [sys.executable, "-m", "lostpost.cli", *arguments]

"""Threads that begin at the same moment, each on a connection of its own, against the real database."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from lostpost.core.errors import Refused
from tests.kill.processes import somebody_waits_for_a_lock
from tests.waiting import WAIT_SECONDS


@dataclass
class Ran:
    """How one call went; times by the process's own steady clock."""

    value: Any = None
    refusal: Refused | None = None
    error: BaseException | None = None
    began: float = 0
    ended: float = 0

    @property
    def done(self) -> bool:
        return self.refusal is None and self.error is None


def together(*calls: Callable[[], Any], jitter_seconds: float = 0) -> list[Ran]:
    """Run the calls at once and return how each went, in their order.

    A refusal is an answer; anything else that goes wrong (a deadlock above all) fails the test.
    """
    barrier = threading.Barrier(len(calls))
    ran = [Ran() for _call in calls]
    threads = [
        threading.Thread(target=_run, args=(call, mine, barrier, jitter_seconds), daemon=True)
        for call, mine in zip(calls, ran, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + WAIT_SECONDS
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
        assert not thread.is_alive(), "a call waits for another without end"
    for mine in ran:
        if mine.error:
            raise mine.error
    return ran


def _run(call: Callable[[], Any], mine: Ran, barrier: threading.Barrier, jitter_seconds: float) -> None:
    try:
        connection.ensure_connection()
        barrier.wait(WAIT_SECONDS)
        if jitter_seconds:
            time.sleep(random.random() * jitter_seconds)
        mine.began = time.monotonic()
        mine.value = call()
    except Refused as refusal:
        mine.refusal = refusal
    except BaseException as error:  # noqa: BLE001  # To be raised where the test sees it.
        mine.error = error
    finally:
        mine.ended = time.monotonic()
        connection.close()


def done(ran: Sequence[Ran]) -> list[Any]:
    """Return what the calls returned that were not refused."""
    return [mine.value for mine in ran if mine.done]


class Gate:
    """Holds one call at a point inside it, so that a test can see what the other one does meanwhile."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def after(self, monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
        """Let the first that calls a function of a module wait after it."""
        function = getattr(import_module(module), name)

        def held(*args: Any, **kwargs: Any) -> Any:
            found = function(*args, **kwargs)
            if not self.reached.is_set():
                self.reached.set()
                assert self.opened.wait(WAIT_SECONDS)
            return found

        monkeypatch.setattr(import_module(module), name, held)


def _comes_to_wait(thread: threading.Thread) -> bool:
    """Watch a call until it is done or stands in line for a lock, and tell which; nobody else is at work."""
    until = time.monotonic() + WAIT_SECONDS
    while thread.is_alive():
        if somebody_waits_for_a_lock():
            return True
        assert time.monotonic() < until, "a call neither ends nor waits for a lock"
        thread.join(0.01)
    return False


def while_held(gate: Gate, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Ran, Ran, bool]:
    """Begin `first`, and when it stands at the gate, `second`; return how they went and whether `second` waited."""
    one, two = Ran(), Ran()
    alone = threading.Barrier(1)
    threads = [
        threading.Thread(target=_run, args=(call, mine, alone, 0), daemon=True)
        for call, mine in ((first, one), (second, two))
    ]
    threads[0].start()
    assert gate.reached.wait(WAIT_SECONDS), one
    threads[1].start()
    waited = _comes_to_wait(threads[1])
    gate.opened.set()
    for thread in threads:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
    for mine in (one, two):
        if mine.error:
            raise mine.error
    return one, two, waited

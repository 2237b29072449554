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
class CallResult:
    """The outcome of one call; times by the monotonic clock."""

    value: Any = None
    refusal: Refused | None = None
    error: BaseException | None = None
    began: float = 0
    ended: float = 0

    @property
    def done(self) -> bool:
        return self.refusal is None and self.error is None


def together(*calls: Callable[[], Any], jitter_seconds: float = 0) -> list[CallResult]:
    """Run the calls concurrently and return their outcomes, in their order.

    A refusal is an answer; anything else that goes wrong (a deadlock above all) fails the test.
    """
    barrier = threading.Barrier(len(calls))
    ran = [CallResult() for _call in calls]
    threads = [
        threading.Thread(target=_run, args=(call, result, barrier, jitter_seconds), daemon=True)
        for call, result in zip(calls, ran, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + WAIT_SECONDS
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
        assert not thread.is_alive(), "a call waits for another without end"
    for result in ran:
        if result.error:
            raise result.error
    return ran


def _run(call: Callable[[], Any], result: CallResult, barrier: threading.Barrier, jitter_seconds: float) -> None:
    try:
        connection.ensure_connection()
        barrier.wait(WAIT_SECONDS)
        if jitter_seconds:
            time.sleep(random.random() * jitter_seconds)
        result.began = time.monotonic()
        result.value = call()
    except Refused as refusal:
        result.refusal = refusal
    except BaseException as error:  # noqa: BLE001  # To be raised where the test sees it.
        result.error = error
    finally:
        result.ended = time.monotonic()
        connection.close()


def done(ran: Sequence[CallResult]) -> list[Any]:
    """Return the values of the calls that were not refused."""
    return [result.value for result in ran if result.done]


class Gate:
    """Holds one call at a point inside it, so that a test can observe another one meanwhile."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def after(self, monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
        """Let the first call of a module's function wait at its end."""
        function = getattr(import_module(module), name)

        def held(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if not self.reached.is_set():
                self.reached.set()
                assert self.opened.wait(WAIT_SECONDS)
            return result

        monkeypatch.setattr(import_module(module), name, held)


def _comes_to_wait(thread: threading.Thread) -> bool:
    """Return whether a call comes to wait for a lock before it ends; no other call runs."""
    until = time.monotonic() + WAIT_SECONDS
    while thread.is_alive():
        if somebody_waits_for_a_lock():
            return True
        assert time.monotonic() < until, "a call neither ends nor waits for a lock"
        thread.join(0.01)
    return False


def while_held(gate: Gate, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[CallResult, CallResult, bool]:
    """Begin `first`, and when it is at the gate, `second`; return their outcomes and whether `second` waited."""
    one, two = CallResult(), CallResult()
    alone = threading.Barrier(1)
    threads = [
        threading.Thread(target=_run, args=(call, result, alone, 0), daemon=True)
        for call, result in ((first, one), (second, two))
    ]
    threads[0].start()
    assert gate.reached.wait(WAIT_SECONDS), one
    threads[1].start()
    waited = _comes_to_wait(threads[1])
    gate.opened.set()
    for thread in threads:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
    for result in (one, two):
        if result.error:
            raise result.error
    return one, two, waited

"""Children that die are started again; all end together."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from lostpost.management.supervisor import CommandChild, Supervisor

pytestmark = pytest.mark.process

NOTE_AND_WAIT = """
import os, sys, time
with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()}\\n")
time.sleep(300)
"""
DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(300)
"""


def child(name: str, code: str, *words: str | Path) -> CommandChild:
    return CommandChild(name, [sys.executable, "-c", code, *map(str, words)], os.environ)


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_that_is_killed_is_started_again_and_all_end_at_sigterm(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    supervisor = Supervisor([child("first", NOTE_AND_WAIT, first), child("second", NOTE_AND_WAIT, second)])

    def tick() -> None:
        if len(pids(first)) == 1 and len(pids(second)) == 1 and alive(pids(first)[0]):
            os.kill(pids(first)[0], signal.SIGKILL)
        if len(pids(first)) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    supervisor.run(at_each_tick=tick)

    assert (len(pids(first)), len(pids(second))) == (2, 1)
    assert not any(alive(pid) for pid in pids(first) + pids(second))


def test_a_child_that_keeps_dying_is_restarted_ever_later():
    dying = child("dying", "raise SystemExit(3)")

    for seconds in (1, 2, 4):
        dying.look()
        assert dying.process
        dying.process.wait()
        before = time.monotonic()
        dying.look()
        assert before + seconds <= dying.start_at <= time.monotonic() + seconds
        dying.start_at = 0.0


def test_a_child_that_does_not_listen_is_killed_after_the_grace(tmp_path):
    up = tmp_path / "up"
    deaf = child("deaf", DEAF, up)
    supervisor = Supervisor([deaf], grace_seconds=0.5)

    supervisor.run(at_each_tick=lambda: os.kill(os.getpid(), signal.SIGTERM) if up.exists() else None)

    assert deaf.process
    assert deaf.process.poll() == -signal.SIGKILL

"""A program that is forked for a test ends as one that was started anew."""

from __future__ import annotations

import os

import pytest

from tests.programs import StartedProgram
from tests.waiting import WAIT_SECONDS

BEGINS = """
import atexit, threading
ends = threading.Event()
threading._register_atexit(ends.set)  # Called once the main thread has nothing more to do.
threading.Thread(target=lambda: ends.wait() and print("the thread")).start()
atexit.register(print, "at exit")
"""


@pytest.mark.process
def test_its_threads_end_and_what_is_to_be_called_at_its_end_is_called(tmp_path):
    with (tmp_path / "said").open("wb") as said, (tmp_path / "log").open("wb") as log:
        words = ["timeit", "-n1", "-r1", "-s", BEGINS, "print('the program')"]
        program = StartedProgram(words, environment=dict(os.environ), stdout=said, stderr=log)
        assert program.wait(WAIT_SECONDS) == 0

    lines = (tmp_path / "said").read_text().splitlines()
    assert [line for line in lines if line.startswith(("the", "at"))] == ["the program", "the thread", "at exit"]

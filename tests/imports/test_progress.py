"""Progress: a bar on a terminal, lines elsewhere."""

import io

import pytest

from lostpost.imports import progress as shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_it_writes_lines_now_and_then_and_one_at_the_end(monkeypatch):
    monkeypatch.setattr(shown, "LINE_SECONDS", 0.0)
    log = io.StringIO()

    assert list(shown.progress(range(2), "Orders", stream=log)) == [0, 1]

    lines = log.getvalue().splitlines()
    assert lines[:2] == ["Orders: 1 of 2 (50 %) so far", "Orders: 2 of 2 (100 %) so far"]
    assert lines[2].startswith("Orders: 2 in ")


def test_on_a_terminal_it_draws_a_bar():
    terminal = Terminal()

    with shown.Progress("Orders", total=4, stream=terminal) as bar:
        bar.advance(3)

    assert "Orders" in terminal.getvalue()
    assert "3/4" in terminal.getvalue()


def test_work_that_fails_is_not_reported_as_done():
    log = io.StringIO()

    with pytest.raises(ValueError, match="broken"), shown.Progress("Orders", stream=log):
        raise ValueError("broken")

    assert log.getvalue() == ""

"""Processes of the program on the tests' own database, started to be killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psutil
from django.conf import settings
from django.db import connection

from tests.programs import StartedProgram
from tests.waiting import WAIT_SECONDS

PROJECT = Path(__file__).resolve().parents[2]
NAME = "started-by-a-test"  # Of its connections, as PostgreSQL knows them.
PAUSING = Path(__file__).with_name("pausing")


@dataclass
class Pause:
    """A call at which a process, and each of its children, stops for ever: a point at which to kill it.

    Args: `at`: `module:function` or `module:Class.method`, where it is looked up. `after`: calls of each process that
    pass. `folder`: where it leaves a file once it has come to the point.
    """

    at: str
    after: int
    folder: Path

    def __post_init__(self) -> None:
        resolve_name(self.at)  # Or the process would end before the point, and be started again and again.
        self.file = self.folder / f"paused-{uuid4().hex}"

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the process."""
        path = os.pathsep.join([str(PAUSING), str(PROJECT)])
        return {"PYTHONPATH": path, "PAUSE_AT": self.at, "PAUSE_AFTER": str(self.after), "PAUSE_FILE": str(self.file)}

    def wait(self, process: StartedProgram, *, log: Path) -> None:
        """Wait until the process is at the point."""
        wait_for(lambda: self.file.exists() or process.poll() is not None, what=self.at, log=log)
        assert self.file.exists(), f"it ended before {self.at}\n{log.read_text()}"


def environment(**more: str) -> dict[str, str]:
    """Return an environment with the tests' database and data folder, without the variables of the user."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LOSTPOST_", "DATABASE_"))}
    database = connection.settings_dict
    host = quote(str(database["HOST"]), safe="")
    user = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}@" if database["USER"] else ""
    return {
        **inherited,
        "DATABASE_URL": f"postgresql://{user}/{database['NAME']}?host={host}&port={database['PORT']}"
        f"&application_name={NAME}",
        "LOSTPOST_DATA": str(settings.LOSTPOST_DATA),
        "LOSTPOST_SECRET_KEY": settings.SECRET_KEY,
        "PYTHONPATH": str(PROJECT),
        **more,
    }


@contextmanager
def started(*words: str, log: Path, **more: Any) -> Iterator[StartedProgram]:
    """Start a process and its children in a group of their own; whatever is left of them at the end is killed."""
    variables = more.pop("variables", {})
    if pause := more.pop("pause", None):
        variables = {**variables, **pause.variables}
    if words[0] == "lostpost.cli":  # Checks take half of a start; tests/management/test_serve.py starts with them.
        words = (*words, "--skip-checks")
    with log.open("ab") as file:
        process = StartedProgram(words, environment=environment(**variables), stderr=file, **{"stdout": file, **more})
    try:
        yield process
    finally:
        kill(process)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def kill(process: StartedProgram) -> None:
    """Kill -9 a process with all that it started, as a machine that loses its power would."""
    below: list[psutil.Process] = []  # Some lead sessions of their own.
    with suppress(psutil.NoSuchProcess):
        below += psutil.Process(process.pid).children(recursive=True)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for each in below:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait(WAIT_SECONDS)


def wait_for(true: Callable[[], Any], *, what: str, log: Path) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < until, f"{what}: not in time\n{log.read_text()}"
        time.sleep(0.02)


def nobody_is_at_work() -> bool:
    """Return whether PostgreSQL has noticed that the clients were killed, and rolled their transactions back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s", [NAME]
        )
        return bool(cursor.fetchone()[0] == 0)


def somebody_waits_for_a_lock() -> bool:
    """Return whether a connection waits for a lock of another transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # Or a transaction sees for ever what it saw first.
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])

"""A power failure: the program and its database are killed together, and answered write-offs survive."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.database import copy_cluster
from tests.kill.processes import PROJECT, Pause
from tests.programs import StartedProgram
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.process
COUNT = 30
CONFIRMED = 8  # Before the plug is pulled.
COMMIT = "django.db.backends.base.base:BaseDatabaseWrapper._commit"
PR_SET_CHILD_SUBREAPER = 36

SHOP = """
import json
from tests import cast
from lostpost.accounts.put_seller import SellerData, put_seller
anna = cast.a_member(put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=cast.NOW), "Anna", "owner")
for n in range({count}):
    query = cast.silent_parcel(anna, paid_minor=1000 + n)
    selection = [[units.parcel, units.item, units.quantity] for units in cast.all_of(query)]
    print(json.dumps({{"seller": str(anna.seller_id), "user": anna.user_id, "query": query.number,
                      "selection": selection, "key": "confirm-" + query.number, "now": cast.NOW.isoformat()}}))
"""
WRITE_OFFS = """
import json, sys
from django.core.management import call_command
from lostpost.writeoffs.models import WriteOff
from lostpost.core.ownership import cross_seller
with cross_seller("to see what is left"):
    print(json.dumps({write_off.number: write_off.refund_minor for write_off in WriteOff.objects.all()}))
call_command("verify", stdout=sys.stderr)  # Exits with 1 where anything differs.
"""


class Machine:
    """A data folder with a durable database, as an installation has it."""

    def __init__(self, data: Path) -> None:
        self.data, self.log = data, data / "errors.log"
        copy_cluster(data)
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("LOSTPOST_", "DATABASE_"))
        }
        self.environment = {**inherited, "LOSTPOST_DATA": str(data), "PYTHONPATH": str(PROJECT)}

    def run(self, *words: str) -> str:
        program = self.start("lostpost.cli", *words)
        assert program.stdout
        with program.stdout:
            output = program.stdout.read().decode()
        assert program.wait(WAIT_SECONDS) == 0, self.log.read_text()
        return output

    def start(self, *words: str, **more: Any) -> StartedProgram:
        """Start a program on the embedded database that it starts itself."""
        with self.log.open("ab") as errors:
            environment = self.environment | more.pop("variables", {})
            return StartedProgram(words, environment=environment, stderr=errors, stdout=subprocess.PIPE, **more)

    def confirming(self, pause: Pause) -> StartedProgram:
        """Start a process that writes off."""
        return self.start("tests.kill.confirming", variables=pause.variables, stdin=subprocess.PIPE)

    def pull_the_plug(self, process: StartedProgram) -> None:
        """Kill the program and every process of PostgreSQL at once; none can write anything more."""
        postmaster = int((self.data / "database" / "postmaster.pid").read_text().split()[0])
        children = [int(pid) for pid in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()]
        for pid in (postmaster, *children):
            os.kill(pid, signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(WAIT_SECONDS)
        for pid in (postmaster, *children):
            with suppress(ChildProcessError):  # Still another's, who has buried it.
                os.waitpid(pid, 0)


@contextmanager
def orphans_are_ours() -> Iterator[None]:
    """Reap the processes whose parents died: in a container there may be no other process that does.

    PostgreSQL takes a dead postmaster that was not reaped for a living one, and does not start beside it.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the database's processes in /proc")
def test_answered_write_offs_survive_a_power_failure():
    with tempfile.TemporaryDirectory(prefix="lostpost-test-") as folder, orphans_are_ours():
        machine = Machine(Path(folder))
        wishes = [
            json.loads(line) for line in machine.run("shell", "-v", "0", "-c", SHOP.format(count=COUNT)).splitlines()
        ]
        answers: dict[str, int] = {}

        for at in ("lostpost.writeoffs.write_off:send", COMMIT, "tests.kill.confirming:answer"):
            left = [wish for wish in wishes if f"{wish['query']}-1" not in answers]
            pause = Pause(at, after=CONFIRMED, folder=machine.data)
            process = machine.confirming(pause)
            assert process.stdin
            assert process.stdout
            with process.stdin, process.stdout:
                process.stdin.write("".join(f"{json.dumps(wish)}\n" for wish in left).encode())
                process.stdin.close()
                pause.wait(process, log=machine.data / "database" / "server.log")
                machine.pull_the_plug(process)
                for line in process.stdout.read().splitlines():
                    answer = json.loads(line)
                    answers[answer["number"]] = answer["refund_minor"]

            recorded = json.loads(machine.run("shell", "-v", "0", "-c", WRITE_OFFS))
            assert answers.items() <= recorded.items(), "an answer was given and then lost"

"""Two versions of the program in turns: each with a database, a shop and a web server of its own.

The parent, `compare`, starts this module from a copy of each version, with the bench of today: so both are asked the
same. A child makes its orders, says that it is ready, and for each line that it reads confirms or asks so many times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.client import Load, Request

ROOT = Path(__file__).resolve().parent.parent
TURN = 100  # Requests at a time.
PATHS = ("confirm", "assess", "list")
HEAD = (
    *("path over HTTP", "turns", "before: web ms", "PostgreSQL ms", "in all ms", "requests/s"),
    *("now: web ms", "PostgreSQL ms", "in all ms", "requests/s", "now to before"),
)


def compare(commit: str, *, turns: int) -> list[tuple[str, ...]]:
    """Return a row for each path: medians of the turns of `commit` and of what is checked out."""
    with ExitStack() as stack:
        before, now = (stack.enter_context(_version(of, turns)) for of in (commit, None))
        loads: dict[str, list[tuple[Load, Load]]] = {path: [] for path in PATHS}
        for turn in range(turns):
            for path in PATHS:
                first, second = (before, now) if turn % 2 else (now, before)
                done = {id(child): child.send(path) for child in (first, second)}
                loads[path].append((done[id(before)], done[id(now)]))
    return [_row(path, turns_of_path) for path, turns_of_path in loads.items()]


class _Child(NamedTuple):
    process: subprocess.Popen[str]

    def send(self, path: str) -> Load:
        assert self.process.stdin
        assert self.process.stdout
        print(path, file=self.process.stdin, flush=True)
        return Load(*json.loads(self.process.stdout.readline()))


@contextmanager
def _version(commit: str | None, turns: int) -> Iterator[_Child]:
    """Start a child from a copy of a commit, or of what is here."""
    with tempfile.TemporaryDirectory(prefix="lostpost-version-") as folder:
        if commit is None:
            subprocess.run(["cp", "-r", ROOT / "lostpost", folder], check=True)
        else:
            archive = subprocess.run(
                ["git", "-C", ROOT, "archive", commit, "lostpost"], check=True, capture_output=True
            ).stdout
            subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        subprocess.run(["cp", "-r", ROOT / "bench", folder], check=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.compare", str(turns)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": folder, "LOSTPOST_DATA": f"{folder}/data"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{commit or 'what is here'} cannot be measured; what it said stands above")
        yield _Child(process)
        process.stdin.close()
        process.wait()


def _row(path: str, turns: list[tuple[Load, Load]]) -> tuple[str, ...]:
    cells: list[str] = []
    for loads in zip(*turns, strict=True):
        costs = ("web_ms", "database_ms", "all_ms")
        cells += [f"{median(getattr(each, name) for each in loads):.2f}" for name in costs]
        cells.append(f"{median(each.requests / each.wall_seconds for each in loads):.0f}")
    return (path, str(len(turns)), *cells, f"{median(now.all_ms / before.all_ms for before, now in turns):.2f}")


def _serve_turns(turns: int) -> None:
    """Be one version: make ready, and do a turn for each line that comes."""
    os.environ.setdefault("LOSTPOST_SECRET_KEY", "a-key-for-measuring-and-for-nothing-else-0123456789")
    os.environ |= {"LOSTPOST_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "lostpost.config.settings"}
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench.client import Machine
    from bench.clones import Template
    from bench.marketplace import a_shop
    from bench.over_http import confirmations
    from bench.server import web_server
    from lostpost.accounts.make_client import create_client
    from lostpost.embedded import server as embedded

    with embedded.running(Path(os.environ["LOSTPOST_DATA"])):
        call_command("migrate", verbosity=0)
        shop, template = a_shop(), Template()
        template.copy([shop], count=5000, first=5_000_000, open_queries=False)
        cases = template.cases(count=(turns + 2) * TURN)
        template.copy([shop], count=len(cases))
        confirming = iter(confirmations(cases))
        with web_server() as server:
            client = create_client(name="Tool", seller=shop.seller, read_only=False, by="bench", now=timezone.now())
            machine = Machine(server, client)

            def send(path: str, warm_up: int = 0) -> Load:
                requests = {
                    "confirm": (next(confirming) for _ in range(TURN)),
                    "assess": (Request("GET", f"/orders/{case.order_number}/assessment") for case in cases[-TURN:]),
                    "list": (Request("GET", "/orders?size=50") for _ in range(TURN)),
                }[path]
                return machine.send(list(requests), warm_up=warm_up, most_seconds=120)

            for path in PATHS:
                send(path, warm_up=TURN // 2)
            print("ready", flush=True)
            for line in sys.stdin:
                print(json.dumps(send(line.strip())), flush=True)


if __name__ == "__main__":
    _serve_turns(int(sys.argv[1]))

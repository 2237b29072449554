"""`lostpost serve` as an operator meets it: started, used beside, killed and stopped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.database import copy_cluster
from tests.ports import free_port
from tests.programs import StartedProgram
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.process

USERS = "from django.contrib.auth.models import User"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("LOSTPOST_", "DATABASE_URL"))}


@pytest.fixture
def data():
    path = Path(tempfile.mkdtemp(prefix="lostpost-test-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def port():
    return free_port()


def lostpost(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        program = StartedProgram(
            ["lostpost.cli", *map(str, command)], environment=ENVIRONMENT | variables, stdout=output, stderr=errors
        )
        code = program.wait(WAIT_SECONDS)
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(program.args, code, output.read().decode(), errors.read().decode())


class Serving:
    """A running `lostpost serve`."""

    def __init__(self, process: StartedProgram, port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def status(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def pids(self, name: str) -> list[int]:
        return [int(pid) for pid in re.findall(rf"{name} started \(process (\d+)\)", self.log.read_text())]


def wait_for(true: Callable[[], bool], *, what: str, log: Path) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < until, f"{what}: not in time\n{log.read_text()}"
        time.sleep(0.1)


@contextmanager
def serving(data: Path, port: int) -> Iterator[Serving]:
    log = data / "serve.log"
    with log.open("wb") as file:
        words = ["lostpost.cli", "serve", "--port", str(port), "--data", str(data)]  # Its children are started anew.
        process = StartedProgram(words, environment=ENVIRONMENT, stdout=file, stderr=file)
    served = Serving(process, port, log)
    try:
        wait_for(lambda: served.status("/readyz") == 200, what="ready", log=log)
        wait_for(lambda: "Lostpost runs at" in log.read_text(), what="the address is told", log=log)
        yield served
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)


def database_runs(data: Path) -> bool:
    return (data / "database" / "postmaster.pid").exists()


def kill_database(data: Path) -> None:
    os.kill(int((data / "database" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def test_serve_shares_its_database_survives_a_killed_child_and_keeps_its_data(data, port):
    copy_cluster(data)  # Migrated as `serve` does it, by the same command; an empty folder takes half a minute more.
    with serving(data, port) as served:
        # Given a running serve, when a command runs beside it
        created = lostpost("shell", "-v", "0", "-c", f"{USERS}; User.objects.create_user('anna')", "--data", data)
        assert created.returncode == 0, created.stderr

        # Then the database still runs, and the site answers
        assert database_runs(data)
        assert served.status("/healthz") == 200
        assert served.status("/accounts/login/") == 200

        # When the database's first process is killed, then it is started again, and the pages need no restart
        kill_database(data)
        wait_for(lambda: "starting it again" in served.log.read_text(), what="the end is noticed", log=served.log)
        wait_for(lambda: served.status("/readyz") == 200, what="ready with the database", log=served.log)
        assert len(served.pids("web")) == 1

        # When the pages' process is killed, then it is started again
        os.kill(served.pids("web")[0], signal.SIGKILL)
        wait_for(lambda: len(served.pids("web")) == 2, what="web starts again", log=served.log)
        wait_for(lambda: served.status("/readyz") == 200, what="ready again", log=served.log)

    # When it is stopped, then everything is
    assert served.process.returncode == 0
    assert "Lostpost has stopped." in served.log.read_text()
    assert not database_runs(data)

    # And the next start has the data
    output = lostpost("shell", "-v", "0", "-c", f"{USERS}; print(User.objects.get())", "--data", data)
    assert output.stdout == "anna\n", output.stderr
    assert not database_runs(data)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with a killed parent")
def test_killing_serve_ends_its_children_and_the_next_command_reuses_its_database(data, port):
    copy_cluster(data)
    with serving(data, port) as served:
        served.process.send_signal(signal.SIGKILL)
        served.process.wait(WAIT_SECONDS)
        wait_for(lambda: served.status("/healthz") == 0, what="the pages end", log=served.log)

        assert database_runs(data)
        checked = lostpost("check", "--data", data)

    assert checked.returncode == 0, checked.stderr
    assert "PostgreSQL" in checked.stdout
    assert not database_runs(data)


def test_a_port_in_use_is_refused_with_a_sentence(data):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        refused = lostpost("serve", "--port", str(port), "--data", data)

    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1, port {port}: address already in use." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not database_runs(data)


@pytest.mark.parametrize(
    ("command", "variables", "sentence"),
    [
        (["check", "--data"], {}, "--data needs a folder"),
        (["check"], {"LOSTPOST_TIME_ZONE": "Mars"}, "LOSTPOST_TIME_ZONE"),
        (["check"], {"DATABASE_URL": "postgresql://a:geheim@127.0.0.1:1/x"}, "The database does not answer"),
        (["migrate"], {"DATABASE_URL": "postgresql://a:geheim@127.0.0.1:1/x"}, "The database does not answer"),
        (["web"], {"LOSTPOST_MODE": "production", "DATABASE_URL": "postgresql://a@127.0.0.1:1/x"}, "lostpost.E004"),
        (["verify"], {"LOSTPOST_DATA": "/dev/null/x"}, "cannot be written"),
    ],
)
def test_set_up_errors_are_shown_as_a_sentence(data, command, variables, sentence):
    stopped = lostpost(*command, **{"LOSTPOST_DATA": str(data), **variables})

    assert stopped.returncode in {1, 2}
    assert sentence in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "geheim" not in stopped.stderr


def test_without_a_command_the_usage_is_shown():
    output = lostpost()

    assert output.returncode == 0
    for name in ("serve", "web", "worker", "demo", "import", "migrate", "check", "verify"):
        assert f"  {name} " in output.stdout

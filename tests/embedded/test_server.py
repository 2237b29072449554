"""The embedded database: shared by processes, stopped by the last one, whatever became of the others."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from lostpost.core.setup_error import SetupError
from lostpost.embedded import server as embedded
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.process


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="lostpost-test-"))
    yield path
    shutil.rmtree(path)


def server_pid(folder: Path) -> int | None:
    """Read the server's process id; None where none runs."""
    file = folder / "database" / "postmaster.pid"
    return int(file.read_text().splitlines()[0]) if file.exists() else None


def python(code: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a process of their own."""
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=WAIT_SECONDS)


BORROW = """
import os, signal, sys
from pathlib import Path
from lostpost.embedded import server as embedded
PID_FILE = "database/postmaster.pid"
with embedded.running(Path(sys.argv[1]), losable=True):
    {then}
"""


def test_a_process_beside_another_shares_the_server_and_leaves_it_running(folder):
    with embedded.running(folder, losable=True) as url:
        before = server_pid(folder)

        assert python(BORROW.format(then="print('in')"), folder).stdout == "in\n"

        assert server_pid(folder) == before
        with psycopg.connect(url) as connection:
            assert connection.info.dbname == "lostpost"
    assert server_pid(folder) is None


def test_the_server_asks_the_system_who_connects(folder):
    """Also in a folder of before, whose server trusted whoever reached its socket."""
    with embedded.running(folder, losable=True):
        pass
    (folder / "database" / "pg_hba.conf").write_text("local all all trust\n")

    with embedded.running(folder, losable=True) as url, psycopg.connect(url) as connection:
        rules = connection.execute("SELECT type, auth_method, options FROM pg_hba_file_rules").fetchall()
        maps = connection.execute("SELECT sys_name, pg_username FROM pg_ident_file_mappings").fetchall()
    assert rules == [("local", "peer", ["map=lostpost"])]
    assert {role for _name, role in maps} == {"lostpost"}
    assert pwd.getpwuid(os.geteuid()).pw_name in {name for name, _role in maps}


def test_a_server_left_by_a_killed_process_is_used_again_and_then_stopped(folder):
    killed = python(BORROW.format(then="os.kill(os.getpid(), signal.SIGKILL)"), folder)
    left = server_pid(folder)

    assert killed.returncode == -signal.SIGKILL
    assert left
    with embedded.running(folder, losable=True):
        assert server_pid(folder) == left
    assert server_pid(folder) is None


def test_a_forked_child_that_ends_does_not_stop_the_server(folder):
    fork = "pid = os.fork() or sys.exit(0); os.waitpid(pid, 0); print((Path(sys.argv[1]) / PID_FILE).exists())"

    assert python(BORROW.format(then=fork), folder).stdout == "True\n"
    assert server_pid(folder) is None


def test_data_is_kept_over_a_restart(folder):
    with embedded.running(folder, losable=True) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")

    with embedded.running(folder, losable=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (1,)


def test_a_server_that_ended_by_itself_is_started_again(folder):
    with embedded.running(folder, losable=True) as url:
        before = server_pid(folder)
        assert before
        assert embedded.keep_running(folder)
        os.kill(before, signal.SIGKILL)

        until = time.monotonic() + WAIT_SECONDS
        while server_pid(folder) in (before, None):  # Its last processes have to end first.
            assert time.monotonic() < until
            embedded.keep_running(folder)
            time.sleep(0.05)

        with psycopg.connect(url) as connection:
            assert connection.info.dbname == "lostpost"
    assert server_pid(folder) is None


def test_a_stale_file_of_a_crashed_server_does_not_hinder_a_start(folder):
    with embedded.running(folder, losable=True):
        written = (folder / "database" / "postmaster.pid").read_text().splitlines()
    written[0] = "1"  # A process that lives, and is no PostgreSQL.
    stale = folder / "database" / "postmaster.pid"
    stale.write_text("\n".join(written))
    shutil.chown(stale, (folder / "database").stat().st_uid)

    with embedded.running(folder, losable=True):
        assert server_pid(folder) != 1


def test_a_long_path_gets_a_socket_elsewhere_that_is_removed_again(folder):
    deep = folder / ("d" * 90)

    with embedded.running(deep, losable=True) as url:
        elsewhere = embedded.Cluster(deep).socket_folder
        with psycopg.connect(url) as connection:
            assert connection.info.host == str(elsewhere)
        assert elsewhere != deep / "database"

    assert not elsewhere.exists()


def test_a_folder_that_cannot_be_created_is_refused_with_a_sentence(folder):
    (folder / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(SetupError, match="cannot be written"), embedded.running(folder / "file" / "data"):
        pass


def test_a_database_of_another_version_is_refused_with_a_hint(folder):
    (folder / "database").mkdir()
    (folder / "database" / "PG_VERSION").write_text("12\n")

    with pytest.raises(SetupError, match="was made by PostgreSQL 12"), embedded.running(folder):
        pass


def test_a_server_that_does_not_start_shows_the_end_of_its_log(folder):
    with embedded.running(folder, losable=True):
        pass
    with (folder / "database" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = on\n")

    with pytest.raises(SetupError, match="no_such_setting"), embedded.running(folder, losable=True):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")
def test_root_opens_folders_on_the_way_for_passing_through_and_for_nothing_else(folder, capsys):
    (folder / "shut").mkdir(mode=0o700)

    with embedded.running(folder / "shut" / "data", losable=True):
        pass

    assert (folder / "shut").stat().st_mode & 0o777 == 0o701
    assert f"Opened {folder / 'shut'}" in capsys.readouterr().err

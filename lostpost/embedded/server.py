"""The embedded PostgreSQL: a server in the data folder, shared by every process that uses that folder.

Only the programs come from the wheel. Processes that use the server hold file locks, which the kernel releases when a
process ends in any way: the last one stops the server, and a server left by a killed process is reused. Meant for
trying out, development and tests; in production DATABASE_URL names a server.
"""

import fcntl
import hashlib
import logging
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from lostpost.core.setup_error import SetupError
from lostpost.embedded.access import write_access_rules
from lostpost.embedded.system_user import DatabaseUser, database_user, let_through

logger = logging.getLogger("lostpost.serve")

DATABASE = "lostpost"
ROLE = "lostpost"
PORT = 5432  # Part of the socket's name; nothing listens on the network.
SOCKET_PATH_MAX = 103  # The maximum length of a socket path on every system.
START_SECONDS = 120  # Recovery after a crash may take a while.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
FAST_AND_LOSABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True)
class Cluster:
    """The files of one embedded server."""

    data: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.data / "database"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.cluster / "server.log"

    @property
    def socket_folder(self) -> Path:
        """The cluster's folder; where its path is too long for a socket, one of its own in the temporary folder."""
        if len(bytes(self.cluster / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_MAX:
            return self.cluster
        return Path(tempfile.gettempdir()) / f"lostpost-{hashlib.sha256(bytes(self.cluster)).hexdigest()[:16]}"

    def url(self, database: str = DATABASE) -> str:
        """Return the URL to connect to."""
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.socket_folder), safe='')}&port={PORT}"


def database_url(data: Path) -> str:
    """Return the URL of a data folder's embedded database, running or not."""
    return Cluster(data).url()


@contextmanager
def running(data: Path, *, losable: bool = False) -> Iterator[str]:
    """Use the embedded server of a data folder, started if need be; give its URL.

    Args: `losable`: for tests: faster, and a power cut may damage it.
    Raises: SetupError when the folder or the server cannot be used.
    """
    place = Cluster(data.resolve())
    user = database_user()
    owner = os.getpid()
    prepare(place, user)
    with locked(place.data / "database.starting"):
        start(place, user, losable=losable)
        in_use = (place.data / "database.in-use").open("a")
        fcntl.flock(in_use, fcntl.LOCK_SH)
    try:
        yield place.url()
    finally:
        if os.getpid() == owner:  # A forked child shares the lock and must not give it back.
            stop(place, user, in_use.fileno())
            in_use.close()


def keep_running(data: Path) -> bool:
    """Restart the server of a data folder if it has ended by itself; return whether it runs now.

    For processes that use it. Errors are logged.
    """
    place = Cluster(data.resolve())
    if runs(place):
        return True
    logger.error("the embedded database has ended by itself; starting it again")
    try:
        with locked(place.data / "database.starting"):
            start(place, database_user(), losable=False)
    except SetupError as error:
        logger.error("%s", error)
        return False
    return True


def runs(place: Cluster) -> bool:
    """Whether the server's main process exists, without connecting to it."""
    try:
        pid = int((place.cluster / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except PermissionError:  # There, and another user's.
        return True
    except (OSError, ValueError, IndexError):
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # Not available on this system.
        return True
    return state != "Z"  # A zombie.


def stop(place: Cluster, user: DatabaseUser, in_use: int) -> None:
    """Release the lock on the server, and stop it if no other process holds one."""
    with locked(place.data / "database.starting"):
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if place.cluster.exists():
            user.run("pg_ctl", "stop", "--pgdata", place.cluster, "--mode=fast", "--timeout=60", check=False)
        if place.socket_folder != place.cluster:
            with suppress(OSError):
                place.socket_folder.rmdir()
        fcntl.flock(in_use, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for a lock that one process at a time can hold."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(place: Cluster, user: DatabaseUser) -> None:
    """Make the data folder, and see that it can be written and that the database's user can pass to it."""
    try:
        place.data.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.data) as file:
            file.write(b"Is there room?" * 1024)
    except OSError as error:
        raise SetupError(
            f"The data folder {place.data} cannot be written ({error.strerror}). "
            "Give another with --data, or make this one yours."
        ) from None
    if user.name:
        let_through(place.data, user)


def start(place: Cluster, user: DatabaseUser, *, losable: bool) -> None:
    """Start the server unless it answers already. To be called with the lock held."""
    if is_answering(place):
        return
    if not place.cluster.exists():
        create_cluster(place, user)
    check_version(place)
    place.socket_folder.mkdir(mode=0o700, exist_ok=True)
    user.own(place.socket_folder)
    write_access_rules(place.cluster, user, role=ROLE)
    settings = {
        **SETTINGS,
        **(FAST_AND_LOSABLE if losable else {}),
        "unix_socket_directories": str(place.socket_folder),
    }
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    done = user.run(
        *("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS}", "--silent"),
        *("--pgdata", place.cluster, "--log", place.log, "--options", options),
        check=False,
    )
    if done.returncode or not is_answering(place):
        raise SetupError(
            f"The embedded database did not start. Its last words, from {place.log}:\n{last_lines(place.log)}"
        )
    ensure_database(place)


def create_cluster(place: Cluster, user: DatabaseUser) -> None:
    """Create the cluster next to its place and move it there, so that a killed attempt leaves no incomplete one."""
    fresh = Path(tempfile.mkdtemp(prefix="database.new-", dir=place.data))
    user.own(fresh)
    done = user.run(
        *("initdb", "--pgdata", fresh, "--username", ROLE, "--auth=trust", "--encoding=UTF8", "--no-locale"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        check=False,
    )
    if done.returncode:
        raise SetupError(f"The embedded database could not be made in {place.data}:\n{done.stderr.strip()}")
    fresh.rename(place.cluster)


def check_version(place: Cluster) -> None:
    """Refuse a cluster of another PostgreSQL version, with a helpful message: it would not start."""
    made_by = (place.cluster / "PG_VERSION").read_text().strip()
    installed = subprocess.run(
        [DatabaseUser.program("postgres"), "--version"], capture_output=True, text=True, check=True
    )
    if f" {made_by}." not in installed.stdout:
        raise SetupError(
            f"The database in {place.cluster} was made by PostgreSQL {made_by}; here is {installed.stdout.strip()}. "
            "Use the version of Lostpost that made it to dump it (pg_dump), or give another folder with --data."
        )


def ensure_database(place: Cluster) -> None:
    """Create the database in a new cluster."""
    with psycopg.connect(place.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def is_answering(place: Cluster) -> bool:
    """Whether the server of this folder accepts connections."""
    try:
        with psycopg.connect(place.url("postgres"), connect_timeout=5) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]).resolve() == place.cluster


def last_lines(log: Path, count: int = 8) -> str:
    """Return the end of the server's log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return "(it left no log)"

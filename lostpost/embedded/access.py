"""Access to the embedded server: for its own system user and the one who runs Lostpost."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

from lostpost.embedded.system_user import DatabaseUser

MAP = "lostpost"


def write_access_rules(cluster: Path, user: DatabaseUser, *, role: str) -> None:
    """Write who may connect, before each start: clusters of earlier versions trusted everyone who reached the socket.

    The server asks the system for the user at the other end (`peer`). That fails for a user without a name, as in some
    containers; then only the socket's permissions decide.
    """
    names = _names(user)
    method = f"peer map={MAP}" if names else "trust"
    _write(cluster / "pg_hba.conf", f"local all all {method}\n", user)
    _write(cluster / "pg_ident.conf", "".join(f'{MAP} "{name}" {role}\n' for name in names), user)


def _names(user: DatabaseUser) -> list[str]:
    """Name the users that may connect, each once; none if one of them has no name."""
    try:
        own_name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return []
    return sorted({own_name, user.name or own_name})


def _write(path: Path, text: str, user: DatabaseUser) -> None:
    """Write the file atomically, readable for the server's user only."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        file.write(text)
    if user.uid is not None and user.gid is not None:
        os.chown(file.name, user.uid, user.gid)
    Path(file.name).replace(path)

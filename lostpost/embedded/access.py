"""Who may connect to the embedded server: its own user and whoever runs Lostpost, as the system knows them."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

from lostpost.embedded.system_user import DatabaseUser

MAP = "lostpost"


def write_access_rules(cluster: Path, user: DatabaseUser, *, role: str) -> None:
    """Write who is let in, before each start: clusters of earlier versions trusted whoever reached the socket.

    The server asks the system which user is at the other end (`peer`). A user without a name there, as in some
    containers, could never be let in so; then the socket's own permissions decide alone, as they did.
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
    """Let the file appear whole, for the server's user alone."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        file.write(text)
    if user.uid is not None and user.gid is not None:
        os.chown(file.name, user.uid, user.gid)
    Path(file.name).replace(path)

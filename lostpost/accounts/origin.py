"""Who acts, and from where: a user or a client of the API by a request, or somebody at a command line."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Who acts, and from where."""

    user_id: int | None = None
    user_name: str = ""
    client_id: str = ""
    address: str = ""
    request_id: str = ""


def _command_line() -> Origin:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # No such user, as in some containers.
        name = "unknown"
    return Origin(user_name=f"operator {name}", address="command line")


# What reads it asks for it late: at the end of a request more is known of who sent it than at its beginning.
current_origin: ContextVar[Callable[[], Origin]] = ContextVar("current_origin", default=_command_line)

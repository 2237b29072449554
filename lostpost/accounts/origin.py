"""Who acts, and from where: a user or API client by a request, or an operator at a command line."""

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


# A function, called late: at the end of a request more is known about its sender than at the beginning.
current_origin: ContextVar[Callable[[], Origin]] = ContextVar("current_origin", default=_command_line)

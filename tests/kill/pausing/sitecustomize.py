"""Let a process of the program pause at a named call for ever, so that a test can kill it there.

Python imports this by itself in each process that has this folder on its path, children included; see `Pause`.
"""

import os
import threading
from functools import wraps
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import django

_set_up = django.setup
_patched = threading.Event()


def _set_up_and_patch(*args: Any, **kwargs: Any) -> None:
    """Replace the function once its module can be imported."""
    _set_up(*args, **kwargs)
    if not _patched.is_set():
        _patched.set()
        module, _, path = os.environ["PAUSE_AT"].partition(":")
        *owners, name = path.split(".")
        owner: Any = import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        setattr(owner, name, _pausing(getattr(owner, name)))


def _pausing(function: Any) -> Any:
    """Let so many calls pass; every later one reports itself and never returns."""
    calls, passes = count(1), int(os.environ["PAUSE_AFTER"])

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if next(calls) > passes:
            Path(os.environ["PAUSE_FILE"]).touch()
            threading.Event().wait()
        return function(*args, **kwargs)

    return called


django.setup = _set_up_and_patch

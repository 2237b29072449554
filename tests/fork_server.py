"""A process that has loaded the program and its libraries, and forks programs that begin where that is done.

Loading takes most of a program's start, and tests start more than a hundred. Settings are forgotten again: a forked
program reads its own, as one that was started anew does (`tests/management/test_serve.py` starts real ones). See
`tests/programs.py`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

SETTINGS = "lostpost.config.settings"
LIBRARIES = (
    "PIL.Image",
    "asn1crypto.cms",
    "dateutil.parser",
    "holidays",
    "httpx",
    "icalendar",
    "inscriptis",
    "lxml.html",
    "nh3",
    "requests",
    "stdnum.au.abn",
    "stdnum.eu.vat",
    "stdnum.iban",
    "stripe",
    "typst",
    "xlsxwriter",
)  # What the program loads when it first needs it.


def main(path: str) -> None:
    """Listen at the path, fork a program for each connection, and end when standard input is closed."""
    load_program()
    gc.freeze()  # The collector of a forked program need not look at it.
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Who watches over a program needs nobody to wait for it.
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            connection, _ = listening.accept()
            with connection:
                if os.fork() == 0:
                    listening.close()
                    supervise(connection)


def load_program() -> None:
    """Import what a program needs that does anything, and forget the settings with which that was possible."""
    for name in LIBRARIES:
        importlib.import_module(name)
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="lostpost-test-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "LOSTPOST_DATA": folder,
            "LOSTPOST_SECRET_KEY": "loads-modules-and-signs-nothing-0123456789-abcdefghij",
        }
        import django
        from django.conf import settings
        from django.urls import get_resolver
        from django.utils.module_loading import import_string

        django.setup()
        for name in (*settings.PROCRASTINATE_IMPORT_PATHS, *commands(), "django.core.handlers.wsgi"):
            importlib.import_module(name)
        for name in settings.MIDDLEWARE:
            import_string(name)
        assert get_resolver().url_patterns
        from lostpost.core import readiness

        readiness._known_migrations()
        forget_settings()
    os.environ.clear()
    os.environ.update(before)
    time.tzset()


def commands() -> list[str]:
    """Name the modules of the commands."""
    from lostpost.management import commands as package

    return [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]


def forget_settings() -> None:
    """Forget the settings, and what rests on them: the next program that asks for one reads its environment."""
    from django.conf import settings
    from django.core.signals import setting_changed
    from django.db import connections
    from django.test import signals  # noqa: F401  They listen.
    from django.utils.functional import empty

    kept = {"AUTH_USER_MODEL", "DATABASES", "ROOT_URLCONF"}  # Classes and addresses stay; the database is left below.
    for name in set(dir(settings)) - kept:
        if name.isupper():
            setting_changed.send(sender=None, setting=name, value=getattr(settings, name), enter=True)
    for alias in connections:
        with suppress(AttributeError):
            del connections[alias]
    del connections.settings
    connections._settings = None  # type: ignore[attr-defined]  # What they are made from.
    settings._wrapped = empty
    del sys.modules[SETTINGS]


def supervise(connection: socket.socket) -> None:
    """Fork the program, say its process id, and at its end how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    request = json.loads(text)
    pid = os.fork()
    if pid == 0:
        connection.close()
        run_program(files, **request)
    for file in files:
        os.close(file)
    connection.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def run_program(files: list[int], *, words: list[str], environment: dict[str, str], folder: str) -> None:
    """Run the program in this process, with these files as standard input, output and error; it never returns.

    It ends as one that was started anew: its threads are waited for, and what it asked to be called at its end is, such
    as what writes down which lines were run. The rest is left to the system.
    """
    code: Any = 1
    try:
        os.setsid()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = list(words)
        sys.path[:0] = paths = environment.get("PYTHONPATH", "").split(os.pathsep)
        for path in paths:
            if (customize := Path(path) / "sitecustomize.py").exists():
                runpy.run_path(str(customize))
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1 if ended.code else 0
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    finally:
        if error := sys.exception():
            traceback.print_exception(error)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])

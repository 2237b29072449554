"""A process that has loaded the libraries of the program, and forks programs that begin where that is done.

Loading them takes most of a program's start, and tests start more than a hundred. Nothing that reads settings is
loaded here: a forked program reads its own, as one that was started anew does. See `tests/programs.py`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

LIBRARIES = (
    "PIL.Image",
    "asn1crypto.cms",
    "asyncio",
    "babel.numbers",
    "concurrent.futures.thread",
    "cryptography.fernet",
    "cryptography.x509",
    "dateutil.parser",
    "django.contrib.staticfiles.storage",
    "django.core.management.base",
    "django.core.paginator",
    "django.core.serializers.json",
    "django.core.wsgi",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
    "django.db.models",
    "django.forms",
    "django.template.defaulttags",
    "django.test",
    "django.views.generic",
    "email.policy",
    "email_validator",
    "flufl.bounce",
    "holidays",
    "httpx",
    "icalendar",
    "inscriptis",
    "jinja2",
    "jwcrypto.jwt",
    "lxml.html",
    "markdown_it",
    "mollie",
    "nh3",
    "oauthlib.oauth2",
    "oauthlib.openid",
    "procrastinate",
    "psycopg",
    "psycopg_pool",
    "puremagic",
    "pydantic",
    "pydantic_settings",
    "pythonjsonlogger.json",
    "requests",
    "sqlparse",
    "stdnum.au.abn",
    "stdnum.eu.vat",
    "stdnum.iban",
    "stripe",
    "typst",
    "urllib.request",
    "whitenoise.middleware",
    "xlsxwriter",
)


def main(path: str) -> None:
    """Listen at the path, fork a program for each connection, and end when standard input is closed."""
    for name in LIBRARIES:
        importlib.import_module(name)
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

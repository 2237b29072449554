"""`lostpost web`: the pages, under gunicorn."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db import connection
from gunicorn.app.base import BaseApplication

from lostpost.management.lifeline import end_with_parent
from lostpost.management.listening import add_address, require_free


class Command(BaseCommand):
    """Serve the pages until SIGTERM."""

    help = "Serve the pages. Processes and threads: LOSTPOST_WEB_PROCESSES, LOSTPOST_WEB_THREADS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        add_address(parser)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Become gunicorn's first process; its children answer the requests."""
        end_with_parent()
        require_free(host, port)
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's; its threads would not survive the fork.
        Server(gunicorn_settings(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")).run()


def gunicorn_settings(bind: str) -> dict[str, Any]:
    """Give gunicorn's settings: threads, as a request waits for the database more than it computes."""
    memory = Path("/dev/shm")  # noqa: S108  Heartbeats of gunicorn's children; a slow disk would look like a hang.
    return {
        "bind": bind,
        "worker_class": "gthread",
        "workers": settings.WEB_PROCESSES,
        "threads": settings.WEB_THREADS,
        "timeout": 60,
        "graceful_timeout": 20,
        "keepalive": 5,
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK) else tempfile.gettempdir(),
        "proc_name": "lostpost web",
        "accesslog": None,  # The site writes a line per request itself, with its id.
        "loglevel": "warning",
        "logconfig_dict": {**settings.LOGGING, "root": {**settings.LOGGING["root"], "level": "WARNING"}},
        "control_socket_disable": True,
        "forwarded_allow_ips": "127.0.0.1,::1" if not settings.TRUST_PROXY else "*",
    }


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types.
    """gunicorn, set up from here and from nowhere else."""

    def __init__(self, chosen: dict[str, Any]) -> None:
        self.chosen = chosen
        super().__init__()

    def load_config(self) -> None:
        """Set what we chose."""
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Give the application. Checked already: this runs in a command."""
        return get_wsgi_application()

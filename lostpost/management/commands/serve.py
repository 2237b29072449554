"""`lostpost serve`: everything a small installation needs, in one process tree."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from lostpost.management.bind_address import (
    add_address,
    add_open_to_network,
    require_free,
    require_loopback_or_production,
    server_answers,
    server_url,
)
from lostpost.management.supervisor import CommandChild, Supervisor, lostpost

DEMO_LOGINS = "demo-logins.txt"


class Command(BaseCommand):
    """Migrate, then keep web and worker running."""

    help = "Run web and worker together, on a migrated database; with --demo, a made-up marketplace to try it on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address and whether to fill in the demo."""
        add_address(parser)
        add_open_to_network(parser)
        parser.add_argument("--demo", action="store_true", help="fill in the demo marketplace if there is no data")

    def handle(self, *, host: str, port: int, open_to_network: bool, demo: bool, **options: Any) -> None:
        """Prepare, then watch over the children until SIGTERM or Ctrl-C."""
        require_loopback_or_production(host, open_to_network=open_to_network)
        require_free(host, port)
        call_command("migrate", verbosity=0, interactive=False)
        if demo and "demo" in get_commands():
            call_command("demo", if_empty=True)
        connections.close_all()
        environment = {**os.environ, "LOSTPOST_DATA": str(settings.LOSTPOST_DATA)}
        opened = ["--open-to-network"] if open_to_network else []
        children = [
            CommandChild("web", lostpost("web", "--host", host, "--port", str(port), *opened), environment),
            CommandChild("worker", lostpost("worker"), environment),
        ]
        self.reported = False
        self.look_at, self.failures = 0.0, 0
        Supervisor(children).run(at_each_tick=lambda: self.look(host, port))
        self.stdout.write("Lostpost has stopped.")

    def look(self, host: str, port: int) -> None:
        """Print the URL, and check once a second that the embedded database runs; less often if it does not start."""
        self.report(host, port)
        keep_running: Callable[[], bool] | None = settings.KEEP_DATABASE_RUNNING
        if not keep_running or time.monotonic() < self.look_at:
            return
        self.failures = 0 if keep_running() else self.failures + 1
        self.look_at = time.monotonic() + min(2.0**self.failures, 60.0)

    def report(self, host: str, port: int) -> None:
        """Print once, as soon as the pages answer, their URL and the logins."""
        if self.reported or not server_answers(host, port):
            return
        self.reported = True
        self.stdout.write(f"\nLostpost runs at {server_url(host, port)}  (Ctrl-C stops it)")
        logins = Path(settings.LOSTPOST_DATA) / DEMO_LOGINS
        if logins.exists():
            self.stdout.write(f"\n{logins.read_text(encoding='utf-8').strip()}")
        self.stdout.write("")
        self.stdout.flush()

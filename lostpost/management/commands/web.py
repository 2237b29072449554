"""`lostpost web`: the pages and the API."""

from __future__ import annotations

import gc
import os
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db import connection

from lostpost.management.bind_address import add_address, add_open_to_network, listen, require_loopback_or_production
from lostpost.management.newer_schema import require_known_where_it_answers
from lostpost.management.parent_death import end_with, end_with_parent
from lostpost.management.supervisor import ForkedChild, Supervisor
from lostpost.management.web_server.server import GRACE_SECONDS, Server


class Command(BaseCommand):
    """Serve the pages until SIGTERM."""

    help = "Serve the pages. Processes and threads: LOSTPOST_WEB_PROCESSES, LOSTPOST_WEB_THREADS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        add_address(parser)
        add_open_to_network(parser)

    def handle(self, *, host: str, port: int, open_to_network: bool, **options: Any) -> None:
        """Listen, and keep the processes running that answer; they share the socket."""
        end_with_parent()
        require_loopback_or_production(host, open_to_network=open_to_network)
        require_known_where_it_answers()
        sock = listen(host, port)
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        application = get_wsgi_application()  # Checked already: this is a command. Loaded once, shared by all.
        connection.close()
        gc.collect()
        gc.freeze()  # The garbage collector of each process need not look through what all share.

        def serve(parent: int) -> None:
            end_with(parent)
            trust_proxy: bool = settings.TRUST_PROXY
            Server(application, sock, threads=settings.WEB_THREADS, trust_proxy=trust_proxy).run()

        processes = [
            ForkedChild(f"web-{number}", partial(serve, os.getpid())) for number in range(1, settings.WEB_PROCESSES + 1)
        ]
        Supervisor(processes, grace_seconds=GRACE_SECONDS + 5).run()
        sock.close()

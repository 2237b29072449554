"""`lostpost mail-server`: take e-mail for relay addresses by SMTP or LMTP."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lostpost.connectors.mail_in.server import take_mail_until
from lostpost.management.newer_schema import require_known_where_it_answers
from lostpost.management.parent_death import end_with_parent
from lostpost.relay.addresses import relay_is_on


class Command(BaseCommand):
    """Serve until SIGTERM."""

    help = "Take e-mail for relay addresses: SMTP, or LMTP behind a mail server of yours. See docs/operating.md."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Show the command's name: a module cannot be called so."""
        return super().create_parser(prog_name, "mail-server", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this machine only)")
        parser.add_argument("--port", type=int, default=8025, help="the port (default: 8025)")
        parser.add_argument("--lmtp", action="store_true", help="speak LMTP, as local delivery of a mail server does")

    def handle(self, *, host: str, port: int, lmtp: bool, **options: Any) -> None:
        """Listen, and say so."""
        end_with_parent()
        if not relay_is_on():
            raise CommandError("No relay addresses are in use. Set LOSTPOST_RELAY_DOMAIN.")
        require_known_where_it_answers()
        asyncio.run(self.serve(host, port, lmtp=lmtp))

    async def serve(self, host: str, port: int, *, lmtp: bool) -> None:
        """Take e-mail until SIGTERM."""
        stopped = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, stopped.set)
        await take_mail_until(stopped, host, port, lmtp=lmtp, started=partial(self.say, "LMTP" if lmtp else "SMTP"))

    def say(self, protocol: str, host: str, port: int) -> None:
        """Say where it listens."""
        self.stdout.write(f"Taking e-mail at {host}:{port} by {protocol}.")
        self.stdout.flush()

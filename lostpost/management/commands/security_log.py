"""`lostpost security-log`: who did what from where, and with what outcome."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from lostpost.accounts.security_log import SecurityEvent
from lostpost.core.clock import rfc3339

FIELDS = ("event", "outcome", "user_id", "user_name", "client_id", "address", "request_id", "about")


class Command(BaseCommand):
    """Read only; the oldest line first."""

    help = "Show the security log: sign-ins, refusals, changes of who may do what, and files taken away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to look for."""
        parser.add_argument(
            "--since", type=_instant, metavar="DAY", help="a day such as 2026-11-01, or an instant; UTC"
        )
        parser.add_argument("--user", metavar="NAME", help="what this login did, or was done to it")
        parser.add_argument("--client", metavar="CLIENT_ID", help="what this API client did, or was done to it")
        parser.add_argument("--event", metavar="EVENT", help="such as sign-in.attempted")
        parser.add_argument("--json", action="store_true", help="one JSON object per line")

    def handle(self, **options: Any) -> None:
        """Print the lines."""
        events = SecurityEvent.objects.order_by("at", "id")
        if options["since"]:
            events = events.filter(at__gte=options["since"])
        if options["event"]:
            events = events.filter(event=options["event"])
        if name := options["user"]:
            events = events.filter(Q(user_name=name) | Q(about__regex=rf"(^| )user [0-9]+ {_literal(name)}($|[ ,])"))
        if client_id := options["client"]:
            events = events.filter(Q(client_id=client_id) | Q(about__contains=f"client {client_id}"))
        for row in events.iterator(chunk_size=1000):
            self.stdout.write(_as_json(row) if options["json"] else _as_text(row))


def _as_json(row: SecurityEvent) -> str:
    return json.dumps({"at": rfc3339(row.at), **{name: getattr(row, name) for name in FIELDS}}, ensure_ascii=False)


def _as_text(row: SecurityEvent) -> str:
    sender = f"client {row.client_id}" if row.client_id else row.user_name or "-"
    return "\t".join(
        [f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", row.event, row.outcome, sender, row.address, row.about]
    )


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day such as 2026-11-01") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _literal(name: str) -> str:
    """Return a name for a regular expression of PostgreSQL that means nothing but itself."""
    return "".join(sign if sign.isalnum() else f"\\{sign}" for sign in name)

"""`lostpost demo`: fill an empty database with the demo marketplace."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.management.demo.build import build, seller_id
from lostpost.management.demo.logins import chosen_password, logins_file, logins_taken, write_down


class Command(BaseCommand):
    """Make the demo marketplace, once."""

    help = "Fill an empty database with a made-up marketplace; docs/demo.md says what is where."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option that ignores existing data."""
        parser.add_argument("--if-empty", action="store_true", help="say nothing if there is data already")

    def handle(self, *, if_empty: bool, **options: Any) -> None:
        """Build the demo, store the logins, and print where to look."""
        if Seller.objects.exists():
            self.say_what_is_there(quiet=if_empty)
            return
        if settings.PRODUCTION:
            raise CommandError("The demo marketplace is for trying out; LOSTPOST_MODE is production. Unset it.")
        if existing := logins_taken():
            raise CommandError(
                f"The logins {', '.join(existing)} are somebody's already. "
                "Give an empty folder with --data, or an empty database."
            )
        password = chosen_password()
        with without_log_of_members():
            examples = build(password=password, now=timezone.now())
        path = write_down(password)
        self.stdout.write("\nThe demo marketplace is there. Some orders to look at; docs/demo.md lists all:\n\n")
        for example in examples[:6]:
            self.stdout.write(f"  {example.order}  {example.about}")
        self.stdout.write(f"\nWho can sign in stands in {path}.")

    def say_what_is_there(self, *, quiet: bool) -> None:
        """Distinguish the demo from other data, and a complete demo from an interrupted one."""
        if not Seller.objects.filter(id=seller_id("lampenhuis")).exists():
            if not quiet:
                self.stdout.write("There are shops already, so the demo is left out: it goes into an empty database.")
        elif not logins_file().exists():
            self.stderr.write(
                "The demo marketplace is there, but not its logins: it was broken off, or made with another data "
                "folder. To make it anew, give an empty folder with --data."
            )
        elif not quiet:
            self.stdout.write(f"The demo marketplace is there already; its logins stand in {logins_file()}.")


@contextmanager
def without_log_of_members() -> Iterator[None]:
    """Write no line for each made-up person who joins, between how far it is and where to look."""
    logger = logging.getLogger("lostpost.security")
    usual = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(usual)

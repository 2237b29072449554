"""`lostpost mail-in`: take one e-mail from a mail server's pipe."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError

from lostpost.connectors.mail_in.take_mail import take_mail
from lostpost.relay.parsing.limits import LARGEST_MAIL
from lostpost.relay.receive_mail import MailRefused

# As sysexits.h has them, and mail servers expect.
NO_SUCH_USER, REFUSED, TRY_AGAIN = 67, 65, 75


class Command(BaseCommand):
    """Exit status 0 if we have it, 67 for nobody's address, 65 if it is refused, 75 to be tried again later."""

    help = "Take one e-mail from standard input, as a mail server's pipe brings it."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Show the command's name: a module cannot be called so."""
        return super().create_parser(prog_name, "mail-in", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the envelope."""
        parser.add_argument("recipient", help="of the envelope: the address that it was sent to")
        parser.add_argument("--sender", default="", help="of the envelope; empty where it names none")

    def handle(self, *, recipient: str, sender: str, **options: Any) -> None:
        """Store it, or say why not."""
        raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
        try:
            take_mail(recipient=recipient, envelope_sender=sender, raw=raw)
        except MailRefused as refused:
            self.stderr.write(refused.text)
            sys.exit(TRY_AGAIN if refused.status < 500 else NO_SUCH_USER if refused.status == 550 else REFUSED)
        except (DatabaseError, InterfaceError) as error:
            self.stderr.write(f"The database does not answer: {str(error).strip()}")
            sys.exit(TRY_AGAIN)

"""Recompute everything from the write-off lines and report any difference."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lostpost.accounts.models import Seller
from lostpost.audit.verify import sellers, verify
from lostpost.imports.progress import progress


class Command(BaseCommand):
    """`lostpost verify`: exit status 0 if everything agrees with the lines, 1 if anything differs."""

    help = "Recompute refunds, ledger, counts and timelines from the write-off lines; report any difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the shops to look at."""
        parser.add_argument("seller", nargs="*", help="codes of the shops to look at; all of them if none is given")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line for each difference, and how it ended."""
        shops = sellers()
        if unknown := set(options["seller"]) - {shop.code for shop in shops}:
            raise CommandError(
                f"There is no shop {', '.join(sorted(unknown))}; `lostpost verify` looks at all of them."
            )
        chosen: list[Seller] = [shop for shop in shops if not options["seller"] or shop.code in options["seller"]]
        count = 0
        for shop in progress(chosen, "shops verified"):
            for difference in verify(shop):
                self.stdout.write(str(difference))
                count += 1
        if count:
            self.stderr.write(f"{count} differences in {len(chosen)} shops. Nothing was changed.")
            sys.exit(1)
        self.stdout.write(f"All is as the write-off lines say, in {len(chosen)} shops.")

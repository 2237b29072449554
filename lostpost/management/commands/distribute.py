"""Distribute the tables over the machines of a Citus cluster, or show whether they are."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from lostpost.core.cluster import misplaced_tables, nodes_counted, placed_tables, silent_workers
from lostpost.core.placement import Placement
from lostpost.core.sql import execute
from lostpost.management.commands.migrate import LOCK
from lostpost.management.distribute import distribute, require_ready, tables_by_placement

EXAMPLE = "lostpost distribute --shards 64"


class Command(BaseCommand):
    """`lostpost distribute`: exit status 0 if every table is where it belongs, 1 with --check if one is not."""

    help = f"Distribute the tables over the machines of a Citus cluster, by seller. Example: {EXAMPLE}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how finely, or only whether."""
        parser.add_argument("--check", action="store_true", help="change nothing; say what is not where it belongs")
        parser.add_argument(
            "--shards", type=int, default=32, help="into how many parts each table goes; machines share them (32)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse what cannot work, then place table by table."""
        if options["check"]:
            self.check_placement()
            return
        if not 1 <= options["shards"] <= 10_000:
            raise CommandError(f"--shards: {options['shards']} is not between 1 and 10000. Example: {EXAMPLE}")
        execute("SELECT pg_advisory_lock(%s)", (LOCK,))  # No migration meanwhile, and no second one of this.
        try:
            require_ready()
            execute(f"SET citus.shard_count = {options['shards']:d}", ())
            began, count = time.monotonic(), 0
            for line in distribute():
                count += 1
                self.stdout.write(f"{time.monotonic() - began:7.1f} s  {line}")
        finally:
            execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        if not count:
            self.stdout.write("Nothing was to be done.")
        self.stdout.write(f"{tables_and_machines()}. Now run: lostpost verify")

    def check_placement(self) -> None:
        """Say where the tables are, and which machines do not respond."""
        if not placed_tables():
            self.stdout.write("The database is not distributed.")
            sys.exit(1)
        wrong = misplaced_tables()
        with transaction.atomic():
            silent = silent_workers()
        for line in [*wrong, *(f"{name} does not respond" for name in silent)]:
            self.stdout.write(line)
        self.stdout.write(f"{tables_and_machines()}.")
        if wrong or silent:
            sys.exit(1)


def tables_and_machines() -> str:
    """Say how many tables are where, and on how many machines."""
    counts = tables_by_placement()
    return (
        f"{counts[Placement.DISTRIBUTED]} tables are distributed over the workers of {nodes_counted()}, "
        f"{counts[Placement.REFERENCE]} are on every machine, {counts[Placement.LOCAL]} on the coordinator alone"
    )

"""Measure the hot paths and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    """Bring up a database of its own in a temporary folder, fill it, measure, and leave nothing behind."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="lostpost-bench-") as folder:
        os.environ["LOSTPOST_DATA"] = folder
        os.environ.setdefault("LOSTPOST_SECRET_KEY", "a-key-for-measuring-and-for-nothing-else-0123456789")
        os.environ["LOSTPOST_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "lostpost.config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from lostpost.config import embedded

        with embedded.running(Path(folder)):
            call_command("migrate", verbosity=0)
            from bench.paths import measure_all

            rows = measure_all(orders=arguments.orders, rounds=arguments.rounds)
    _print(rows, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=5000, help="orders in the shop beside those measured")
    parser.add_argument("--rounds", type=int, default=250, help="measured rounds of each path")
    return parser.parse_args()


def _print(rows: list[tuple[str, ...]], arguments: argparse.Namespace) -> None:
    head, *body = rows
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    today = datetime.now(UTC).date().isoformat()
    print(f"\n{today} · {_machine()} · {arguments.orders} orders · {arguments.rounds} rounds\n")
    for number, row in enumerate([head, *body]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def _machine() -> str:
    return f"{os.cpu_count()} cores {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()

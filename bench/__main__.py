"""Measure the hot paths and print two tables: in this process, and over HTTP."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    """Bring up a database of its own in a temporary folder, fill it, measure, and leave nothing behind."""
    arguments = _arguments()
    if arguments.compare:
        from bench import compare

        print(f"\n{datetime.now(UTC).date()} · {_machine()} · {compare.TURN} requests a turn, over 4 connections\n")
        _print([compare.HEAD, *compare.compare(arguments.compare, turns=max(3, arguments.rounds // compare.TURN))])
        return
    with tempfile.TemporaryDirectory(prefix="lostpost-bench-") as folder:
        os.environ["LOSTPOST_DATA"] = folder
        os.environ.setdefault("LOSTPOST_SECRET_KEY", "a-key-for-measuring-and-for-nothing-else-0123456789")
        os.environ["LOSTPOST_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "lostpost.config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from lostpost.embedded import server as embedded

        with embedded.running(Path(folder)):
            call_command("migrate", verbosity=0)
            _measure(arguments)


def _measure(arguments: argparse.Namespace) -> None:
    from bench import invoices, over_http, paths
    from bench.marketplace import a_shop, analyze, sell
    from bench.server import can_be_measured

    if arguments.sizes:
        from bench import sizes

        print(f"\n{datetime.now(UTC).date()} · {_machine()} · confirming one item over HTTP\n")
        _print([sizes.HEAD, *sizes.measure_sizes(requests=arguments.rounds)])
    if arguments.sellers:
        print(f"\n{datetime.now(UTC).date()} · {_machine()} · {arguments.sellers:,} shops with 100 lines each\n")
        measurement = invoices.measure_invoices(sellers=arguments.sellers, pairs=250)
        _print([invoices.HEAD, *(each.row() for each in measurement)])
    if arguments.queries:
        from bench import worklist

        print(f"\n{datetime.now(UTC).date()} · {_machine()} · {arguments.rounds} rounds of a page of the worklist\n")
        pages = worklist.measure_worklist(queries=arguments.queries, rounds=arguments.rounds)
        _print([worklist.HEAD, *(each.row() for each in pages)])
    if not arguments.orders:
        return
    shop, numbers = a_shop(), [f"B-{n:06}" for n in range(arguments.orders)]
    sell(shop, numbers, items=2, quantity=1, label="Orders")
    analyze()
    measured = paths.measure_all(shop, numbers, rounds=arguments.rounds)
    today = datetime.now(UTC).date().isoformat()
    print(f"\n{today} · {_machine()} · {arguments.orders:,} orders · {arguments.rounds} rounds\n")
    _print([paths.HEAD, *(each.row() for each in measured)])
    if not can_be_measured():
        print("\nOver HTTP nothing was measured: this system does not say what another process has taken.")
        return
    done = over_http.measure_over_http(shop, numbers, measured, requests=arguments.rounds, scans_before=1000)
    print()
    _print([over_http.HEAD, *(each.row() for each in done)])
    (floor,) = (each.floor for each in done if each.floor)
    costs = f"{floor.all_ms:.2f} ms ({floor.program_ms:.2f} in the program, {floor.database_ms:.2f} in PostgreSQL)"
    print(f"\nThe floor of confirming one item: {costs}.")
    print(f"\nOver HTTP {over_http.scans_a_second(done):,.0f} scans went in per second.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=5000, help="orders in the shop beside those measured; 0: none")
    parser.add_argument("--sellers", type=int, default=0, help="shops with 100 lines each to invoice, such as 10000")
    parser.add_argument("--sizes", action="store_true", help="confirm in shops of 200 to 100,000 orders, among 10,000")
    parser.add_argument("--compare", metavar="COMMIT", help="measure a commit and what is here in turns, nothing else")
    parser.add_argument("--queries", type=int, default=0, help="open queries of a shop's worklist, such as 100000")
    parser.add_argument("--rounds", type=int, default=250, help="measured rounds, and requests, of each path")
    return parser.parse_args()


def _print(rows: Sequence[tuple[str, ...]]) -> None:
    head, *body = rows
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    for number, row in enumerate([head, *body]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def _machine() -> str:
    return f"{os.cpu_count()} cores {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()

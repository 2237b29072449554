"""The same paths over HTTP, in a web server of its own: what stands between a caller and a command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from bench import paths
from bench.client import Load, Machine, Request, as_json
from bench.floor import FloorCost, measure_floor
from bench.marketplace import SCANS, Case, Shop, cases, scan_batches, sell
from bench.paths import Measured
from bench.server import web_server
from lostpost.accounts.make_client import create_client
from lostpost.orders.data import ScanData

WARM_UP = 40
FLOOR_ROUNDS = 500
MOST_SECONDS = 20.0  # For one path.
HEAD = (
    *("path over HTTP", "requests", "requests/s", "web ms", "PostgreSQL ms", "in all ms", "to the floor"),
    *("in-process ms", "ratio"),
)


@dataclass(frozen=True)
class OverHttp:
    """A path over HTTP beside the command behind it, and the floor where one was measured."""

    command: Measured
    load: Load
    floor: FloorCost | None = None

    def row(self) -> tuple[str, ...]:
        """Give the row of the table."""
        server_ms, program_ms = self.load.web_ms, self.command.program_ms
        return (
            self.command.label,
            str(self.load.requests),
            f"{self.load.requests / self.load.wall_seconds:.0f}",
            f"{server_ms:.2f}",
            f"{self.load.database_ms:.2f}",
            f"{self.load.all_ms:.2f}",
            f"{self.load.all_ms / self.floor.all_ms:.1f}" if self.floor else "",
            f"{program_ms:.2f}",
            f"{server_ms / program_ms:.2f}",
        )


def measure_over_http(
    shop: Shop, numbers: list[str], measured: Sequence[Measured], *, requests: int, scans_before: int
) -> list[OverHttp]:
    """Measure every path over HTTP. `measured`: what they cost in this process; `scans_before`: batches put in."""
    count = requests + WARM_UP
    commands = {command.label: command for command in measured}
    batches = scan_batches(numbers, count=max(20, requests // 5) + 8, first=scans_before)
    loads = {
        paths.CONFIRM_ONE: confirmations(_cases(shop, count, items=1, quantity=1)),
        paths.CONFIRM_TEN: confirmations(_cases(shop, count, items=10, quantity=4)),
        paths.ASSESS_ONE: [Request("GET", f"/orders/A1-{n % requests:06}/assessment") for n in range(count)],
        paths.ASSESS_TEN: [Request("GET", f"/orders/A10-{n % requests:06}/assessment") for n in range(count)],
    }
    with web_server() as server:
        now = timezone.now()
        tool = Machine(server, create_client(name="Tool", seller=shop.seller, read_only=False, by="bench", now=now))
        carrier = Machine(server, create_client(name="Carrier", seller=None, read_only=False, by="bench", now=now))
        loads[paths.ORDER_LIST] = _pages(tool, count)
        floor = measure_floor(count=FLOOR_ROUNDS)
        done = [
            OverHttp(
                commands[label],
                tool.send(load, warm_up=WARM_UP, most_seconds=MOST_SECONDS),
                floor if label == paths.CONFIRM_ONE else None,
            )
            for label, load in loads.items()
        ]
        scans = carrier.send(_scans(shop, batches), warm_up=8, most_seconds=MOST_SECONDS)
        return [*done, OverHttp(commands[paths.SCANS_IN], scans)]


def scans_a_second(done: Sequence[OverHttp]) -> float:
    """Say how many scans went in over HTTP in a second."""
    ((scans, load),) = ((each.load.requests * SCANS, each.load) for each in done if each.command.of_each == SCANS)
    return scans / load.wall_seconds


def _cases(shop: Shop, count: int, *, items: int, quantity: int) -> list[Case]:
    numbers = [f"H{items}-{n:06}" for n in range(count)]
    sell(shop, numbers, items=items, quantity=quantity, label="Orders to write off over HTTP")
    return cases(shop, numbers, items=items, quantity=quantity, label="Queries")


def confirmations(ready: Sequence[Case]) -> list[Request]:
    """Return a request for each case that writes off all that is in it."""
    return [
        Request(
            "POST",
            "/write-offs",
            as_json({"customer_query": case.query, "lines": [units_as_json(units) for units in case.selection]}),
            f"confirm-{case.query}",
        )
        for case in ready
    ]


def units_as_json(units: Any) -> dict[str, Any]:
    """Write a line of a write-off as the API takes it."""
    return {"parcel": units.parcel, "item": units.item, "quantity": units.quantity}


def _pages(tool: Machine, count: int) -> list[Request]:
    """Walk through the list once, for the addresses of its pages."""
    requests = [Request("GET", f"/orders?size={paths.PAGE}")]
    connection = tool.connection()
    while len(requests) < count:
        following = json.loads(tool.ask(connection, requests[-1]))["next"]
        if following is None:
            break
        requests.append(Request("GET", f"/orders?size={paths.PAGE}&after={following.replace('+', '%2B')}"))
    connection.close()
    return (requests * (count // len(requests) + 1))[:count]


def _scans(shop: Shop, batches: Sequence[Sequence[ScanData]]) -> list[Request]:
    return [
        Request(
            "POST",
            "/scans",
            as_json(
                {
                    "scans": [
                        {
                            "seller": shop.seller.code,
                            "parcel": scan.parcel,
                            "occurred_at": scan.scanned_at.isoformat(),
                            "status": scan.status,
                            "code": scan.code,
                            "text": scan.text,
                            "location": scan.location,
                        }
                        for scan in batch
                    ]
                }
            ),
        )
        for batch in batches
    ]

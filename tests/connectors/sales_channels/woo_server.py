"""A server on loopback that answers as a shop with WooCommerce does, from orders that a test may change on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]


@dataclass
class WooServer:
    """What the shop knows, and how it behaves."""

    url: str = ""
    orders: dict[int, Record] = field(default_factory=dict)
    refunds: dict[int, list[Record]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda path: None
    hooks: list[Record] = field(default_factory=list)
    may_write: bool = True
    secret: str = "Basic Y2tfMTpjc18x"  # ck_1:cs_1

    def content(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        """Answer a question."""
        parts = path.removeprefix("/wp-json/wc/v3/").split("/")
        if parts[0] == "webhooks":
            return 200, [{**hook, "secret": ""} for hook in self.hooks]
        if len(parts) == 3:
            return 200, self.refunds.get(int(parts[1]), [])
        if len(parts) == 2:
            known = self.orders.get(int(parts[1]))
            return (200, known) if known else (404, {"message": "Invalid ID."})
        since = query.get("modified_after", [""])[0]
        listed = sorted(self.orders.values(), key=lambda order: (order["date_modified_gmt"], order["id"]))
        after = [order for order in listed if order["date_modified_gmt"] > since]
        page, size = int(query.get("page", ["1"])[0]), int(query["per_page"][0])
        return 200, after[size * (page - 1) : size * page]


@contextmanager
def woo_server(state: WooServer) -> Iterator[WooServer]:
    """Answer on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            values = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if state.may_write:
                state.hooks.append({"id": len(state.hooks) + 1, **values})
            self.answer(201 if state.may_write else 401, {})

        def do_PUT(self) -> None:
            values = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if state.may_write:
                state.hooks[int(self.path.rpartition("/")[2]) - 1].update(values)
            self.answer(200 if state.may_write else 401, {})

        def do_GET(self) -> None:
            state.asked.append(self.path)
            parts = urlsplit(self.path)
            state.before(self.path)
            known = self.headers["Authorization"] == state.secret
            refused = (401, {"message": "Sorry, you cannot list resources."})
            self.answer(*(state.content(parts.path, parse_qs(parts.query)) if known else refused))

        def answer(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def woo_order(order: int = 727, *lines: Record, modified: str = "2026-03-08T10:00:00", **more: Any) -> Record:
    """Describe a completed order: two lamps of 12.10 with 21 % VAT in it, and 4.95 for the delivery."""
    address = {"first_name": "Klaas", "last_name": "de Vries", "country": "NL", "postcode": "1111ZZ"}
    return {
        "id": order,
        "number": str(order),
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": "2026-03-07T09:00:00",
        "date_modified_gmt": modified,
        "date_completed_gmt": "2026-03-08T09:30:00",
        "total": "29.150000",
        "shipping_total": "4.090909",
        "shipping_tax": "0.859091",
        "billing": {**address, "email": "klaas@example.com"},
        "shipping": address,
        "line_items": list(lines) or [woo_line()],
        "fee_lines": [],
        "refunds": [],
        "meta_data": [],
        **more,
    }


def woo_line(line: int = 315, quantity: int = 2, total: str = "20.000000", vat: str = "4.200000") -> Record:
    return {"id": line, "name": "Desk lamp", "sku": "LAMP", "quantity": quantity, "total": total, "total_tax": vat}


def woo_refund(refund: int = 726, *, quantity: int = 1, total: str = "-10.000000", vat: str = "-2.100000") -> Record:
    line = {"id": 1, "quantity": -quantity, "total": total, "total_tax": vat}
    line["meta_data"] = [{"key": "_refunded_item_id", "value": "315"}]
    return {"id": refund, "amount": "12.100000", "line_items": [line]}


def with_trackings(*trackings: Record) -> Record:
    return {"meta_data": [{"id": 1, "key": "_wc_shipment_tracking_items", "value": list(trackings)}]}


def woo_tracking(number: str = "3SWOO1", provider: str = "postnl", **more: Any) -> Record:
    shipped = "1772928000"  # 8 March 2026, 0:00 UTC.
    return {"tracking_provider": provider, "tracking_number": number, "date_shipped": shipped, **more}

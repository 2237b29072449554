"""A server on loopback that answers as the bol Retailer API does, from records that a test may change on the way."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]
PAGE = 2  # Instead of 50, so that few records make several pages.


@dataclass
class BolServer:
    """What bol knows, and how it behaves."""

    url: str = ""
    orders: dict[str, Record] = field(default_factory=dict)
    shipments: list[Record] = field(default_factory=list)  # Newest first.
    returns: list[Record] = field(default_factory=list)  # Oldest first.
    tokens: list[str] = field(default_factory=list)  # Given out so far; the last one counts.
    asked: list[str] = field(default_factory=list)  # Paths with their query.
    before: Callable[[str], None] = lambda path: None  # Called before each answer.
    limits: dict[str, int] = field(default_factory=dict)  # By the beginning of the path: so many answers, then 429.
    limit_headers: dict[str, str] = field(default_factory=dict)
    instead: dict[str, tuple[int, Any]] = field(default_factory=dict)  # By path: another answer.
    secret: str = "Basic aWQtMTpzZWNyZXQtMQ=="  # id-1:secret-1

    def counted(self, begin: str) -> int:
        return sum(path.startswith(begin) for path in self.asked)

    def content(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        """Answer a question."""
        kind, _, name = path.removeprefix("/retailer/").partition("/")
        page = int(query.get("page", ["1"])[0])
        if name:
            of_name: Record = {
                "orders": self.orders,
                "shipments": {each["shipmentId"]: each for each in self.shipments},
                "returns": {each["returnId"]: each for each in self.returns},
            }[kind]
            return (200, of_name[name]) if name in of_name else (404, {"title": "Not found"})
        records = list(self._listed(kind, query))[PAGE * (page - 1) : PAGE * page]
        return 200, {kind: records} if records else {}

    def _listed(self, kind: str, query: dict[str, list[str]]) -> Iterator[Record]:
        if kind == "orders":
            day = query.get("latest-change-date", [""])[0]
            for known in self.orders.values():
                items = [{**item, "fulfilmentStatus": "OPEN"} for item in known["orderItems"]]
                if any(not day or item["latestChangedDateTime"].startswith(day) for item in items):
                    yield {**known, "orderItems": items}
        elif kind == "shipments":
            order, method = query.get("order-id", [""])[0], query.get("fulfilment-method", ["FBR"])[0]
            for shipment in self.shipments:
                is_method = shipment["shipmentItems"][0].get("fulfilment", {}).get("method", "FBR") == method
                if shipment["order"]["orderId"] == order if order else is_method:
                    yield {**shipment, "transport": {"transportId": "1"}}  # The list says no more of it.
        else:
            handled = query["handled"] == ["true"]
            of_state = [each for each in self.returns if each["returnItems"][0]["handled"] is handled]
            yield from reversed(of_state) if handled else of_state


@contextmanager
def bol_server(state: BolServer) -> Iterator[BolServer]:
    """Answer on a port of its own."""
    used: dict[str, int] = defaultdict(int)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.headers["Authorization"] != state.secret:
                self.answer(401, {"error": "invalid_client"})
                return
            state.tokens.append(f"token-{len(state.tokens) + 1}")
            self.answer(200, {"access_token": state.tokens[-1], "expires_in": 299, "token_type": "Bearer"})

        def do_GET(self) -> None:
            state.asked.append(self.path)
            parts = urlsplit(self.path)
            if not state.tokens or self.headers["Authorization"] != f"Bearer {state.tokens[-1]}":
                self.answer(401, {"title": "Expired JWT"})
                return
            state.before(self.path)
            limit = next((begin for begin in state.limits if parts.path.startswith(begin)), None)
            if limit:
                used[limit] += 1
                if used[limit] > state.limits[limit]:
                    self.answer(429, {"title": "Too many"}, **state.limit_headers)
                    return
            self.answer(*state.instead.get(parts.path, state.content(parts.path, parse_qs(parts.query))))

        def answer(self, status: int, content: Any, **headers: str) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
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


# What bol knows -----------------------------------------------------------------------------------------------------


def bol_order(
    order: str = "A2K8290LP8", *items: Record, changed: str = "2026-03-08T10:00:00+01:00", **more: Any
) -> Record:
    return {
        "orderId": order,
        "pickupPoint": False,
        "orderPlacedDateTime": "2026-03-08T09:00:00+01:00",
        "shipmentDetails": {
            "salutation": "UNKNOWN",
            "firstName": "Klaas",
            "surname": "de Vries",
            "streetName": "Dorpsstraat",
            "houseNumber": "1",
            "zipCode": "1111ZZ",
            "city": "Utrecht",
            "countryCode": "NL",
            "language": "nl",
            "email": "klaas@verkopen.example",
        },
        "orderItems": list(items) or [bol_item(changed=changed)],
        **more,
    }


def bol_item(item: str = "2012345678", *, changed: str = "2026-03-08T10:00:00+01:00", **more: Any) -> Record:
    return {
        "orderItemId": item,
        "cancellationRequest": False,
        "product": {"ean": "0000007740404", "title": "Desk lamp Aurora"},
        "quantity": 10,
        "quantityShipped": 10,
        "quantityCancelled": 0,
        "unitPrice": 12.99,
        "totalPrice": 118.91,
        "discounts": [{"title": "x + y", "amount": 10.99}],
        "commission": 5.18,
        "latestChangedDateTime": changed,
        **more,
    }


def bol_shipment(shipment: str = "541757635", *, order: str = "A2K8290LP8", **more: Any) -> Record:
    fulfilment = {"method": "FBR", "distributionParty": "RETAILER"}
    item = {"orderItemId": "2012345678", "fulfilment": fulfilment, "quantity": 10, "quantityShipped": 10}
    events = [
        {"eventCode": "PRE_ANNOUNCED", "eventDateTime": "2026-03-08T11:00:00+01:00"},
        {"eventCode": "AT_TRANSPORTER", "eventDateTime": "2026-03-08T17:21:07+01:00"},
    ]
    return {
        "shipmentId": shipment,
        "shipmentDateTime": "2026-03-08T10:55:37+01:00",
        "shipmentReference": "BOLCOM001",
        "order": {"orderId": order},
        "shipmentItems": [{**item, "unitPrice": 12.99}],
        "transport": {
            "transportId": "312778947",
            "transporterCode": "TNT",
            "trackAndTrace": "3SBOL0987654321",
            "transportEvents": events,
        },
        **more,
    }


def bol_return(name: str, *, order: str = "A2K8290LP8", quantity: int = 1, result: str = "") -> Record:
    results = [
        {"quantity": quantity, "processingResult": result, "handlingResult": "RETURN_RECEIVED"}
        | {"processingDateTime": "2026-03-09T10:55:37+01:00"}
    ]
    reason = {"mainReason": "Niet naar verwachting", "customerComments": ""}
    item = {"rmaId": f"rma{name}", "orderId": order, "ean": "0000007740404", "expectedQuantity": quantity}
    return {
        "returnId": name,
        "registrationDateTime": "2026-03-09T11:06:48.423+01:00",
        "fulfilmentMethod": "FBR",
        "returnItems": [
            {**item, "returnReason": reason, "handled": bool(result), "processingResults": results if result else []}
        ],
    }

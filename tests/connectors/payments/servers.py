"""Two payment providers on loopback that behave as documented, and fail on demand.

Both keep refunds with their metadata, answer a repeated idempotency key with the first answer, never give back more
than was paid, and list what they have by pages. Faults are of the next requests only, one each.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

Answer = tuple[int, dict[str, str], dict[str, Any] | str]
PAGE = "<!DOCTYPE html><html><body>The connection to the server could not be made.</body></html>"
KEY = "a-key-for-tests"


@dataclass
class Payment:
    """What a customer paid, in the provider's own units."""

    name: str
    amount: int | str
    currency: str
    intent: str = ""
    disputed: bool = False


@dataclass
class Call:
    method: str
    path: str
    key: str


@dataclass
class Server:
    """What both providers have in common."""

    payments: dict[str, Payment] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)  # For the next requests that ask for a refund.
    list_faults: deque[str] = field(default_factory=deque)  # For the next that list them.
    status: str = ""  # In which a new refund begins.
    lie: dict[str, Any] = field(default_factory=dict)  # Wrong values in answers.
    page: int = 2
    url: str = ""
    before_doing: Callable[[str], None] | None = None
    before_answer: Callable[[str], None] | None = None
    _answers: dict[str, tuple[bytes, Answer]] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock)

    name: ClassVar[str] = ""

    def refund_keys(self) -> list[str]:
        """Return the keys of all requests for a refund."""
        return [call.key for call in self.calls if call.method == "POST"]

    def listed(self) -> int:
        return sum(call.method == "GET" for call in self.calls)

    def settle(self, status: str, which: int = -1, **values: Any) -> dict[str, Any]:
        """Let a refund go on."""
        self.refunds[which].update(status=status, **values)
        return self.refunds[which]

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> Answer | None:
        """Return the provider's answer; None if it cuts the connection instead."""
        path = urlsplit(target).path
        key = headers.get("Idempotency-Key", "")
        self.calls.append(Call(method, path, key))
        queue = self.faults if method == "POST" else self.list_faults
        fault = queue.popleft() if queue else ""
        if self.before_doing:
            self.before_doing(method)
        if fault in self.BEFORE:
            return self._without_doing(fault)
        if headers.get("Authorization") != f"Bearer {KEY}":
            return self.error(401, "No such key.")
        with self._lock:
            earlier = self._answers.get(key) if method == "POST" else None
            if earlier and earlier[0] != body:
                return self.error(400, "Another request had this key.")
            answer = earlier[1] if earlier else self.handle(method, target, body)
            if method == "POST" and answer[0] < 400:
                self._answers[key] = (body, answer)
        if self.before_answer:
            self.before_answer(method)
        if self.lie and method == "POST" and isinstance(answer[2], dict):
            answer = (*answer[:2], {**answer[2], **self.lie})
        return self._after_doing(fault, answer)

    BEFORE: ClassVar = (
        *("500", "429", "409", "cut", "garbage", "duplicate"),
        *("page-200", "page-302", "page-400", "page-401", "page-404", "page-407", "page-502", "json-404"),
    )

    def _without_doing(self, fault: str) -> Answer | None:
        """Answer as a proxy in between, or refuse as the provider itself."""
        if fault == "duplicate":
            return self.error(409, "A duplicate refund has been detected.")
        if fault.startswith("page-"):
            return int(fault.removeprefix("page-")), {"Content-Type": "text/html"}, PAGE
        if fault == "json-404":
            return 404, {"Content-Type": "application/json"}, {"message": "no Route matched with those values"}
        status, more, body = self.error(int(fault) if fault.isdigit() else 502, "Not now.")
        if fault == "429":
            more = {**more, "Retry-After": "77"}
        if fault == "garbage":
            more = {"Content-Type": "text/html"}
        return None if fault == "cut" else (status, more, body)

    def _after_doing(self, fault: str, answer: Answer) -> Answer | None:
        if fault == "timeout-after":
            time.sleep(1)
        if fault in ("timeout-after", "cut-after"):
            return None
        if fault == "500-after":
            return self.error(500, "Something went wrong.")
        return (*answer[:2], {"what": "is this"}) if fault == "unreadable-after" else answer

    def handle(self, method: str, target: str, body: bytes) -> Answer:
        raise NotImplementedError

    def error(self, status: int, detail: str, **more: Any) -> Answer:
        raise NotImplementedError


class MollieServer(Server):
    """Mollie, API v2: refunds of a payment. Amounts are texts; a webhook says nothing but the payment's id."""

    name = "mollie"

    def handle(self, method: str, target: str, body: bytes) -> Answer:
        parts = urlsplit(target)
        _empty, version, payments, name, refunds = parts.path.split("/")
        assert (version, payments, refunds) == ("v2", "payments", "refunds"), target
        payment = self.payments.get(name)
        if payment is None:
            return self.error(404, "No payment exists with token " + name + ".")
        of_payment = [refund for refund in self.refunds if refund["paymentId"] == name]
        if method == "GET":
            return self._list(of_payment, parse_qs(parts.query), parts.path)
        request = json.loads(body)
        left = float(payment.amount) - sum(
            float(refund["amount"]["value"]) for refund in of_payment if refund["status"] not in ("failed", "canceled")
        )
        if payment.disputed:
            return self.error(422, "The payment has a chargeback.")
        if left <= 0:
            return self.error(422, "The payment has already been refunded.")
        if request["amount"]["currency"] != payment.currency:
            return self.error(422, "The currency is not that of the payment.", field="amount.currency")
        if float(request["amount"]["value"]) > left:
            return self.error(422, "The amount is higher than the maximum.", field="amount")
        number = len(self.refunds) + 1
        refund = {
            "resource": "refund",
            "id": f"re_{number:06}",
            "mode": "test",
            "amount": request["amount"],
            "status": self.status or "pending",
            "createdAt": "2026-03-10T12:00:00+00:00",
            "description": request["description"],
            "metadata": request["metadata"],
            "paymentId": name,
            "_links": {
                "self": {"href": f"{self.url}{parts.path}/re_{number:06}", "type": "application/hal+json"},
                "payment": {"href": f"{self.url}/v2/payments/{name}", "type": "application/hal+json"},
                "documentation": {"href": "https://docs.mollie.com", "type": "text/html"},
            },
        }
        self.refunds.append(refund)
        return 201, {"Content-Type": "application/hal+json"}, dict(refund)

    def _list(self, refunds: list[dict[str, Any]], query: dict[str, list[str]], path: str) -> Answer:
        newest = [dict(refund) for refund in reversed(refunds)]
        if begin := query.get("from", [""])[0]:
            names = [refund["id"] for refund in newest]
            newest = newest[names.index(begin) :]
        page, rest = newest[: self.page], newest[self.page :]
        link = {"href": f"{self.url}{path}?from={rest[0]['id']}", "type": "application/hal+json"} if rest else None
        return (
            200,
            {"Content-Type": "application/hal+json"},
            {
                "count": len(page),
                "_embedded": {"refunds": page},
                "_links": {
                    "self": {"href": f"{self.url}{path}", "type": "application/hal+json"},
                    "previous": None,
                    "next": link,
                    "documentation": {"href": "https://docs.mollie.com", "type": "text/html"},
                },
            },
        )

    def error(self, status: int, detail: str, **more: Any) -> Answer:
        link = {"documentation": {"href": "https://docs.mollie.com/errors", "type": "text/html"}}
        body = {"status": status, "title": "Error", "detail": detail, "_links": link, **more}
        return status, {"Content-Type": "application/hal+json"}, body


class StripeServer(Server):
    """Stripe, API v1: refunds of a charge or of its payment intent. Amounts are integers; events are signed."""

    name = "stripe"

    def handle(self, method: str, target: str, body: bytes) -> Answer:
        parts = urlsplit(target)
        assert parts.path == "/v1/refunds", target
        wish = dict(parse_qsl(parts.query if method == "GET" else body.decode()))
        name = wish.get("payment_intent") or wish.get("charge", "")
        side = "intent" if "payment_intent" in wish else "name"
        payment = next((each for each in self.payments.values() if getattr(each, side) == name), None)
        if payment is None:
            return self.error(404, f"No such payment: {name}", code="resource_missing")
        of_payment = [each for each in self.refunds if each["charge"] == payment.name]
        if method == "GET":
            return self._list(of_payment, wish)
        alive = [each for each in of_payment if each["status"] not in ("failed", "canceled")]
        left = int(payment.amount) - sum(each["amount"] for each in alive)
        if payment.disputed:
            return self.error(400, "Charge has been charged back; cannot issue a refund.", code="charge_disputed")
        if left <= 0:
            return self.error(400, "Charge has already been refunded.", code="charge_already_refunded")
        if int(wish["amount"]) > left:
            return self.error(400, "Refund amount is greater than unrefunded amount on charge.")
        refund = {
            "id": f"re_{len(self.refunds) + 1:06}",
            "object": "refund",
            "amount": int(wish["amount"]),
            "currency": payment.currency.lower(),
            "charge": payment.name,
            "payment_intent": payment.intent or None,
            "status": self.status or "pending",
            "metadata": {name[9:-1]: value for name, value in wish.items() if name.startswith("metadata[")},
        }
        self.refunds.append(refund)
        return 200, {"Content-Type": "application/json"}, dict(refund)

    def _list(self, refunds: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        newest = [dict(each) for each in reversed(refunds)]
        if after := query.get("starting_after"):
            names = [each["id"] for each in newest]
            newest = newest[names.index(after) + 1 :]
        body = {
            "object": "list",
            "url": "/v1/refunds",
            "data": newest[: self.page],
            "has_more": len(newest) > self.page,
        }
        return 200, {"Content-Type": "application/json"}, body

    def error(self, status: int, detail: str, **more: Any) -> Answer:
        kind = "api_error" if status >= 500 else "invalid_request_error"
        return status, {"Content-Type": "application/json"}, {"error": {"type": kind, "message": detail, **more}}


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Let a provider listen on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = server.answer(self.command, self.path, self.headers, body)
            self.close_connection = True
            if answer is None:
                return
            status, headers, content = answer
            written = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(written)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(written)
            except OSError:  # The client has disconnected.
                return

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, format: str, *words: Any) -> None:  # noqa: A002
            """Say nothing."""

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of callers that were killed."""

    listening = Listening(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()

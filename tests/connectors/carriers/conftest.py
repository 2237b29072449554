"""A server on loopback that answers as a carrier does, or does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from lostpost.connector_accounts.known_accounts import remember_accounts
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.connect_account import AccountWish, connect_account

Reply = tuple[int, object] | tuple[int, object, dict[str, str]]
CREDENTIALS = {
    "dhl": {"api_key": "a-key"},
    "postnl": {"api_key": "a-key"},
    "gls": {"client_id": "us", "client_secret": "a-secret"},
    "ups": {"client_id": "us", "client_secret": "a-secret"},
    "dpd": {"delis_id": "us", "password": "a-secret & more"},
    "bpost": {"account_id": "us", "passphrase": "a-secret"},
}


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Carrier:
    """What it is asked, and how it answers: a status, a body (JSON unless it is text or bytes), and more headers."""

    url: str = ""
    asked: list[Request] = field(default_factory=list)
    answer: Callable[[Request], Reply] = lambda _request: (404, {})
    hold: threading.Event = field(default_factory=threading.Event)  # Answers wait while it is clear.

    def says(self, status: int, body: object = "", **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _request: (status, body, sent)


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    state = Carrier()
    state.hold.set()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            state.asked.append(request)
            state.hold.wait(30)
            status, content, *more = state.answer(request)
            sent = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else b""
            sent = sent or json.dumps(content).encode()
            self.send_response(status)
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_GET(self) -> None:
            self.handle_one()

        def do_POST(self) -> None:
            self.handle_one()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments: Any) -> None:
            """Say nothing of clients that went away."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    state.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()
    remember_accounts(())


@pytest.fixture
def account_of(carrier) -> Callable[..., ConnectorAccount]:
    """Set up accounts that ask the server, with no pause between calls."""

    def account(connector: str, seller: Any = None, **options: str) -> ConnectorAccount:
        wish = AccountWish(
            CREDENTIALS[connector], {"url": carrier.url, **options}, calls_a_day=100_000, seconds_between_calls=0
        )
        row, _new = connect_account(connector=connector, seller=seller, wish=wish, by="operator", now=timezone.now())
        return row

    return account

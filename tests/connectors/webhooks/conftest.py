"""A partner's server, and a webhook that leads to it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from lostpost.events.models import Webhook
from lostpost.events.put_webhook import put_webhook
from lostpost.events.record import record_events
from lostpost.jobs.webhooks import deliver_events


class Partner:
    """A partner's server: records requests and answers with the next of its statuses."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[int] = []
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                partner.paths.append(self.path)
                partner.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(partner.answers.pop(0) if partner.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def sequences(self) -> list[int]:
        return [json.loads(body)["sequence"] for _headers, body in self.received]


@pytest.fixture
def partner(settings):
    settings.WEBHOOKS_TO_PRIVATE = True
    partner = Partner()
    yield partner
    partner.server.shutdown()
    partner.server.server_close()


@pytest.fixture
def hook(anna, partner):
    webhook, new = put_webhook(
        seller_id=anna.seller_id, name="tool", url=partner.url, after=None, by="Anna", now=timezone.now()
    )
    assert new
    return webhook


def happen(seller_id, count=1):
    record_events(seller_id, [("order.created", {"order_number": f"Ü-{n}"}) for n in range(count)], timezone.now())


def work(hook):
    deliver_events(seller=str(hook.seller_id), webhook=str(hook.id))
    return Webhook.objects.get(seller_id=hook.seller_id, id=hook.id)


def wait_is_over(hook, **values):
    Webhook.objects.filter(seller_id=hook.seller_id, id=hook.id).update(next_attempt_at=timezone.now(), **values)

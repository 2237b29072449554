"""One event on its way to one address."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from datetime import datetime
from urllib.parse import SplitResult

from standardwebhooks import Webhook as Signer

from lostpost.connectors.webhooks.address import parts_of, reachable
from lostpost.connectors.webhooks.problem import ANSWERED, GONE, of_network
from lostpost.core.clock import rfc3339
from lostpost.core.errors import Refused
from lostpost.core.sealed import KeyMissing
from lostpost.events.models import Event, Webhook
from lostpost.events.put_webhook import live_secrets

STEP_SECONDS, ALL_SECONDS = 10, 20


class Undelivered(Exception):
    """The address did not take the event; `gone`: and says that it never will."""

    def __init__(self, problem: str, *, gone: bool = False) -> None:
        super().__init__(problem)
        self.gone = gone


def deliver(webhook: Webhook, event: Event, now: datetime) -> None:
    """Send an event, signed with each secret that is good now; no redirect is followed. Raises Undelivered."""
    body = message(webhook, event)
    try:
        status = _post(parts_of(webhook.url), body, signed(webhook, event, body, now))
    except Refused as refusal:
        raise Undelivered(str(refusal)) from refusal
    except KeyMissing as missing:
        raise Undelivered(str(missing)) from missing
    except (OSError, UnicodeError, http.client.HTTPException) as trouble:
        raise Undelivered(of_network(trouble)) from trouble
    if status == 410:
        raise Undelivered(GONE, gone=True)
    if not 200 <= status < 300:
        raise Undelivered(ANSWERED % {"status": status})


def message(webhook: Webhook, event: Event) -> bytes:
    """Write the event down, the same for every attempt."""
    said = {
        "type": event.type,
        "timestamp": rfc3339(event.at),
        "seller": webhook.seller.code,
        "sequence": event.sequence,
        "data": event.data,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def signed(webhook: Webhook, event: Event, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of the specification: an id that a repeat has too, the time, and the signatures."""
    message_id = f"evt_{event.seller_id.hex}_{event.sequence}"
    signatures = [Signer(secret).sign(message_id, now, body.decode()) for secret in live_secrets(webhook, now)]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
        "User-Agent": "Lostpost",
    }


def _post(parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    address, port = reachable(parts)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts, address, port)
    # Whoever answers a byte at a time does not keep a worker: the connection is shut after a while.
    limit = threading.Timer(ALL_SECONDS, lambda: _shut(connection))
    limit.daemon = True
    limit.start()
    try:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status
    finally:
        limit.cancel()
        connection.close()


def _shut(connection: http.client.HTTPConnection) -> None:
    try:
        connection.sock.shutdown(socket.SHUT_RDWR)
    except (OSError, AttributeError):  # It is closed already.
        return


def _connection(parts: SplitResult, address: str, port: int) -> http.client.HTTPConnection:
    """Connect to the address that was checked, whatever the name means by now; the certificate is the name's."""
    assert parts.hostname is not None
    plain = socket.create_connection((address, port), timeout=STEP_SECONDS)
    connection = http.client.HTTPConnection(parts.netloc, timeout=STEP_SECONDS)
    if parts.scheme == "https":
        try:
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)
        except OSError:
            plain.close()
            raise
    else:
        connection.sock = plain
    return connection

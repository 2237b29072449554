"""Deliver one event to one address."""

from __future__ import annotations

import json
from datetime import datetime

import h11
from standardwebhooks import Webhook as Signer

from lostpost.connectors.exchange import AnswerTooLong
from lostpost.connectors.webhooks.address import address_parts
from lostpost.connectors.webhooks.post_webhook import post_webhook
from lostpost.connectors.webhooks.problem import network_problem
from lostpost.core.clock import rfc3339
from lostpost.core.errors import Refused
from lostpost.core.sealed import KeyMissing
from lostpost.events.models import Event, Webhook
from lostpost.events.put_webhook import live_secrets
from lostpost.texts.webhooks import DELIVERY_PROBLEMS


class Undelivered(Exception):
    """The address did not accept the event; `gone`: it answered 410 and never will."""

    def __init__(self, problem: str, *, gone: bool = False) -> None:
        super().__init__(problem)
        self.gone = gone


def deliver_batch(webhook: Webhook, event: Event, now: datetime) -> None:
    """Send an event, signed with each secret that is good now; no redirect is followed.

    It is delivered if the answer is 2xx and complete. Raises Undelivered.
    """
    body = webhook_message(webhook, event)
    try:
        status = post_webhook(address_parts(webhook.url), body, signed(webhook, event, body, now))
    except Refused as refusal:
        raise Undelivered(str(refusal)) from refusal
    except KeyMissing as missing:
        raise Undelivered(str(missing)) from missing
    except AnswerTooLong as long:
        raise Undelivered(DELIVERY_PROBLEMS["answer-too-long"]) from long
    except (OSError, ValueError, h11.ProtocolError) as error:
        raise Undelivered(network_problem(error)) from error
    if status == 410:
        raise Undelivered(DELIVERY_PROBLEMS["gone"], gone=True)
    if not 200 <= status < 300:
        raise Undelivered(DELIVERY_PROBLEMS["refused"] % {"status": status})


def webhook_message(webhook: Webhook, event: Event) -> bytes:
    """Return the body that is sent for an event, the same for every attempt."""
    message = {
        "type": event.type,
        "timestamp": rfc3339(event.at),
        "seller": webhook.seller.code,
        "sequence": event.sequence,
        "data": event.data,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


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

"""WooCommerce's webhooks: made by us where the key may write, looked after each day, and read.

WooCommerce never sends again what failed, and disables a webhook after more than five failures in a row without a word.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from lostpost.connectors.sales_channels.platform import ToldOrder
from lostpost.connectors.sales_channels.reading import line_of
from lostpost.connectors.tracking_sources.adapter import same_text

TOPICS = ("order.created", "order.updated", "order.deleted")


def is_ping(body: bytes) -> bool:
    """Say whether a delivery is the first one of a new webhook: a form with its number, not signed."""
    return body.startswith(b"webhook_id=") and body.removeprefix(b"webhook_id=").isdigit()


def is_signed_by_shop(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Compare the signature: Base64 of HMAC-SHA256 of the body."""
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return same_text(headers.get("X-WC-Webhook-Signature", ""), expected)


def told_order(body: bytes) -> ToldOrder | None:
    """Read which order changed; None if the body tells of none.

    The delivery's own id is no key: two in one second have the same. When the order was modified, and the body are.
    """
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    reference = line_of(content, "id", 64) if isinstance(content, dict) else ""
    if not reference:
        return None
    modified = line_of(content, "date_modified_gmt", 40)
    return ToldOrder(reference, f"{reference} {modified} {hashlib.sha256(body).hexdigest()[:32]}"[:150])

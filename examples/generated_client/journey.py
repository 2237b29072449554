"""The whole journey, with a client that a generator made from the API's document: see README.md.

`python journey.py platform` puts in what was sold and sent; `python journey.py shop` writes off what was lost.
"""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from lostpost_client import AuthenticatedClient
from lostpost_client.api.customer_queries import get_timeline, start_customer_contact
from lostpost_client.api.events import list_events
from lostpost_client.api.orders import assess_order
from lostpost_client.api.platform import post_scans, put_order, put_parcel, put_seller
from lostpost_client.api.signing_in import get_token
from lostpost_client.api.write_offs import create_write_off, get_refund, get_write_off, preview_write_off
from lostpost_client.models import (
    ContactIn,
    CustomerIn,
    ItemIn,
    LineIn,
    OAuthErrorOut,
    OrderIn,
    ParcelIn,
    ParcelInShippingMethod,
    PreviewIn,
    ProblemOut,
    PutOut,
    ScanIn,
    ScanInStatus,
    ScansIn,
    SellerIn,
    TokenIn,
    TokenOut,
    UnitIn,
    WriteOffIn,
)
from lostpost_client.types import Response

LOSTPOST = os.environ.get("LOSTPOST", "http://localhost:8000")
SHOP, ORDER, PARCEL = "lampenhuis", "2398-4471", "P1"
Parsed = TypeVar("Parsed")


def signed_in() -> AuthenticatedClient:
    """Get a token for the client that the environment names."""
    known = b64encode(f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()).decode()
    client = AuthenticatedClient(LOSTPOST, known, prefix="Basic")
    answer = get_token.sync(client=client, body=TokenIn("client_credentials"))
    if not isinstance(answer, TokenOut):
        raise SystemExit(f"Not signed in: {answer.error if isinstance(answer, OAuthErrorOut) else answer}")
    return AuthenticatedClient(LOSTPOST, answer.access_token)


def done(response: Response[Parsed | ProblemOut]) -> Parsed:
    """Return what was answered; a refusal ends the program with its code and sentence."""
    answer = response.parsed
    if answer is None or isinstance(answer, ProblemOut):
        raise SystemExit(f"{answer.code}: {answer.detail}" if answer else f"No answer: {response.status_code}")
    return answer


def days_ago(days: float) -> datetime:
    """Make a date up: parcels must have been silent for some days to count as lost."""
    return datetime.now(UTC) - timedelta(days=days)


def platform() -> None:
    """Put in a shop, an order, its parcel and two scans."""
    client = signed_in()
    shop = done(put_seller.sync_detailed(SHOP, client=client, body=SellerIn("Lampenhuis", language="nl")))
    lamp = ItemIn(item="A", title="Ceramic lamp, white", quantity=2, paid_minor=7990, commission_minor=958)
    order = OrderIn(
        placed_at=days_ago(10),
        currency="EUR",
        delivery_costs_minor=495,
        customer=CustomerIn("Klaas Vaak", "klaas@example.com", language="nl"),
        items=[lamp],
    )
    parcel = ParcelIn(
        order_number=ORDER,
        shipping_method=ParcelInShippingMethod.OWN,
        carrier="dpd",
        tracking_number="3SABC1234",
        shipped_at=days_ago(9),
        units=[UnitIn("A", 2)],
    )
    put: list[PutOut] = [
        done(put_order.sync_detailed(SHOP, ORDER, client=client, body=order)),
        done(put_parcel.sync_detailed(SHOP, PARCEL, client=client, body=parcel)),
    ]
    scans = [
        ScanIn(days_ago(8), ScanInStatus.WITH_CARRIER, seller=SHOP, parcel=PARCEL),
        ScanIn(days_ago(7), ScanInStatus.IN_TRANSIT, carrier="dpd", tracking_number="3SABC1234"),
    ]
    taken = done(post_scans.sync_detailed(client=client, body=ScansIn(scans)))
    print(shop.name, *(each.state.value for each in put), taken.accepted, len(taken.rejected))


def shop() -> None:
    """Assess the order, ask the customer for patience, preview, write off, and read what came of it."""
    client = signed_in()
    assessed = done(assess_order.sync_detailed(ORDER, client=client))
    print("eligible", assessed.eligible, assessed.units[0].refund_minor, assessed.currency)

    contact = ContactIn(ORDER, "Your parcel", "We are asking the carrier where your parcel is.", leave_open=True)
    query = done(start_customer_contact.sync_detailed(client=client, body=contact, idempotency_key="contact-2398-4471"))
    lines = [LineIn(PARCEL, "A", 2)]
    shown = done(preview_write_off.sync_detailed(client=client, body=PreviewIn(query.number, lines)))

    wish = WriteOffIn(query.number, lines, token=shown.token)
    first, again = (
        done(create_write_off.sync_detailed(client=client, body=wish, idempotency_key="write-off-2398-4471-1"))
        for _attempt in range(2)  # As after a lost connection: the same key, the same answer.
    )
    assert first == again
    assert first.refund.amount_minor == shown.refund_minor
    made = done(get_write_off.sync_detailed(first.number, client=client))
    assert made == first
    refund = done(get_refund.sync_detailed(first.number, client=client))
    print("refund", refund.state, refund.amount_minor, refund.currency, refund.requested_at.isoformat())
    print("timeline", *(each.kind for each in done(get_timeline.sync_detailed(query.number, client=client)).items))

    after = 0
    while (page := done(list_events.sync_detailed(client=client, after=after, size=2))).items:
        for event in page.items:
            print("event", event.sequence, event.type_)
        after = page.items[-1].sequence

    refused = create_write_off.sync(
        client=client, body=WriteOffIn(query.number, lines), idempotency_key="write-off-2398-4471-2"
    )
    assert isinstance(refused, ProblemOut)
    print("refused", refused.status, refused.code, *(why.code for line in refused.lines or [] for why in line.refusals))


if __name__ == "__main__":
    {"platform": platform, "shop": shop}[sys.argv[1]]()

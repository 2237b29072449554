"""How an e-mail to a customer is addressed: by relay addresses, in the thread that the customer has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from lostpost.customer_queries.models import Mail
from lostpost.orders.models import Order
from lostpost.relay.addresses import Side, relay_is_on, reserve_addresses
from lostpost.relay.models import IncomingMail

REFERENCES_MAX = 20


@dataclass(frozen=True, slots=True)
class Route:
    """Where answers go, where mail servers report, and what the customer has already: Message-IDs, oldest first."""

    sender: str
    bounces: str
    references: Sequence[str]


def route_of(*, mail: Mail, now: datetime) -> Route | None:
    """Return how an e-mail is addressed, the same at each repeat; None if the relay is off."""
    addresses = reserve_addresses(mail=mail, now=now)
    if addresses is None:
        return None
    return Route(addresses.sender, addresses.bounces, _ids_the_customer_knows(mail))


def shown_recipient(order: Order) -> str:
    """Return what a seller sees of whom an e-mail goes to: the address only where it is not relayed."""
    return order.customer_name if relay_is_on() else order.customer_email


def message_id(mail_id: UUID) -> str:
    """Return the Message-ID of an e-mail: always the same for its row."""
    domain = settings.RELAY_DOMAIN if relay_is_on() else parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{mail_id}@{domain or 'localhost'}>"


def _ids_the_customer_knows(mail: Mail) -> list[str]:
    ours = Mail.objects.filter(
        seller_id=mail.seller_id, query_id=mail.query_id, sent_at__isnull=False, queued_at__lte=mail.queued_at
    ).exclude(id=mail.id)
    theirs = IncomingMail.objects.filter(
        seller_id=mail.seller_id,
        query_id=mail.query_id,
        address__side=Side.CUSTOMER,
        state=IncomingMail.State.FILED,
        received_at__lte=mail.queued_at,
    )
    said = [(at, message_id(mail_id)) for at, mail_id in _newest(ours, "sent_at", "id")]
    said += [(at, f"<{their_id}>") for at, their_id in _newest(theirs, "received_at", "message_id")]
    return list(dict.fromkeys(each for _at, each in sorted(said)))[-REFERENCES_MAX:]


def _newest(rows: QuerySet[Any], at: str, name: str) -> Iterable[tuple[datetime, Any]]:
    return rows.order_by(f"-{at}").values_list(at, name)[:REFERENCES_MAX]

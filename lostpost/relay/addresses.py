"""Relay addresses: who is written to at each, and the address of each side of a query."""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from lostpost.accounts.models import Seller
from lostpost.core.ownership import cross_seller, uuid7
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.relay.models import RelayAddress

Side = RelayAddress.Side
SHOP = "shop-"  # Before a shop's code: the address at which customers open queries.
_TOKEN_BYTES = 20  # 32 letters and digits: nobody guesses one, and mail servers carry it.
_LONGEST_LOCAL_PART = 64


class NoSuchAddress(Exception):
    """Nobody is written to at this address; the message goes to the sender's mail server."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Who is written to. `address`: none for a shop as a whole."""

    seller_id: UUID
    recipient: str
    address: RelayAddress | None = None

    @property
    def takes_reports(self) -> bool:
        """Whether mail servers report here."""
        return self.address is not None and self.address.side == Side.BOUNCE


def relay_is_on() -> bool:
    """Whether the operator has given a domain for relay addresses."""
    return bool(settings.RELAY_DOMAIN)


def written_address(address: RelayAddress) -> str:
    """Return the address as mail programs have it."""
    return f"{address.token}@{settings.RELAY_DOMAIN}"


def shop_address(code: str) -> str:
    """Return the address at which customers open queries with a shop; empty if there is none."""
    name = f"{SHOP}{code.lower()}"
    return f"{name}@{settings.RELAY_DOMAIN}" if relay_is_on() and len(name) <= _LONGEST_LOCAL_PART else ""


def destination_of(recipient: str) -> Destination:
    """Return who is written to at an address of the envelope. Case, and what stands behind a plus, do not matter.

    Raises: NoSuchAddress.
    """
    name, at, domain = recipient.strip().strip("<>").rpartition("@")
    if not relay_is_on() or not at or domain.lower() != settings.RELAY_DOMAIN:
        raise NoSuchAddress("5.7.1 Not our domain.")
    name = name.partition("+")[0].lower()
    written = f"{name}@{settings.RELAY_DOMAIN}"
    if name.startswith(SHOP):
        return Destination(_shop(name.removeprefix(SHOP)), written)
    with cross_seller("whose relay address somebody writes to"):
        address = RelayAddress.objects.filter(token=name).first() if name.isascii() and name.isalnum() else None
    if address is None:
        raise NoSuchAddress("5.1.1 There is no such address.")
    if address.ended_at is not None:
        raise NoSuchAddress("5.1.1 This address is not used any more. Use the link in the newest e-mail.")
    return Destination(address.seller_id, written, address)


def _shop(code: str) -> UUID:
    found = list(Seller.objects.filter(code__iexact=code).values_list("id", flat=True)[:2])
    if len(found) != 1:  # None, or two whose codes differ by capitals alone.
        raise NoSuchAddress("5.1.1 There is no such address.")
    return found[0]


@dataclass(frozen=True, slots=True)
class MailAddresses:
    """The addresses of one e-mail to a customer: where answers go, and where mail servers report."""

    sender: str
    bounces: str


def address_for_sellers(query: CustomerQuery) -> str:
    """Return where people of the shop may answer by e-mail; empty before the first e-mail of the query was sent."""
    if not relay_is_on():
        return ""
    addresses = RelayAddress.objects.filter(seller_id=query.seller_id, query_id=query.id, side=Side.SELLER)
    address = addresses.filter(ended_at=None).first()
    return written_address(address) if address else ""


@transaction.atomic(durable=True)
def reserve_addresses(*, mail: Mail, now: datetime) -> MailAddresses | None:
    """Return the addresses of an e-mail, the same at each repeat; None if the relay is off.

    From then on the shop's people have one, too, by which they answer from their own mailboxes.
    """
    if not relay_is_on():
        return None
    _address(mail, Side.SELLER, now=now)
    return MailAddresses(
        sender=written_address(_address(mail, Side.CUSTOMER, now=now)),
        bounces=written_address(_address(mail, Side.BOUNCE, now=now)),
    )


def _address(mail: Mail, side: RelayAddress.Side, *, now: datetime) -> RelayAddress:
    """Return the address of a side that is in use, or make it; of two that make it at once, one does."""
    mail_id = mail.id if side == Side.BOUNCE else None
    of_mail = Q(mail_id=mail_id) if mail_id else Q(query_id=mail.query_id, side=side)
    wanted = RelayAddress.objects.filter(of_mail, seller_id=mail.seller_id, ended_at=None)
    if existing := wanted.first():
        return existing
    address = RelayAddress(
        seller_id=mail.seller_id,
        id=uuid7(),
        token=b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode().lower(),
        side=side,
        query_id=mail.query_id,
        mail_id=mail_id,
        created_at=now,
    )
    RelayAddress.objects.bulk_create([address], ignore_conflicts=True)
    return wanted.get()

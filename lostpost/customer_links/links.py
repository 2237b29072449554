"""Make the link that stands in e-mails to a customer, and find what a token leads to."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from lostpost.core.link_masking import MASK
from lostpost.core.ownership import cross_seller, uuid7
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.models import CustomerQuery

PATH = "/c/"
LASTS = timedelta(days=90)
LEFT_AT_LEAST = timedelta(days=30)  # In a new e-mail: else there is another link in it.


@transaction.atomic(durable=True)
def link_in_mail(*, query: CustomerQuery, now: datetime) -> str:
    """Return the address of the customer's link: that of the earlier e-mails as long as it lasts.

    A token follows from the row's id and the secret key, so that each e-mail may have it and none is stored.
    """
    kept = CustomerLink.objects.filter(
        seller_id=query.seller_id,
        query_id=query.id,
        purpose=CustomerLink.Purpose.QUERY,
        revoked_at=None,
        ends_at__gt=now + LEFT_AT_LEAST,
    )
    for link in kept.order_by("-ends_at"):
        if link.token_hash == hash_of(_token(link.id)):  # Not where the secret key was changed since.
            return _address(_token(link.id))
    link_id = uuid7()
    CustomerLink.objects.create(
        seller_id=query.seller_id,
        id=link_id,
        query_id=query.id,
        token_hash=hash_of(_token(link_id)),
        created_at=now,
        ends_at=now + LASTS,
    )
    return _address(_token(link_id))


def without_link(text: str, address: str) -> str:
    """Return the text of an e-mail for whoever may read it here: the link is the customer's alone."""
    return text.replace(address, f"{settings.LOSTPOST_URL}{PATH}{MASK}") if address else text


def link_of_token(token: str, *, now: datetime) -> CustomerLink | None:
    """Return the link of a token while it counts."""
    with cross_seller("which query a customer's link leads to"):
        link = CustomerLink.objects.filter(token_hash=hash_of(token)).first()
    return link if link and _counts(link, now) else None


def link_of_id(seller_id: UUID, link_id: UUID, *, now: datetime) -> CustomerLink | None:
    """Return a link with its query, order and shop, while it counts."""
    links = CustomerLink.objects.select_related("query__order", "seller").filter(seller_id=seller_id, id=link_id)
    link = links.first()
    return link if link and _counts(link, now) else None


def hash_of(token: str) -> str:
    """Return what is stored of a token: it is random, so that no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _counts(link: CustomerLink, now: datetime) -> bool:
    return link.revoked_at is None and now < link.ends_at


def _token(link_id: UUID) -> str:
    secret = salted_hmac("lostpost.customer_links", str(link_id), algorithm="sha256").digest()
    return urlsafe_b64encode(secret).decode().rstrip("=")


def _address(token: str) -> str:
    return f"{settings.LOSTPOST_URL}{PATH}{token}"

"""Take a customer's word, on the page of their link, that what was written off came after all."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction

from lostpost.core.idempotency import claim
from lostpost.core.ownership import uuid7
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.received_messages import add_received_message
from lostpost.customer_queries.timeline import lock_queries_of, lock_query
from lostpost.found_parcels.note_evidence import Evidence, Kind, note_evidence
from lostpost.found_parcels.reads import write_offs_of_query
from lostpost.writeoffs.models import WriteOffLine

Wish = Literal["keep", "send-back", ""]
WISHES = {"keep": "wishes_to_keep", "send-back": "wishes_to_send_back"}  # As a message's facts have them.


@transaction.atomic(durable=True)
def say_parcel_came(*, link: CustomerLink, message: str, wish: Wish, key: str, now: datetime) -> None:
    """Add the message to the query of the link, and note it with every parcel of the write-offs that it is about.

    With the same key it stands once. No money moves: the shop decides what follows, unit by unit.

    Args: `wish`: what the customer would like best.
    Raises: MessageRefused, KeyReused.
    """
    text = require_message(message)
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=link.seller_id, id=link.query_id)
    query = lock_query(number, seller_id=link.seller_id)
    lock_queries_of(query.order)
    write_offs = write_offs_of_query(query)
    content = [number, text, wish]
    if claim(key, scope="link-message", seller_id=link.seller_id, content=content, result_id=uuid7(), now=now):
        return
    wishes = {WISHES[wish]: True} if wish else {}
    entry = add_received_message(query, text, now=now, by_link=True, came_after_all=True, **wishes)
    if entry.query_id != query.id:  # It was handled too long ago.
        order = query.order
        query = CustomerQuery.objects.select_for_update().get(seller_id=link.seller_id, id=entry.query_id)
        query.order = order
    lines = WriteOffLine.objects.select_related("write_off", "parcel_unit__parcel").filter(
        seller_id=link.seller_id, write_off_id__in=write_offs.values("id")
    )
    evidence = Evidence(Kind.CUSTOMER, str(entry.id), now, data=wishes)
    written_off = {
        (line.write_off_id, line.parcel_unit.parcel_id): (line.write_off, line.parcel_unit.parcel)
        for line in lines.order_by("id")
    }
    for write_off, parcel in written_off.values():
        note_evidence(write_off, parcel, evidence, query=query, now=now)

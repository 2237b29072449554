"""Ask a customer to sign that a parcel did not arrive."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import NotFound
from lostpost.core.text import is_storable
from lostpost.customer_queries.messages import queue_mail
from lostpost.customer_queries.states import require_open
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.declarations.models import Declaration
from lostpost.declarations.sentences import sentence_for
from lostpost.orders.models import Parcel

ASKED_MAIL = "declaration.asked"  # The kind of its e-mail.


@transaction.atomic(durable=True)
def ask_for_declaration(*, number: str, parcel: str, by: Actor, now: datetime) -> Declaration:
    """Write the declaration down, and send the customer an e-mail with their link; asked again, nothing changes.

    Args: `parcel`: its code; of the query's order.
    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NotFound.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    parcels = Parcel.objects.filter(seller_id=by.seller_id, order_id=query.order_id, code=parcel)
    box = parcels.first() if is_storable(parcel) else None
    if box is None:
        raise NotFound(_("There is no such parcel in the order of this customer query."))
    existing = Declaration.objects.filter(seller_id=by.seller_id, query_id=query.id, parcel_id=box.id).first()
    if existing:
        return existing
    require_open(query, now=now)
    language, sentence = sentence_for(query.order, box, shop=by.seller.name)
    declaration = Declaration(
        seller_id=by.seller_id,
        query_id=query.id,
        parcel_id=box.id,
        language=language,
        sentence=sentence,
        asked_at=now,
        asked_by_user_id=by.user_id,
        asked_by_name=by.name,
    )
    declaration.save(force_insert=True)
    entry = add_entry(query, "declaration.asked", now=now, by=by, parcel=box.code)
    queue_mail(query, kind=ASKED_MAIL, about_id=entry.id, now=now)
    return declaration

"""Read declarations: those of a query, the text that is downloaded, and which carriers ask for one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.kept_query import KeptQuery
from lostpost.core.text import compact_form
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.declarations.models import Declaration
from lostpost.eligibility.policy import Policy

_OF_QUERY = KeptQuery(
    lambda **query: Declaration.objects.select_related("parcel").filter(**query).order_by("asked_at", "id"),
    seller_id=UUID,
    query_id=UUID,
)


def declarations_of(query: CustomerQuery) -> list[Declaration]:
    """Return the declarations of a query with their parcels, the first that was asked for first."""
    return _OF_QUERY(seller_id=query.seller_id, query_id=query.id)


def declaration_of(mail: Mail) -> Declaration:
    """Return the declaration that an e-mail asks for."""
    assert mail.about_id
    data = TimelineEntry.objects.values_list("data", flat=True).get(seller_id=mail.seller_id, id=mail.about_id)
    rows = Declaration.objects.filter(seller_id=mail.seller_id, query_id=mail.query_id)
    return rows.get(parcel__code=data["parcel"])


def declaration_text(declaration: Declaration) -> str:
    """Return what was signed as a file for the carrier, in the words and the language of whoever signed."""
    assert declaration.signed_at
    assert declaration.signed_on
    return (
        f"{declaration.sentence}\n\n{declaration.signed_name}\n{declaration.signed_on.isoformat()}\n\n"
        f"{declaration.signed_at.isoformat(timespec='seconds')}\n"
    )


def carrier_asks_for_declaration(carrier: str, policy: Policy) -> bool:
    """Return whether the marketplace says that a carrier pays claims only with a declaration."""
    wanted = {compact_form(each) for each in policy.declaration_carriers.split(",")} - {""}
    return compact_form(carrier) in wanted


def forget_declarations(*, seller_id: UUID, kept_days: int, now: datetime) -> int:
    """Delete the words and names of declarations whose time is over; return how many. That they were stays."""
    old = Declaration.objects.filter(
        seller_id=seller_id, content_deleted_at=None, asked_at__lt=now - timedelta(days=kept_days)
    )
    return old.update(sentence="", signed_name="", content_deleted_at=now)

"""Report that a parcel came back to the shop after it was written off."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.text import is_storable, strip_unstorable
from lostpost.customer_queries.timeline import lock_queries_of, lock_query
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.note_evidence import Evidence, Kind, note_evidence
from lostpost.orders.models import Parcel
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import WriteOffNotFound

LONGEST_NOTE = 500


class NothingFound(Rejected):
    """The write-off has nothing in this parcel that is still to be decided about."""

    code = "nothing-found"


@transaction.atomic(durable=True)
def report_came_back(*, write_off: str, parcel: str, note: str = "", by: Actor, now: datetime) -> FoundCase:
    """Open the case of a write-off and a parcel, or note it there; the same again changes nothing.

    An ordinary return takes no units that were written off: their money was given back already.

    Args: `write_off`, `parcel`: number and code. `note`: what it looks like, say; up to 500 characters.
    Raises: ReadOnly, WriteOffNotFound, NothingFound.
    """
    require_writer(by, Section.QUERIES)
    rows = WriteOff.objects.select_related("query").filter(seller_id=by.seller_id, number=write_off)
    row = rows.first() if is_storable(write_off) else None
    if row is None:
        raise WriteOffNotFound(_("There is no write-off “%(number)s” in this shop.") % {"number": write_off[:40]})
    query = lock_query(row.query.number, seller_id=by.seller_id)
    lock_queries_of(query.order)
    parcels = Parcel.objects.filter(seller_id=by.seller_id, code=parcel, order_id=row.order_id)
    box = parcels.first() if is_storable(parcel) else None
    text = " ".join(strip_unstorable(note).split())[:LONGEST_NOTE]
    came_back = Evidence(Kind.CAME_BACK, Kind.CAME_BACK.value, now, text=text)
    case = note_evidence(row, box, came_back, query=query, now=now, by=by) if box else None
    if case is None:
        raise NothingFound(
            _("Write-off %(number)s has nothing in parcel “%(parcel)s” that is still to be decided about.")
            % {"number": row.number, "parcel": parcel[:64]}
        )
    return case

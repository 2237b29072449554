"""Disarm a write-off: by a person, or by a job because of what happened since."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.core.errors import Conflict, NotFound
from lostpost.customer_queries.timeline import add_entry, lock_query


class DisarmReason(StrEnum):
    """Why a write-off was disarmed."""

    PERSON = "person"
    SCAN = "scan"  # Any, also one that changes nothing or has a code that nobody knows.
    MESSAGE = "message"
    RETURN = "return"
    WRITTEN_OFF = "written-off"  # Something of the order was.
    POLICY = "policy"
    FEED_SILENT = "feed-silent"
    CHANGED = "changed"  # Units, parcels or amounts in another way.
    QUERY = "query"  # It is closed, or with Partnerservice.
    RIGHTS = "rights"  # Who armed it may not write off any more, or left.
    ON_HOLD = "on-hold"  # Or a limit of the day was reached.
    REFUSED = "refused"  # By the policy, on its day.


class ArmedNotFound(NotFound):
    """There is no such armed write-off in this shop."""

    sentence = _("There is no such armed write-off in this shop.")


class ExecutedAlready(Conflict):
    """It was carried out before it was to be disarmed."""

    code = "executed-already"
    sentence = _("This was written off already; it cannot be disarmed any more.")


def disarm_write_off(*, armed_id: UUID, by: Actor, now: datetime) -> ArmedWriteOff:
    """Disarm a write-off as a person of the shop wishes; the same again changes nothing.

    Raises: ReadOnly, ArmedNotFound, ExecutedAlready.
    """
    require_writer(by, Section.WRITE_OFFS)
    armed = end_armed(seller_id=by.seller_id, armed_id=armed_id, reason=DisarmReason.PERSON, by=by, now=now)
    if armed.state == ArmedWriteOff.State.EXECUTED:
        raise ExecutedAlready
    return armed


@transaction.atomic(durable=True)
def end_armed(
    *, seller_id: UUID, armed_id: UUID, reason: DisarmReason, now: datetime, by: Actor | None = None
) -> ArmedWriteOff:
    """Disarm a write-off if it is armed still, with its reason on the timeline and in the feed; return it as it is.

    Raises: ArmedNotFound.
    """
    rows = ArmedWriteOff.objects.filter(seller_id=seller_id, id=armed_id)
    number = rows.values_list("query__number", flat=True).first()
    if number is None:
        raise ArmedNotFound
    query = lock_query(number, seller_id=seller_id)
    armed = rows.select_for_update().get()
    if armed.state != ArmedWriteOff.State.ARMED:
        return armed
    armed.state, armed.reason, armed.ended_at = ArmedWriteOff.State.DISARMED, reason.value, now
    armed.ended_by_name = by.name if by else ""
    armed.save(update_fields=["state", "reason", "ended_at", "ended_by_name"], force_update=True)
    add_entry(
        query,
        "write-off.disarmed",
        now=now,
        by=by,
        armed=str(armed.id),
        because=reason.value,
        user=armed.by_user_id,
        amount_minor=armed.refund_minor,
        currency=armed.currency,
    )
    return armed

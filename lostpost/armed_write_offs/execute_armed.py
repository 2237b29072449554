"""Carry armed write-offs out once they are due, as a person confirms one; or disarm what does not stand any more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lostpost.accounts.actor import Actor
from lostpost.accounts.actor_again import actor_again
from lostpost.accounts.sections import Section
from lostpost.armed_write_offs.disarm_write_off import DisarmReason, end_armed
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.armed_write_offs.news_count import NewsCount, news_count_of_order
from lostpost.core.errors import Conflict, Refused
from lostpost.core.idempotency import InProgress
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import Parts
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import require_in_hand
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.eligibility.rules import feed_silent
from lostpost.holds.limits import OnHold
from lostpost.holds.reads import orders_on_hold
from lostpost.orders.models import Order
from lostpost.writeoffs.amounts import write_off_amounts
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.preview_token import PreviewToken, name_of
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off

CHECKED_EVERY = timedelta(minutes=5)
AskCarriers = Callable[[UUID, Collection[str]], None]  # Of the shop, by the parcels' codes.
_EXECUTED = """
    executed AS (
        UPDATE lostpost_armedwriteoff
           SET state = 'executed', write_off_id = %(write_off_id)s, ended_at = %(executed_at)s
         WHERE seller_id = %(seller_id)s AND id = %(armed_id)s AND state = 'armed'
    )
"""


class NoLongerArmed(Conflict):
    """Something happened since it was armed, or it is armed no more: nothing is written off."""


class ArmedName(NamedTuple):
    """An armed write-off in all shops."""

    seller_id: UUID
    id: UUID


def armed_to_look_at(*, now: datetime, most: int) -> list[ArmedName]:
    """Return armed write-offs of all shops that are due, to be announced, or not looked at lately."""
    rows = ArmedWriteOff.objects.all()
    armed = rows.filter(state=ArmedWriteOff.State.ARMED)
    with cross_seller("timers: armed write-offs that are due or to be looked at"):
        found = [
            *_names(rows.filter(state=ArmedWriteOff.State.EXECUTED, announced_at=None).order_by("ended_at"), most),
            *_names(armed.filter(due_at__lte=now).order_by("due_at"), most),
            *_names(armed.filter(checked_at__lte=now - CHECKED_EVERY).order_by("checked_at"), most),
        ]
    return list(dict.fromkeys(found))


def execute_armed(
    *, seller_id: UUID, armed_id: UUID, clock: Callable[[], datetime], ask: AskCarriers | None = None
) -> None:
    """Look at one armed write-off: write it off if it is due, disarm it if it does not stand, else leave it.

    Everything is looked at again, within the confirming transaction: the token of what was shown, the policy and its
    limits, scans and messages that came since, who armed it. Whatever refuses it disarms it, as a confirmation is about
    a day that is known; nothing is tried again later. Safe to break off at any point and to repeat: the write-off and
    the end of the armed one are one transaction.

    Args: `ask`: asks the carriers of what is due once more; a scan that comes of it disarms like any other.
    """
    now = clock()
    armed = _read(seller_id, armed_id)
    if armed is not None and ask and armed.state == ArmedWriteOff.State.ARMED and armed.due_at <= now:
        ask(seller_id, {parcel for parcel, _item, _quantity in armed.units})
        now = clock()
    if armed is not None and armed.state == ArmedWriteOff.State.ARMED:
        reason = why_not(armed, now=now)
        if not reason and armed.due_at <= now:
            reason = _write_off(armed, now=now)
        if reason:
            end_armed(seller_id=seller_id, armed_id=armed_id, reason=reason, now=now)
        else:
            rows = ArmedWriteOff.objects.filter(seller_id=seller_id, id=armed_id, state=ArmedWriteOff.State.ARMED)
            rows.update(checked_at=now)
    announce_execution(seller_id=seller_id, armed_id=armed_id, now=now)


def why_not(armed: ArmedWriteOff, *, now: datetime) -> DisarmReason | None:
    """Return what disarms it, as of `now` or of its day where that is later; None: it stands."""
    actor = _who_armed(armed)
    if actor is None or not actor.may_manage(Section.WRITE_OFFS):
        return DisarmReason.RIGHTS
    query = CustomerQuery.objects.select_related("order").get(seller_id=armed.seller_id, id=armed.query_id)
    try:
        require_in_hand(query, now=now)
    except Refused:
        return DisarmReason.QUERY
    if reason := _news(armed):
        return reason
    assessment = assess_order(query.order, now=max(now, armed.due_at))
    if reason := _difference(armed, assessment):
        return reason
    day = assessment.assessed_at.astimezone(assessment.policy.zone).date()
    if armed.order_id in orders_on_hold(armed.seller_id, [armed.order_id], day=day):
        return DisarmReason.ON_HOLD
    return None


@transaction.atomic(durable=True)
def announce_execution(*, seller_id: UUID, armed_id: UUID, now: datetime) -> None:
    """Note on the timeline and in the feed that an armed write-off was carried out, once."""
    rows = ArmedWriteOff.objects.filter(seller_id=seller_id, id=armed_id)
    of_executed = rows.filter(state=ArmedWriteOff.State.EXECUTED, announced_at=None)
    number = of_executed.values_list("query__number", flat=True).first()
    if number is None:
        return
    query = lock_query(number, seller_id=seller_id)
    armed = of_executed.select_for_update().first()
    if armed is None:
        return
    rows.update(announced_at=now)
    numbered = rows.values_list("write_off__number", flat=True).get()
    add_entry(
        query,
        "write-off.carried-out",
        now=now,
        armed=str(armed.id),
        write_off=numbered,
        user=armed.by_user_id,
        amount_minor=armed.refund_minor,
        currency=armed.currency,
        armed_by=armed.by_name,
    )


def _write_off(armed: ArmedWriteOff, *, now: datetime) -> DisarmReason | None:
    """Write off what was armed, under the name of who armed it; return why that is refused."""
    actor = _who_armed(armed)
    assert actor, "asked just before"
    query = CustomerQuery.objects.get(seller_id=armed.seller_id, id=armed.query_id)
    try:
        write_off(
            query=query.number,
            selection=_selection(armed),
            by=actor,
            key=f"armed-{armed.id}",
            now=now,
            token=armed.token,
            alongside=lambda order: _executed(armed, order, now=now),
        )
    except InProgress:
        return None
    except Refused as refusal:
        return why_not(armed, now=now) or _reason_of(refusal)
    return None


def _executed(armed: ArmedWriteOff, order: Order, *, now: datetime) -> Parts:
    """Return the part that ends an armed write-off with its write-off; the order and its parcels are locked.

    Raises NoLongerArmed.
    """
    rows = ArmedWriteOff.objects.filter(seller_id=armed.seller_id, id=armed.id, state=ArmedWriteOff.State.ARMED)
    if not rows.select_for_update().exists() or _news(armed):
        raise NoLongerArmed
    return Parts((_EXECUTED,), {"armed_id": armed.id, "executed_at": now})


def _news(armed: ArmedWriteOff) -> DisarmReason | None:
    """Return which of a scan and a message came since it was armed."""
    before = NewsCount.from_json(armed.news)
    since = news_count_of_order(
        seller_id=armed.seller_id,
        order_id=armed.order_id,
        parcels=[parcel for parcel, _item, _quantity in armed.units],
        armed_at=armed.armed_at,
    )
    if (since.scans, since.unmapped) != (before.scans, before.unmapped):
        return DisarmReason.SCAN
    return DisarmReason.MESSAGE if since.messages != before.messages else None


def _difference(armed: ArmedWriteOff, assessment: OrderAssessment) -> DisarmReason | None:
    """Return in which way the order or the policy differs from what was shown when it was armed."""
    shown, stands = PreviewToken.read(armed.token), PreviewToken.of(assessment)
    if shown is None:  # The key that signs was changed.
        return DisarmReason.CHANGED
    selected = {(parcel, item) for parcel, item, _quantity in armed.units}
    units = [unit for unit in assessment.units if (unit.parcel, unit.item.item) in selected]
    if any(feed_silent(unit.facts, assessment.policy, assessment.assessed_at) for unit in units):
        return DisarmReason.FEED_SILENT
    if shown.is_about(assessment):
        try:
            amounts = write_off_amounts(assessment, _selection(armed))
        except Refused as refusal:
            return _reason_of(refusal)
        return None if shown.decides(amounts) else DisarmReason.CHANGED
    if shown.written_off != stands.written_off:
        return DisarmReason.WRITTEN_OFF
    names = [name_of(unit) for unit in assessment.units]
    if any(name in shown.units and shown.units[name].returned != stands.units[name].returned for name in names):
        return DisarmReason.RETURN
    return DisarmReason.POLICY if shown.policy_version != stands.policy_version else DisarmReason.CHANGED


def _reason_of(refusal: Refused) -> DisarmReason:
    return DisarmReason.ON_HOLD if isinstance(refusal, OnHold) else DisarmReason.REFUSED


def _who_armed(armed: ArmedWriteOff) -> Actor | None:
    return actor_again(seller_id=armed.seller_id, user_id=armed.by_user_id, client_id=armed.by_client_id)


def _selection(armed: ArmedWriteOff) -> list[SelectedUnits]:
    return [SelectedUnits(*units) for units in armed.units]


def _read(seller_id: UUID, armed_id: UUID) -> ArmedWriteOff | None:
    return ArmedWriteOff.objects.filter(seller_id=seller_id, id=armed_id).first()


def _names(rows: QuerySet[ArmedWriteOff], most: int) -> list[ArmedName]:
    return [ArmedName(seller_id, armed_id) for seller_id, armed_id in rows.values_list("seller_id", "id")[:most]]

"""Arm a write-off: confirm today what is written off on the day it becomes possible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.armed_write_offs.news_count import news_count_of_order
from lostpost.armed_write_offs.preview_armed import ArmedPreview, preview_armed
from lostpost.core.clock import rfc3339
from lostpost.core.errors import Conflict
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.ownership import uuid7
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.holds.reads import orders_on_hold
from lostpost.orders.locks import lock_parcels_by_id
from lostpost.writeoffs.preview_token import PreviewToken
from lostpost.writeoffs.selection import ChangedSincePreview, SelectedUnits

ARMING = "armed-write-off"  # The scope of the keys of its requests.


class ArmedAlready(Conflict):
    """A write-off of this order is armed."""

    code = "armed-already"
    sentence = gettext_lazy("A write-off of this order is armed already. Disarm it first, then arm another.")


@transaction.atomic(durable=True)
@keeps_answer(ARMING)
def arm_write_off(
    *,
    query: str,
    selection: Sequence[SelectedUnits],
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
    token: str = "",
) -> ArmedWriteOff:
    """Arm a write-off of units that only time keeps from being eligible; a retry with the same key returns the first.

    A job carries it out from `due_at` on, once, or disarms it: see `execute_armed`. With the `token` of a preview it is
    refused if anything changed since.

    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NothingToWaitFor, NotEligible,
    QuantityUnavailable, NothingSelected, QueryOfOtherOrder, ChangedSincePreview, ArmedAlready, OnHold, KeyReused; none
    of them leaves a trace.
    """
    require_writer(by, Section.WRITE_OFFS)
    customer_query = lock_query(query, seller_id=by.seller_id)
    armed_id = uuid7()
    content = [query, sorted([each.parcel, each.item, each.quantity] for each in selection)]
    if earlier := claim(key, scope=ARMING, seller_id=by.seller_id, content=content, result_id=armed_id, now=now):
        return ArmedWriteOff.objects.get(seller_id=by.seller_id, id=earlier)
    order = customer_query.order
    lock_parcels_by_id(by.seller_id, (), of_orders=[order.id])  # A scan comes before all of this, or after it.
    preview = preview_armed(customer_query, selection, now=now)
    _require_as_shown(preview, token)
    standing = ArmedWriteOff.objects.filter(seller_id=by.seller_id, order_id=order.id, state=ArmedWriteOff.State.ARMED)
    if standing.exists():
        raise ArmedAlready
    day = preview.due_at.astimezone(preview.assessment.policy.zone).date()
    if held := orders_on_hold(by.seller_id, [order.id], day=day).get(order.id):
        raise held
    news = news_count_of_order(
        seller_id=by.seller_id, order_id=order.id, parcels=[each.parcel for each in selection], armed_at=now
    )
    armed = ArmedWriteOff(
        seller_id=by.seller_id,
        id=armed_id,
        query_id=customer_query.id,
        order_id=order.id,
        state=ArmedWriteOff.State.ARMED,
        units=[[each.parcel, each.item, each.quantity] for each in selection],
        token=preview.token,
        currency=preview.amounts.currency,
        refund_minor=preview.amounts.refund_minor,
        due_at=preview.due_at,
        news=news.as_json(),
        armed_at=now,
        by_user_id=by.user_id,
        by_client_id=by.client_id,
        by_name=by.name,
        checked_at=now,
    )
    armed.save(force_insert=True)
    _announce(armed, customer_query, preview, by=by, now=now)
    return armed


def _require_as_shown(preview: ArmedPreview, token: str) -> None:
    shown = PreviewToken.read(token)
    if token and not (shown and shown.is_about(preview.assessment) and shown.decides(preview.amounts)):
        raise ChangedSincePreview(_("Something changed since you looked: see what is shown now. Nothing was armed."))


def _announce(armed: ArmedWriteOff, query: CustomerQuery, preview: ArmedPreview, *, by: Actor, now: datetime) -> None:
    lines = [
        {
            "title": line.unit.item.title,
            "item": line.unit.item.item,
            "parcel": line.unit.parcel,
            "quantity": line.quantity,
            "refund_minor": line.refund_minor,
        }
        for line in preview.amounts.lines
    ]
    add_entry(
        query,
        "write-off.armed",
        now=now,
        by=by,
        armed=str(armed.id),
        due_at=rfc3339(armed.due_at),
        amount_minor=armed.refund_minor,
        currency=armed.currency,
        lines=lines,
    )

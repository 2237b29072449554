"""What a write-off would come to, before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lostpost.accounts.actor import Actor
from lostpost.core.idempotency import fingerprint
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import query_not_found, require_open
from lostpost.writeoffs.amounts import WriteOffAmounts, write_off_amounts
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.selection import SelectedUnits, require_eligible


@dataclass(frozen=True, slots=True)
class Preview:
    """The exact amounts that a confirmation with `token` will make, or it will be refused."""

    assessment: OrderAssessment
    reckoning: WriteOffAmounts
    token: str


def preview_write_off(*, query: str, picks: Sequence[SelectedUnits], by: Actor, now: datetime) -> Preview:
    """Reckon a write-off without a trace. Raises what `write_off` raises, but for keys and tokens."""
    found = CustomerQuery.objects.select_related("order").filter(seller_id=by.seller_id, number=query)
    asked = found.first() if is_storable(query) else None
    if asked is None:
        raise query_not_found(query)
    require_open(asked)
    assessment = assess_order(asked.order, now=now)
    picked = require_eligible(assessment, picks)
    reckoning = write_off_amounts(
        picked,
        all_rows=[unit.row for unit in assessment.units],
        currency=asked.order.currency,
        delivery_costs_minor=asked.order.delivery_costs_minor,
        delivery_refunded=asked.order.delivery_refunded_minor > 0,
        policy=assessment.policy,
    )
    return Preview(assessment, reckoning, token_of(assessment.state, picks, reckoning))


def token_of(state: str, picks: Sequence[SelectedUnits], reckoning: WriteOffAmounts) -> str:
    """Stand for what was shown: the facts, the picks and the amounts."""
    shown = fingerprint(
        [
            sorted([pick.parcel, pick.item, pick.quantity] for pick in picks),
            [reckoning.currency, reckoning.refund_minor, reckoning.commission_minor, reckoning.commission_vat_minor],
        ]
    )
    return f"{state}.{shown}"


def is_about(token: str, state: str) -> bool:
    """Tell whether a token was made of this state of the order."""
    return token.partition(".")[0] == state

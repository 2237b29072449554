"""Preview a write-off: its amounts, before anything is written."""

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
    """The exact amounts of a write-off; a confirmation with `token` has these or is refused."""

    assessment: OrderAssessment
    amounts: WriteOffAmounts
    token: str


def preview_write_off(*, query: str, selection: Sequence[SelectedUnits], by: Actor, now: datetime) -> Preview:
    """Compute a write-off without writing anything. Raises what `write_off` raises, but for keys and tokens."""
    queries = CustomerQuery.objects.select_related("order").filter(seller_id=by.seller_id, number=query)
    customer_query = queries.first() if is_storable(query) else None
    if customer_query is None:
        raise query_not_found(query)
    return preview_of(customer_query, assess_order(customer_query.order, now=now), selection)


def preview_of(query: CustomerQuery, assessment: OrderAssessment, selection: Sequence[SelectedUnits]) -> Preview:
    """Compute a write-off from an assessment of the query's order. Raises what `preview_write_off` raises."""
    require_open(query)
    order = assessment.order
    amounts = write_off_amounts(
        require_eligible(assessment, selection),
        all_rows=[unit.row for unit in assessment.units],
        currency=order.currency,
        delivery_costs_minor=order.delivery_costs_minor,
        delivery_refunded=order.delivery_refunded_minor > 0,
        policy=assessment.policy,
    )
    return Preview(assessment, amounts, token_of(assessment.state, selection, amounts))


def token_of(state: str, selection: Sequence[SelectedUnits], amounts: WriteOffAmounts) -> str:
    """Return the token of a preview: hashes of the facts, and of the selection with the amounts."""
    content = fingerprint(
        [
            sorted([units.parcel, units.item, units.quantity] for units in selection),
            [amounts.currency, amounts.refund_minor, amounts.commission_minor, amounts.commission_vat_minor],
        ]
    )
    return f"{state}.{content}"


def is_about(token: str, state: str) -> bool:
    """Return whether a token belongs to this state of the order."""
    return token.partition(".")[0] == state

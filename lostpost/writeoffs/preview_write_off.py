"""Preview a write-off: its amounts, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lostpost.accounts.actor import Actor
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import require_in_hand
from lostpost.customer_queries.timeline import query_not_found
from lostpost.writeoffs.amounts import WriteOffAmounts, write_off_amounts
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.preview_token import PreviewToken
from lostpost.writeoffs.selection import SelectedUnits


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
    require_in_hand(query, now=assessment.assessed_at)
    amounts = write_off_amounts(assessment, selection)
    return Preview(assessment, amounts, PreviewToken.of(assessment, amounts).signed)

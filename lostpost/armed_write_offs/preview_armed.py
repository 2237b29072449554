"""Preview a write-off that is armed: its amounts, and the moment at which it becomes possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lostpost.core.errors import Rejected
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import require_in_hand
from lostpost.customer_queries.timeline import query_not_found
from lostpost.writeoffs.amounts import WriteOffAmounts, write_off_amounts
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.preview_token import PreviewToken
from lostpost.writeoffs.selection import SelectedUnits

_LOOKS_MOST = 5  # A season of the policy may begin before the units are eligible, and end before that again.


class NothingToWaitFor(Rejected):
    """All of it may be written off now, so there is nothing to arm."""

    code = "eligible-already"
    sentence = _("This can be written off now; there is nothing to wait for. Write it off.")


@dataclass(frozen=True, slots=True)
class ArmedPreview:
    """What a write-off comes to once it is possible, from `due_at` on; `assessment` is of that moment."""

    assessment: OrderAssessment
    amounts: WriteOffAmounts
    due_at: datetime

    @property
    def token(self) -> str:
        """The signed token of what is shown; time is no part of it."""
        return PreviewToken.of(self.assessment, self.amounts).signed


def preview_armed_of(*, query: str, selection: Sequence[SelectedUnits], seller_id: UUID, now: datetime) -> ArmedPreview:
    """Compute what is to be armed of a query by its number. Raises QueryNotFound, and what `preview_armed` raises."""
    queries = CustomerQuery.objects.select_related("order").filter(seller_id=seller_id, number=query)
    customer_query = queries.first() if is_storable(query) else None
    if customer_query is None:
        raise query_not_found(query)
    return preview_armed(customer_query, selection, now=now)


def preview_armed(query: CustomerQuery, selection: Sequence[SelectedUnits], *, now: datetime) -> ArmedPreview:
    """Compute what is to be armed, without writing anything; `query.order` is loaded.

    Time alone must stand in the way of it. Raises: NothingToWaitFor, and what `preview_write_off` raises: NotEligible
    where anything else stands in the way, or where the order is too old by then.
    """
    require_in_hand(query, now=now)
    due_at = now
    for _look in range(_LOOKS_MOST):
        assessment = assess_order(query.order, now=due_at)
        later = _eligible_from(assessment, selection)
        if later is None or later <= due_at:
            break
        due_at = later
    amounts = write_off_amounts(assessment, selection)
    if due_at == now:
        raise NothingToWaitFor
    return ArmedPreview(assessment, amounts, due_at)


def _eligible_from(assessment: OrderAssessment, selection: Sequence[SelectedUnits]) -> datetime | None:
    """Return when the last of the selected units becomes eligible, of those that only time stands in the way of."""
    names = {(selected.parcel, selected.item) for selected in selection}
    units = [unit.assessment for unit in assessment.units if (unit.parcel, unit.item.item) in names]
    return max((unit.eligible_from for unit in units if unit.only_for_now and unit.eligible_from), default=None)

"""Found parcels over all shops, as Partnerservice looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from lostpost.accounts.policy import current_policy
from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.preview_outcome import may_act_until
from lostpost.found_parcels.states import State
from lostpost.orders.models import Order
from lostpost.writeoffs.models import WriteOffLine

OLDEST_FIRST = (State.OPEN, State.ASKED)  # The others are a history.


@dataclass(frozen=True, slots=True)
class CaseOfShop:
    """A case with what was refunded for its units, and by when somebody must have decided or answered."""

    case: FoundCase
    refunded_minor: int
    deadline_at: datetime | None  # None: it has none, or is over.


def cases_counted(*, most: int) -> dict[str, int]:
    """Count, up to `most` of each state, the cases of all shops that are not over; one statement."""
    states = [
        FoundCase.objects.filter(state=state).order_by().values_list("state", flat=True)[:most]
        for state in OLDEST_FIRST
    ]
    with cross_seller("Partnerservice: how many found parcels wait"):
        of_cases = list(states[0].union(*states[1:], all=True))
    return {state: of_cases.count(state) for state in OLDEST_FIRST}


def cases_of_all(
    state: str, *, seller_id: UUID | None, after: PageKey | None, size: int
) -> tuple[Sequence[CaseOfShop], Page[FoundCase]]:
    """Return a page of the cases in a state, of all shops or of one: those that wait the oldest first."""
    rows = FoundCase.objects.select_related("seller", "order", "query", "parcel", "write_off").filter(state=state)
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    with cross_seller("Partnerservice: found parcels of all shops"):
        page = page_of(rows, by="opened_at", after=after, size=size, newest_first=State(state) not in OLDEST_FIRST)
    return with_money_and_deadline(page.rows), page


def cases_of_orders(orders: Sequence[Order]) -> list[FoundCase]:
    """Return the cases of orders of any shop, oldest first."""
    with cross_seller("Partnerservice: found parcels of orders"):
        of_orders = {"seller_id__in": {each.seller_id for each in orders}, "order_id__in": [each.id for each in orders]}
        rows = FoundCase.objects.filter(**of_orders)
        return list(rows.order_by("opened_at", "id"))


def with_money_and_deadline(cases: Sequence[FoundCase]) -> list[CaseOfShop]:
    """Add what was refunded and the deadlines: two statements for all of them."""
    keys = {"seller_id__in": {case.seller_id for case in cases}}
    with cross_seller("Partnerservice: money and deadlines of found parcels"):
        lines = WriteOffLine.objects.filter(
            **keys,
            write_off_id__in=[case.write_off_id for case in cases],
            parcel_unit__parcel_id__in=[case.parcel_id for case in cases],
        )
        sums = lines.order_by().values_list("write_off_id", "parcel_unit__parcel_id").annotate(Sum("refund_minor"))
        refunded = {(write_off, parcel): minor for write_off, parcel, minor in sums}
        questions = FoundOutcome.objects.filter(**keys, case_id__in=[case.id for case in cases], state="asked")
        asked_at = dict(questions.values_list("case_id", "decided_at"))
    answers_within = timedelta(days=current_policy().found_end_days)
    return [
        CaseOfShop(
            case,
            refunded.get((case.write_off_id, case.parcel_id), 0),
            asked_at[case.id] + answers_within if case.id in asked_at else _decides_until(case),
        )
        for case in cases
    ]


def _decides_until(case: FoundCase) -> datetime | None:
    return may_act_until(case) if case.state == State.UNANSWERED else None

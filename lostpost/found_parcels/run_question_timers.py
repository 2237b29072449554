"""Move found parcels on as time passes: remind the customer, end what is not answered, follow what was agreed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lostpost.accounts.policy import current_policy
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file
from lostpost.customer_queries.messages import queue_mail
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import lock_query
from lostpost.found_parcels.decide_found_parcel import announce_outcome, end_question
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.states import State, move
from lostpost.found_parcels.units_left import anything_left
from lostpost.restorations.models import Restoration

OutcomeState = FoundOutcome.State
FOLLOWED = timedelta(days=180)  # Whether what was agreed is withdrawn after all.
_SETTLED_ELSEWHERE = sql_file(__name__, "cases_settled_elsewhere")
_UNITS_AGAIN = sql_file(__name__, "cases_with_units_again")


def due_questions(*, now: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Return questions of all sellers to remind of or to end, and those agreed whose restoration was withdrawn.

    At most so many of each, those due longest first; by seller and the outcome's id.
    """
    policy = current_policy()
    questions = FoundOutcome.objects.filter(state=OutcomeState.ASKED)
    to_remind = questions.filter(reminded_at=None, decided_at__lte=now - timedelta(days=policy.found_reminder_days))
    to_end = questions.filter(decided_at__lte=now - timedelta(days=policy.found_end_days))
    agreed = FoundOutcome.objects.filter(
        state=OutcomeState.AGREED, ended_at__gt=now - FOLLOWED, restoration__state=Restoration.State.WITHDRAWN
    )
    with cross_seller("timers: questions about found parcels"):
        return [
            *_due(to_end, "decided_at", most),
            *_due(to_remind, "decided_at", most),
            *_due(agreed, "ended_at", most),
        ]


@transaction.atomic(durable=True)
def run_question_timers(*, seller_id: UUID, outcome_id: UUID, now: datetime) -> None:
    """Do to one question what is due; where somebody answered meanwhile, or it is repeated, nothing."""
    query, case, outcome = _lock(seller_id, outcome_id)
    policy = current_policy()
    waited = now - outcome.decided_at
    if outcome.state == OutcomeState.ASKED and waited >= timedelta(days=policy.found_end_days):
        end_question(query, case, outcome, OutcomeState.UNANSWERED, now=now)
        move(case, query, State.UNANSWERED, now=now)
        announce_outcome(query, "found.unanswered", case, outcome, now=now)
    elif outcome.state == OutcomeState.ASKED and outcome.reminded_at is None:
        if waited >= timedelta(days=policy.found_reminder_days):
            FoundOutcome.objects.filter(seller_id=seller_id, id=outcome.id).update(reminded_at=now)
            queue_mail(query, kind="found.reminded", about_id=outcome.id, now=now)
            announce_outcome(query, "found.reminded", case, outcome, now=now)
    elif outcome.state == OutcomeState.AGREED and _withdrawn(outcome):
        rows = FoundOutcome.objects.filter(seller_id=seller_id, id=outcome.id)
        rows.update(state=OutcomeState.NOT_PAID)  # When the customer agreed stays.
        if case.state != State.ASKED and anything_left(case.seller_id, case.write_off_id, case.parcel_id):
            move(case, query, State.OPEN, now=now)
        announce_outcome(query, "found.not-paid", case, outcome, now=now)


def cases_settled_elsewhere(*, most: int) -> list[tuple[UUID, str]]:
    """Return open cases of which nothing is left, as finance restored it: by seller and number."""
    with cross_seller("timers: found parcels that finance settled"):
        return [(seller_id, number) for seller_id, number in fetch(_SETTLED_ELSEWHERE, {"most": most})]


def cases_with_units_again(*, now: datetime, most: int) -> list[tuple[UUID, str]]:
    """Return settled cases of which something is left, as a restoration was withdrawn: by seller and number."""
    with cross_seller("timers: found parcels of which units are left again"):
        rows = fetch(_UNITS_AGAIN, {"since": now - FOLLOWED, "most": most})
        return [(seller_id, number) for seller_id, number in rows]


@transaction.atomic(durable=True)
def end_as_settled(*, seller_id: UUID, number: str, now: datetime) -> None:
    """Settle an open case of which nothing is left; else nothing happens."""
    query, case = _lock_case(seller_id, number)
    if case.state == State.OPEN and not anything_left(case.seller_id, case.write_off_id, case.parcel_id):
        move(case, query, State.SETTLED, now=now)


@transaction.atomic(durable=True)
def open_again(*, seller_id: UUID, number: str, now: datetime) -> None:
    """Open a settled case of which something is left; else nothing happens."""
    query, case = _lock_case(seller_id, number)
    if case.state == State.SETTLED and anything_left(case.seller_id, case.write_off_id, case.parcel_id):
        move(case, query, State.OPEN, now=now)


def _due(rows: QuerySet[FoundOutcome], by: str, most: int) -> list[tuple[UUID, UUID]]:
    return list(rows.order_by(by, "seller_id", "id").values_list("seller_id", "id")[:most])


def _lock(seller_id: UUID, outcome_id: UUID) -> tuple[CustomerQuery, FoundCase, FoundOutcome]:
    rows = FoundOutcome.objects.select_related("case").filter(seller_id=seller_id, id=outcome_id)
    query = lock_query(rows.values_list("case__query__number", flat=True).get(), seller_id=seller_id)
    outcome = rows.get()
    return query, outcome.case, outcome


def _lock_case(seller_id: UUID, number: str) -> tuple[CustomerQuery, FoundCase]:
    rows = FoundCase.objects.filter(seller_id=seller_id, number=number)
    query = lock_query(rows.values_list("query__number", flat=True).get(), seller_id=seller_id)
    return query, rows.get()


def _withdrawn(outcome: FoundOutcome) -> bool:
    assert outcome.restoration_id
    restorations = Restoration.objects.filter(seller_id=outcome.seller_id, id=outcome.restoration_id)
    return restorations.values_list("state", flat=True).get() == Restoration.State.WITHDRAWN

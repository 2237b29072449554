"""Take the customer's answer to the question whether they pay again: by their link alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.core.errors import Conflict, Rejected
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import lock_query
from lostpost.found_parcels.decide_found_parcel import announce_outcome, end_question
from lostpost.found_parcels.models import FoundCase, FoundOutcome, FoundOutcomeUnit
from lostpost.found_parcels.states import State, move
from lostpost.found_parcels.units_left import anything_left, units_awaiting
from lostpost.restorations.restore_payment import agree_restoration, amounts_of_restoration, require_refund_paid
from lostpost.writeoffs.models import WriteOff, WriteOffLine

OutcomeState = FoundOutcome.State
ANSWERS = ("no", "did-not-come")


class QuestionEnded(Conflict):
    """The question was answered or withdrawn, it ended, or something changed since it was asked."""

    code = "question-ended"


def agree_to_pay_again(
    *, link: CustomerLink, outcome_id: UUID, sentence: str, language: str, now: datetime
) -> FoundOutcome:
    """Keep the customer's consent and agree the restoration, for exactly what was asked; the same again does nothing.

    Where something changed since, so that it cannot be agreed any more, the question ends: the shop decides again.

    Args: `sentence`: as it was shown, in `language`.
    Raises: QuestionEnded, RefundNotPaid.
    """
    outcome = _agree(link=link, outcome_id=outcome_id, sentence=sentence, language=language, now=now)
    if outcome.state == OutcomeState.WITHDRAWN:  # That is committed.
        raise QuestionEnded(_("Something changed since you were asked. Write to the shop: they ask you again."))
    return outcome


@transaction.atomic(durable=True)
def _agree(*, link: CustomerLink, outcome_id: UUID, sentence: str, language: str, now: datetime) -> FoundOutcome:
    query, case, outcome = _lock(link, outcome_id)
    if outcome.state in (OutcomeState.AGREED, OutcomeState.NOT_PAID):
        return outcome
    _require_unanswered(outcome)
    write_off = WriteOff.objects.select_related("refund").get(seller_id=case.seller_id, id=case.write_off_id)
    require_refund_paid(write_off)
    units = list(FoundOutcomeUnit.objects.filter(seller_id=case.seller_id, outcome_id=outcome.id))
    quantities = {unit.write_off_line_id: unit.quantity for unit in units}
    delivery_minor = outcome.amount_minor - sum(unit.amount_minor for unit in units)
    lines = WriteOffLine.objects.filter(seller_id=case.seller_id, id__in=quantities).order_by("id")
    restored = [(line, quantities[line.id]) for line in lines]
    enough = all(count <= line.quantity - line.quantity_restored for line, count in restored)
    amounts = amounts_of_restoration(write_off, restored, delivery_minor=delivery_minor)
    shares = {unit.write_off_line_id: unit.amount_minor for unit in units}
    as_asked = enough and (amounts.lines, amounts.delivery_minor) == (shares, delivery_minor)
    if not as_asked or not _whole(case, write_off, restored, delivery_minor):
        end_question(query, case, outcome, OutcomeState.WITHDRAWN, now=now)
        _go_on(case, query, now=now)
        announce_outcome(query, "found.withdrawn", case, outcome, now=now)
        return outcome
    restoration = agree_restoration(
        query,
        write_off,
        restored,
        consent=sentence,
        consented_at=now,
        by=Actor(outcome.by_name, ActorRole.AGENT, user_id=outcome.by_user_id),
        now=now,
        delivery_minor=delivery_minor,
    )
    end_question(
        query,
        case,
        outcome,
        OutcomeState.AGREED,
        now=now,
        restoration_id=restoration.id,
        link_id=link.id,
        consent=sentence,
        consent_language=language,
    )
    _go_on(case, query, now=now)
    announce_outcome(query, "found.agreed", case, outcome, now=now, language=language, restoration=restoration.number)
    return outcome


@transaction.atomic(durable=True)
def decline_to_pay_again(*, link: CustomerLink, outcome_id: UUID, answer: str, now: datetime) -> FoundOutcome:
    """Record that the customer does not pay again, or says that it did not come; the shop decides what follows.

    Raises: QuestionEnded.
    """
    if answer not in ANSWERS:
        raise Rejected(_("Choose an answer."))
    query, case, outcome = _lock(link, outcome_id)
    if outcome.state == OutcomeState.DECLINED and outcome.answer == answer:
        return outcome
    _require_unanswered(outcome)
    end_question(query, case, outcome, OutcomeState.DECLINED, now=now, answer=answer)
    move(case, query, State.OPEN, now=now)
    announce_outcome(query, "found.declined", case, outcome, now=now, answer=answer)
    return outcome


def _lock(link: CustomerLink, outcome_id: UUID) -> tuple[CustomerQuery, FoundCase, FoundOutcome]:
    """Return the question of a link's query, locked from the order on. Raises: QuestionEnded where there is none."""
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=link.seller_id, id=link.query_id)
    query = lock_query(number, seller_id=link.seller_id)
    rows = FoundOutcome.objects.select_related("case").filter(
        seller_id=link.seller_id, id=outcome_id, case__query_id=link.query_id, kind=FoundOutcome.Kind.PAY_AGAIN
    )
    outcome = rows.first()
    if outcome is None:
        raise _ended()
    return query, outcome.case, outcome


def _require_unanswered(outcome: FoundOutcome) -> None:
    if outcome.state != OutcomeState.ASKED:
        raise _ended()


def _ended() -> QuestionEnded:
    return QuestionEnded(_("The shop does not ask this any more. See below what holds now."))


def _whole(
    case: FoundCase, write_off: WriteOff, restored: Sequence[tuple[WriteOffLine, int]], delivery_minor: int
) -> bool:
    """Return whether the customer keeps the whole write-off, where delivery costs are asked for with its last part.

    Of another parcel that they were asked about at the same time they may have said that they do not pay again.
    """
    if not delivery_minor:
        return True
    awaiting = units_awaiting(case.seller_id, write_off.id, besides=case.id)
    return bool(amounts_of_restoration(write_off, restored, awaiting=awaiting).delivery_minor)


def _go_on(case: FoundCase, query: CustomerQuery, *, now: datetime) -> None:
    """Settle the case where nothing is left to decide about; else it is the shop's turn."""
    if anything_left(case.seller_id, case.write_off_id, case.parcel_id):
        move(case, query, State.OPEN, now=now)
    else:
        move(case, query, State.SETTLED, now=now)

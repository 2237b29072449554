"""Decide what follows for units of a found parcel: pay again, return, or let go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.ownership import uuid7
from lostpost.core.text import is_storable, strip_unstorable
from lostpost.customer_queries.messages import cancel_queued_mail, queue_mail
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import is_back
from lostpost.customer_queries.timeline import QueryWithPartnerservice, add_entry, lock_query
from lostpost.found_parcels.models import FoundCase, FoundOutcome, FoundOutcomeUnit
from lostpost.found_parcels.preview_outcome import OutcomePreview, preview_outcome
from lostpost.found_parcels.states import State, move
from lostpost.restorations.settle_restoration import waive_delivery_costs

Kind = FoundOutcome.Kind
LONGEST_REASON = 500
ENTRIES = {Kind.PAY_AGAIN: "found.asked", Kind.RETURN: "found.returned", Kind.LET_GO: "found.let-go"}


class FoundCaseNotFound(NotFound):
    """There is no such found parcel in this shop."""


class FoundParcelChanged(Conflict):
    """What was shown is not what it would be now."""

    code = "changed-since-preview"


class NothingAsked(Conflict):
    """No question waits for the customer."""

    code = "nothing-asked"


@transaction.atomic(durable=True)
@keeps_answer("found-outcome")
def decide_found_parcel(
    *,
    number: str,
    kind: str,
    quantities: Mapping[str, int],
    reason: str = "",
    shown_minor: int | None = None,
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
) -> FoundOutcome:
    """Decide about units of a found parcel; final, except for a question, which may be withdrawn.

    Nothing is paid or booked here: the customer is asked, and their consent restores the payment; a return and what is
    let go leave the books as they are, as the write-off has given everything back.

    Args: `quantities`: of each item, how many; none: all that are left. `reason`: of what is let go, at least one
    word. `shown_minor`: the amount that was shown; None: whatever it is.
    Raises: ReadOnly, FoundCaseNotFound, FoundCaseEnded, AlreadyAskedToPay, NoSuchUnits, RefundNotPaid,
    FoundParcelChanged, KeyReused, QueryWithPartnerservice, Rejected.
    """
    require_writer(by, Section.WRITE_OFFS)
    reason = " ".join(strip_unstorable(reason).split())
    query, case = lock_case(number, by=by)
    outcome_id = uuid7()
    content = [number, kind, sorted(quantities.items()), reason]
    if earlier := claim(
        key, scope="found-outcome", seller_id=by.seller_id, content=content, result_id=outcome_id, now=now
    ):
        return FoundOutcome.objects.get(seller_id=by.seller_id, id=earlier)
    _require_in_hand(query, now=now)
    preview = preview_outcome(case, kind=kind, quantities=quantities, now=now)
    if shown_minor is not None and shown_minor != preview.amount_minor:
        raise FoundParcelChanged(_("Something changed since you looked. Look at it again; nothing was decided."))
    _require_words(preview, reason, query)
    asking = preview.kind == Kind.PAY_AGAIN
    outcome = FoundOutcome(
        seller_id=by.seller_id,
        id=outcome_id,
        case_id=case.id,
        kind=preview.kind,
        state=FoundOutcome.State.ASKED if asking else FoundOutcome.State.DONE,
        currency=preview.currency,
        amount_minor=preview.amount_minor,
        reason=reason,
        decided_at=now,
        by_user_id=by.user_id,
        by_name=by.name,
        ended_at=None if asking else now,
    )
    _insert(outcome, preview)
    if asking:
        move(case, query, State.ASKED, now=now)
        queue_mail(query, kind="found.asked", about_id=outcome.id, now=now)
    elif not preview.units_left_after and case.state != State.ASKED:
        move(case, query, State.SETTLED, now=now)
    announce_outcome(query, ENTRIES[preview.kind], case, outcome, now=now, by=by)
    return outcome


@transaction.atomic(durable=True)
def withdraw_question(*, number: str, by: Actor, now: datetime) -> FoundCase:
    """Withdraw the question whether the customer pays again; the units are to be decided about once more.

    Raises: ReadOnly, FoundCaseNotFound, NothingAsked, QueryWithPartnerservice.
    """
    require_writer(by, Section.WRITE_OFFS)
    query, case = lock_case(number, by=by)
    _require_in_hand(query, now=now)
    questions = FoundOutcome.objects.filter(seller_id=case.seller_id, case_id=case.id, state=FoundOutcome.State.ASKED)
    outcome = questions.first()
    if outcome is None:
        raise NothingAsked(_("No question waits for the customer: it was answered, or withdrawn already."))
    end_question(query, case, outcome, FoundOutcome.State.WITHDRAWN, now=now)
    move(case, query, State.OPEN, now=now)
    announce_outcome(query, "found.withdrawn", case, outcome, now=now, by=by)
    return case


def lock_case(number: str, *, by: Actor) -> tuple[CustomerQuery, FoundCase]:
    """Return a shop's case and its query, locked from the order on. Raises: FoundCaseNotFound."""
    rows = FoundCase.objects.filter(seller_id=by.seller_id, number=number)
    query_number = rows.values_list("query__number", flat=True).first() if is_storable(number) else None
    if query_number is None:
        raise FoundCaseNotFound(_("There is no found parcel “%(number)s” in this shop.") % {"number": number[:50]})
    query = lock_query(query_number, seller_id=by.seller_id)
    return query, rows.get()


def end_question(
    query: CustomerQuery,
    case: FoundCase,
    outcome: FoundOutcome,
    state: FoundOutcome.State,
    *,
    now: datetime,
    **values: object,
) -> None:
    """End a question that the caller has locked; an e-mail with it that has not gone out yet stays unsent.

    Without an agreement its units are not kept, so far: delivery costs that hang on them are not paid again.
    """
    for name, value in {"state": state, "ended_at": now, **values}.items():
        setattr(outcome, name, value)
    FoundOutcome.objects.filter(seller_id=outcome.seller_id, id=outcome.id).update(state=state, ended_at=now, **values)
    cancel_queued_mail(seller_id=outcome.seller_id, about_id=outcome.id)
    if state != FoundOutcome.State.AGREED:
        waive_delivery_costs(query, seller_id=case.seller_id, write_off_id=case.write_off_id, now=now)


def announce_outcome(
    query: CustomerQuery,
    kind: str,
    case: FoundCase,
    outcome: FoundOutcome,
    *,
    now: datetime,
    by: Actor | None = None,
    **data: str,
) -> None:
    """Announce a decision or what came of it on the timeline and in the feed."""
    add_entry(
        query,
        kind,
        now=now,
        by=by,
        text=outcome.reason if by and kind in ENTRIES.values() else "",
        number=case.number,
        amount_minor=outcome.amount_minor,
        currency=outcome.currency,
        **data,
    )


def _insert(outcome: FoundOutcome, preview: OutcomePreview) -> None:
    outcome.save(force_insert=True)
    FoundOutcomeUnit.objects.bulk_create(
        FoundOutcomeUnit(
            seller_id=outcome.seller_id,
            outcome_id=outcome.id,
            write_off_line_id=chosen.line.line.id,
            quantity=chosen.quantity,
            amount_minor=chosen.amount_minor,
        )
        for chosen in preview.units
    )


def _require_in_hand(query: CustomerQuery, *, now: datetime) -> None:
    if query.state == CustomerQuery.State.WITH_PARTNERSERVICE and not is_back(query, now=now):
        raise QueryWithPartnerservice


def _require_words(preview: OutcomePreview, reason: str, query: CustomerQuery) -> None:
    if len(reason) > LONGEST_REASON:
        raise Rejected(_("Write down the reason in at most 500 characters."))
    if preview.kind == Kind.LET_GO and not reason:
        raise Rejected(_("Write down why you let it go: it stays on the timeline."))
    if preview.kind == Kind.PAY_AGAIN and not query.order.customer_email:
        raise Rejected(_("The customer has no e-mail address, so nobody can be asked."))

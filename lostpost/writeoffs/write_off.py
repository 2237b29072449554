"""Write off units that were lost in the mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, ActorRole, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.idempotency import (
    IdempotencyClaim,
    KeyedRequest,
    answer_kept,
    claiming,
    earlier_of,
    keeps_answer,
    lock_number,
    require_inserted,
)
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import DOCUMENTS
from lostpost.core.sql import Parts, in_pipeline, send, statement_of
from lostpost.customer_queries.messages import send_mail_job
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import QueryHandled, QueryWithPartnerservice
from lostpost.eligibility.query import query_refusals
from lostpost.holds.limits import require_no_hold, require_within_limits
from lostpost.holds.place_hold import places_hold
from lostpost.invoicing.issue_credit_note import CREDIT_ORDER
from lostpost.ledger.models import Kind
from lostpost.ledger.post_transfers import Posting, transfers_posted
from lostpost.orders.models import Order
from lostpost.refunds.gateway import Gateway, gateway_of_new_refunds
from lostpost.refunds.models import Refund
from lostpost.writeoffs import statements
from lostpost.writeoffs.amounts import AmountsLine, WriteOffAmounts, write_off_amounts
from lostpost.writeoffs.announce import PUT_ASIDE, day_of_row, write_off_announced
from lostpost.writeoffs.assess_order import OrderAssessment, assess_rows
from lostpost.writeoffs.credit_customer import CREDIT_CUSTOMER
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_token import PreviewToken
from lostpost.writeoffs.selection import ChangedSincePreview, SelectedUnits

SCOPE = "write-off"  # Of the keys of its requests.
Alongside = Callable[[Order], Parts]  # What else is decided and written with a write-off, of its locked order.
_ENDING = "SELECT day.write_offs, day.amounts, true FROM day"
_ENDING_WITH_KEY = "SELECT day.write_offs, day.amounts, kept.made_id IS NOT NULL FROM day LEFT JOIN kept ON true"


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """A write-off and, unless it was confirmed before, what was decided: so an answer need not read it again."""

    record: WriteOff
    amounts: WriteOffAmounts | None = None
    query_number: str = ""
    order_number: str = ""

    @property
    def refund_state(self) -> Refund.State:
        """The state in which its refund starts."""
        return statements.first_refund_state(self.record)


def write_off(
    *,
    query: str,
    selection: Sequence[SelectedUnits],
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
    token: str = "",
    alongside: Alongside | None = None,
) -> WriteOff:
    """Write off lost units: record, refund, ledger, timeline and e-mail commit together or not at all.

    A write-off is final. A retry with the same `key` returns the first write-off. With the `token` of a preview it is
    refused if anything of the order changed since.

    Args: `query`: the customer query's number. `key`: 8 to 64 characters, a new one for each write-off; what a claim
    answers is made of a WrittenOff. `alongside`: called once order and parcels are locked; what it raises refuses, what
    it returns is written with the write-off.
    Raises: QueryNotFound, QueryHandled, QueryWithPartnerservice, QueryOfOtherOrder, NotEligible, QuantityUnavailable,
    NothingSelected, ChangedSincePreview, KeyReused, ReadOnly; none of them leaves a trace. OnHold: a hold stops it, or
    it would break a limit of the day, which places one. What two agents of Partnerservice decided is counted and not
    stopped.
    """
    return _write_off(
        query=query, selection=selection, by=by, key=key, now=now, token=token, alongside=alongside
    ).record


@places_hold
@transaction.atomic(durable=True)
@keeps_answer(SCOPE, locks=False)
def _write_off(
    *,
    query: str,
    selection: Sequence[SelectedUnits],
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
    token: str,
    alongside: Alongside | None,
) -> WrittenOff:
    require_writer(by, Section.WRITE_OFFS)
    seller_id = by.seller_id
    lock = lock_number(key, scope=SCOPE, seller_id=seller_id)
    customer_query = statements.lock_query_and_order(query, seller_id=seller_id, key=lock)  # Held until commit.
    order = customer_query.order
    write_off_id = uuid7()
    content = [query, sorted([selected.parcel, selected.item, selected.quantity] for selected in selection)]
    wish = KeyedRequest(key, SCOPE, seller_id, content, write_off_id, now)
    claimed, policy, history, units = statements.read_what_decides(customer_query, claiming(wish), now=now)
    if earlier := earlier_of(wish, claimed):  # A retry: the first call has committed.
        return WrittenOff(WriteOff.objects.get(seller_id=seller_id, id=earlier))
    _require_open(history.query_state)
    limited = by.role != ActorRole.PARTNERSERVICE
    if limited:
        require_no_hold(history.day)
    more = [alongside(order)] if alongside else []
    assessment = assess_rows(order, units, policy, now=now)
    amounts = _amounts_as_shown(assessment, selection, token)
    gateway = gateway_of_new_refunds(order.payment_provider, order.payment_reference)
    number = f"{customer_query.number}-{history.of_query + 1}"
    recorded = _to_record(write_off_id, number, customer_query, amounts, policy.version, by=by, now=now)
    lines = statements.line_rows(amounts.lines)
    mail_id = uuid7()
    written = WrittenOff(recorded, amounts, customer_query.number, order.number)
    everything = [
        statements.write_off_inserted(recorded, lines, gateway=gateway.name, payment_reference=order.payment_reference),
        statements.units_taken(
            recorded,
            lines,
            items_minor=amounts.items_minor,
            more_eligible=_more_eligible(assessment, amounts),
            query_was_put_aside=history.query_state in PUT_ASIDE,
        ),
        transfers_posted(_postings(recorded, amounts.lines), seller_id=seller_id, currency=recorded.currency, now=now),
        write_off_announced(
            recorded,
            amounts,
            customer_query,
            mail_id=mail_id,
            query_state=history.query_state,
            day=history.day,
        ),
        *more,
        *([answer_kept(key, written)] if isinstance(key, IdempotencyClaim) else []),
    ]
    with in_pipeline():
        defer(*_jobs(recorded, order, mail_id, gateway, lost_again=amounts.lost_again))
        # Last, as from here on the shop's other changes wait for this one.
        returned = send(
            *statement_of(*everything, ending=_ENDING_WITH_KEY if isinstance(key, IdempotencyClaim) else _ENDING)
        )
    ((write_offs, by_currency, inserted),) = returned()
    require_inserted(inserted)
    if limited:
        day = day_of_row(history.day, write_offs, by_currency)
        require_within_limits(day, policy, currency=recorded.currency)
    return written


def _amounts_as_shown(assessment: OrderAssessment, selection: Sequence[SelectedUnits], token: str) -> WriteOffAmounts:
    """Compute the amounts. Raises ChangedSincePreview if the token stands for other facts or amounts."""
    shown = PreviewToken.read(token)
    if token and not (shown and shown.is_about(assessment)):
        raise _changed()
    amounts = write_off_amounts(assessment, selection)
    if shown and not shown.decides(amounts):
        raise _changed()
    return amounts


def _to_record(
    write_off_id: UUID,
    number: str,
    query: CustomerQuery,
    amounts: WriteOffAmounts,
    policy_version: int,
    *,
    by: Actor,
    now: datetime,
) -> WriteOff:
    return WriteOff(
        seller_id=query.seller_id,
        id=write_off_id,
        number=number,
        order_id=query.order_id,
        query_id=query.id,
        refund_id=uuid7(),
        currency=amounts.currency,
        refund_minor=amounts.refund_minor,
        delivery_refund_minor=amounts.delivery_minor,
        policy_version=policy_version,
        confirmed_at=now,
        by_user_id=by.user_id,
        by_name=by.name,
    )


def _changed() -> ChangedSincePreview:
    return ChangedSincePreview(_("Something changed since you looked: see what is shown now. Nothing was written off."))


def _require_open(query_state: str) -> None:
    """Refuse a query that is not the seller's to act on."""
    for refusal in query_refusals(query_state=query_state):
        raise QueryWithPartnerservice if refusal.code == QueryWithPartnerservice.code else QueryHandled


def _more_eligible(assessment: OrderAssessment, amounts: WriteOffAmounts) -> bool:
    """Return whether the order has other units that may be written off now."""
    taken = Counter({line.unit.id: line.quantity for line in amounts.lines})
    return any(unit.eligible and unit.available > taken[unit.id] for unit in assessment.units)


def _postings(write_off: WriteOff, lines: Sequence[AmountsLine]) -> list[Posting]:
    """Book each line by itself, so that every sum can be traced to its units."""
    postings = [Posting(Kind.CORRECTION_DELIVERY, write_off.id, write_off.delivery_refund_minor)]
    for line in lines:
        vat = line.commission_vat
        postings += [
            Posting(Kind.CORRECTION_TURNOVER, line.id, line.refund_minor),
            Posting(Kind.CORRECTION_COMMISSION, line.id, line.commission_minor, vat=vat),
            Posting(Kind.CORRECTION_COMMISSION_VAT, line.id, line.commission_vat_minor, vat=vat),
        ]
    return postings


def _jobs(write_off: WriteOff, order: Order, mail_id: UUID, gateway: Gateway, *, lost_again: bool) -> list[Job]:
    seller = str(write_off.seller_id)
    jobs = [send_mail_job(seller_id=write_off.seller_id, mail_id=mail_id)]
    refund_job = gateway.job(seller_id=write_off.seller_id, refund_id=write_off.refund_id)
    if write_off.refund_minor and refund_job:
        jobs.append(refund_job)
    if order.customer_invoice and write_off.refund_minor:
        job = Job(CREDIT_CUSTOMER, DOCUMENTS, {"seller": seller, "write_off": str(write_off.id)})
        # Lost again: after the invoice over what was paid again, which may not be issued yet.
        jobs.append(Job(CREDIT_ORDER, DOCUMENTS, {"seller": seller, "order": str(order.id)}) if lost_again else job)
    return jobs

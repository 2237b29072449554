"""Write off units that were lost in the mail: the one thing that everything else is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import DOCUMENTS
from lostpost.core.sql import in_pipeline
from lostpost.customer_queries.messages import send_mail_job
from lostpost.customer_queries.timeline import QueryHandled, QueryWithPartnerservice
from lostpost.eligibility.query import query_refusals
from lostpost.ledger.models import Kind
from lostpost.ledger.post import Posting, post_transfers
from lostpost.orders.models import Order
from lostpost.orders.reads import units_of_order
from lostpost.refunds.gateway import Gateway, gateway_of_new_refunds
from lostpost.writeoffs import statements
from lostpost.writeoffs.amounts import write_off_amounts
from lostpost.writeoffs.announce import announce_write_off
from lostpost.writeoffs.assess_order import assessment_of
from lostpost.writeoffs.credit_customer import CREDIT_CUSTOMER
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_write_off import is_about, token_of
from lostpost.writeoffs.selection import ChangedSincePreview, SelectedUnits, require_eligible
from lostpost.writeoffs.statements import RecordedLine


@transaction.atomic(durable=True)
@keeps_answer("write-off")
def write_off(
    *,
    query: str,
    picks: Sequence[SelectedUnits],
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
    token: str = "",
) -> WriteOff:
    """Write off lost units: record, refund, ledger, timeline and e-mail commit together or not at all.

    Final: nobody undoes it here. Asked again with the same `key` it returns what was made the first time. With the
    `token` of a preview it is refused if anything of the order changed since.

    Args: `query`: the customer query's number. `key`: 8 to 64 characters, one for each wish of the caller.
    Raises: QueryNotFound, QueryHandled, QueryWithPartnerservice, QueryOfOtherOrder, NotEligible, QuantityUnavailable,
    NothingSelected, ChangedSincePreview, KeyReused, ReadOnly; none of them leaves a trace.
    """
    require_writer(by)
    seller_id = by.seller_id
    asked = statements.lock_query_and_order(query, seller_id=seller_id)  # Held until commit.
    made_id = uuid7()
    content = [query, sorted([pick.parcel, pick.item, pick.quantity] for pick in picks)]
    if earlier := claim(key, scope="write-off", seller_id=seller_id, content=content, made_id=made_id, now=now):
        return WriteOff.objects.get(seller_id=seller_id, id=earlier)  # A retry: the first call has committed.
    statements.lock_parcels_of_selection(asked.order)
    rows = units_of_order(seller_id=seller_id, order_id=asked.order_id, placed_at=asked.order.placed_at)
    policy, history = statements.policy_and_history(seller_id=seller_id, order_id=asked.order_id, query_id=asked.id)
    _require_open(history.query_state)
    assessment = assessment_of(asked.order, rows, policy, now=now)
    if token and not is_about(token, assessment.state):
        raise _changed()
    picked = require_eligible(assessment, picks)
    reckoning = write_off_amounts(
        picked,
        all_rows=rows,
        currency=asked.order.currency,
        delivery_costs_minor=asked.order.delivery_costs_minor,
        delivery_refunded=asked.order.delivery_refunded_minor > 0,
        policy=policy,
    )
    if token and token != token_of(assessment.state, picks, reckoning):
        raise _changed()
    gateway = gateway_of_new_refunds(asked.order.payment_provider, asked.order.payment_reference)
    made = WriteOff(
        seller_id=seller_id,
        id=made_id,
        number=f"{asked.number}-{history.of_query + 1}",
        order_id=asked.order_id,
        query_id=asked.id,
        refund_id=uuid7(),
        currency=reckoning.currency,
        refund_minor=reckoning.refund_minor,
        delivery_refund_minor=reckoning.delivery_minor,
        policy_version=policy.version,
        confirmed_at=now,
        by_user_id=by.user_id,
        by_name=by.name,
    )
    lines = [(uuid7(), line) for line in reckoning.lines]
    mail_id = uuid7()
    with in_pipeline():
        statements.insert_write_off(made, lines, gateway=gateway.name, payment_reference=asked.order.payment_reference)
        statements.take_units(lines, made)
        post_transfers(_postings(made, lines), seller_id=seller_id, currency=made.currency, now=now)
        defer(*_jobs(made, asked.order, mail_id, gateway, lost_again=reckoning.lost_again))
        announce_write_off(
            made, reckoning, asked, mail_id=mail_id
        )  # Last: from here on the shop's other changes wait for this one.
    return made


def _changed() -> ChangedSincePreview:
    return ChangedSincePreview(_("Something changed since you looked: see what is shown now. Nothing was written off."))


def _require_open(query_state: str) -> None:
    """Refuse a query that is not the seller's to act on."""
    for refusal in query_refusals(query_state=query_state):
        raise QueryWithPartnerservice if refusal.code == QueryWithPartnerservice.code else QueryHandled


def _postings(made: WriteOff, lines: Sequence[RecordedLine]) -> list[Posting]:
    """Book each line for itself, so that every sum can be explained by the units that it came from."""
    postings = [Posting(Kind.CORRECTION_DELIVERY, made.id, made.delivery_refund_minor)]
    for line_id, line in lines:
        rate_bp = line.commission_vat_rate_bp
        postings += [
            Posting(Kind.CORRECTION_TURNOVER, line_id, line.refund_minor),
            Posting(Kind.CORRECTION_COMMISSION, line_id, line.commission_minor, vat_rate_bp=rate_bp),
            Posting(Kind.CORRECTION_COMMISSION_VAT, line_id, line.commission_vat_minor, vat_rate_bp=rate_bp),
        ]
    return postings


def _jobs(made: WriteOff, order: Order, mail_id: UUID, gateway: Gateway, *, lost_again: bool) -> list[Job]:
    seller = str(made.seller_id)
    jobs = [send_mail_job(seller_id=made.seller_id, mail_id=mail_id)]
    refund_job = gateway.job(seller_id=made.seller_id, refund_id=made.refund_id)
    if made.refund_minor and refund_job:
        jobs.append(refund_job)
    if order.customer_invoice and not lost_again:
        jobs.append(Job(CREDIT_CUSTOMER, DOCUMENTS, {"seller": seller, "write_off": str(made.id)}))
    return jobs

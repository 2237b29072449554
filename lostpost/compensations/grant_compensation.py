"""Book and announce what two agents granted, in the transaction of their decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from lostpost.accounts.actor import Actor
from lostpost.compensations.models import Compensation
from lostpost.compensations.money_left import MoneyLeft
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import DOCUMENTS
from lostpost.customer_queries.messages import queue_mail
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.stakes import forget_stakes
from lostpost.customer_queries.timeline import add_entry
from lostpost.eligibility.facts import facts_as_json
from lostpost.ledger.models import Kind
from lostpost.ledger.post_transfers import Posting, post_transfers
from lostpost.orders.models import Order, OrderItem, ParcelUnit
from lostpost.orders.reads import AssessedUnit
from lostpost.refunds.gateway import gateway_of_new_refunds
from lostpost.refunds.models import Refund
from lostpost.writeoffs.assess_order import OrderAssessment

CREDIT_COMPENSATION = "compensation.credit"  # The job's name.
GRANTED_MAIL = "compensation.granted"  # The kind of its e-mail.


@dataclass(frozen=True, slots=True)
class Granted:
    """What was decided: parts of the money that is left, by whom, and why."""

    request_id: UUID
    items_minor: int
    delivery_minor: int
    reason: str
    proposed_by_user_id: int
    proposed_by_name: str


def book_compensation(
    query: CustomerQuery,
    assessment: OrderAssessment,
    unit: AssessedUnit,
    left: MoneyLeft,
    granted: Granted,
    *,
    by: Actor,
    now: datetime,
) -> Compensation:
    """Record and book a compensation and request its refund; the caller holds the order and has compared the money.

    `announce_compensation` follows, once everything else of the caller is locked.
    """
    assert unit.id
    assert 0 <= granted.items_minor <= left.items.refund_minor
    assert 0 <= granted.delivery_minor <= left.delivery_minor
    part, vat = left.part(granted.items_minor), unit.item.commission_vat or assessment.vat_now
    count = Compensation.objects.filter(seller_id=query.seller_id, query_id=query.id).count()
    compensation = Compensation(
        seller_id=query.seller_id,
        number=f"{query.number}-C{count + 1}",
        order_id=query.order_id,
        query_id=query.id,
        refund_id=uuid7(),
        request_id=granted.request_id,
        parcel_unit_id=unit.id,
        order_item_id=unit.item.id,
        currency=query.order.currency,
        amount_minor=granted.items_minor + granted.delivery_minor,
        items_minor=granted.items_minor,
        delivery_minor=granted.delivery_minor,
        commission_minor=part.commission_minor,
        commission_vat_minor=part.commission_vat_minor,
        commission_vat_rate_bp=vat.rate_bp,
        commission_vat_category=vat.category,
        facts=facts_as_json(unit.facts),
        policy_version=assessment.policy.version,
        reason=granted.reason,
        granted_at=now,
        proposed_by_user_id=granted.proposed_by_user_id,
        proposed_by_name=granted.proposed_by_name,
        by_user_id=by.user_id,
        by_name=by.name,
    )
    _request_refund(compensation, query.order, now=now)
    compensation.save(force_insert=True)
    _take_off_what_is_left(compensation)
    post_transfers(_postings(compensation), seller_id=compensation.seller_id, currency=compensation.currency, now=now)
    forget_stakes(query.seller_id, [query.order_id])
    if query.order.customer_invoice:
        values = {"seller": str(compensation.seller_id), "compensation": str(compensation.id)}
        defer(Job(CREDIT_COMPENSATION, DOCUMENTS, values))
    return compensation


def announce_compensation(
    compensation: Compensation, query: CustomerQuery, *, by: Actor, now: datetime, **about: Any
) -> None:
    """Announce a compensation and its refund: on the query's timeline, in the shop's feed, and to the customer.

    Args: `about`: the request and the units in question, as entries name them.
    """
    money: dict[str, Any] = {
        "number": compensation.number,
        "amount_minor": compensation.amount_minor,
        "currency": compensation.currency,
    }
    entry = add_entry(
        query,
        "compensation.granted",
        now=now,
        by=by,
        **money,
        items_minor=compensation.items_minor,
        delivery_minor=compensation.delivery_minor,
        **about,
    )
    add_entry(query, "refund.requested", now=now, by=by, **money)
    queue_mail(query, kind=GRANTED_MAIL, about_id=entry.id, now=now)


def _request_refund(compensation: Compensation, order: Order, *, now: datetime) -> None:
    gateway = gateway_of_new_refunds(order.payment_provider, order.payment_reference)
    Refund.objects.create(
        seller_id=compensation.seller_id,
        id=compensation.refund_id,
        number=compensation.number,
        order_id=compensation.order_id,
        query_id=compensation.query_id,
        amount_minor=compensation.amount_minor,
        currency=compensation.currency,
        gateway=gateway.name,
        requested_at=now,
        payment_reference=order.payment_reference,
    )
    if job := gateway.job(seller_id=compensation.seller_id, refund_id=compensation.refund_id):
        defer(job)


def _take_off_what_is_left(compensation: Compensation) -> None:
    """Count it as given back; the constraints of items and orders have the last word on what there is."""
    seller_id = compensation.seller_id
    commission = {
        "commission_back_minor": F("commission_back_minor") + compensation.commission_minor,
        "commission_vat_back_minor": F("commission_vat_back_minor") + compensation.commission_vat_minor,
    }
    ParcelUnit.objects.filter(seller_id=seller_id, id=compensation.parcel_unit_id).update(
        given_back_minor=F("given_back_minor") + compensation.items_minor, **commission
    )
    OrderItem.objects.filter(seller_id=seller_id, id=compensation.order_item_id).update(
        refunded_minor=F("refunded_minor") + compensation.items_minor, **commission
    )
    Order.objects.filter(seller_id=seller_id, id=compensation.order_id).update(
        delivery_refunded_minor=F("delivery_refunded_minor") + compensation.delivery_minor
    )


def _postings(compensation: Compensation) -> list[Posting]:
    """Book it as a write-off books its lines: at the seller's expense, the commission given back at its own rate."""
    vat = compensation.commission_vat
    return [
        Posting(Kind.CORRECTION_DELIVERY, compensation.id, compensation.delivery_minor),
        Posting(Kind.CORRECTION_TURNOVER, compensation.id, compensation.items_minor),
        Posting(Kind.CORRECTION_COMMISSION, compensation.id, compensation.commission_minor, vat=vat),
        Posting(Kind.CORRECTION_COMMISSION_VAT, compensation.id, compensation.commission_vat_minor, vat=vat),
    ]

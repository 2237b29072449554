"""Settle a restoration: the customer paid again, or it is withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import DOCUMENTS
from lostpost.core.text import is_storable, strip_unstorable
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.stakes import forget_stakes
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.invoicing.issue_credit_note import CREDIT_ORDER
from lostpost.invoicing.models import CreditNote
from lostpost.ledger.models import Kind
from lostpost.ledger.post_transfers import Posting, post_transfers
from lostpost.orders.models import Order, OrderItem, ParcelUnit
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.sales.book_sales import book_sales
from lostpost.sales.models import Sale
from lostpost.writeoffs.models import WriteOffLine

State = Restoration.State
DELIVERY_PAID = "restoration.delivery-paid"


class RestorationNotFound(NotFound):
    """There is no such restoration in this shop."""


class RestorationSettled(Conflict):
    """The restoration's state does not allow this change."""

    code = "restoration-settled"


@transaction.atomic(durable=True)
def mark_restoration_paid(*, seller_id: UUID, number: str, reference: str, by: Actor, now: datetime) -> Restoration:
    """Record and book that the customer paid; the same reference again changes nothing.

    Raises: RestorationNotFound, RestorationSettled, Rejected without a reference.
    """
    restoration, query = _lock(seller_id, number)
    if restoration.state == State.RECEIVED and restoration.reference == _one_line(reference, 200):
        return restoration
    return book_restoration(restoration, query, reference=reference, by=by, now=now)


@transaction.atomic(durable=True)
def withdraw_restoration(*, seller_id: UUID, number: str, reason: str, by: Actor, now: datetime) -> Restoration:
    """Record that the customer does not pay after all; the units may be restored later.

    Raises: RestorationNotFound, RestorationSettled, Rejected without a reason.
    """
    reason = _one_line(reason, 500)
    if not 1 <= len(reason) <= 500:
        raise Rejected(_("Write down why the restoration is withdrawn, up to 500 characters."))
    restoration, query = _lock(seller_id, number)
    if restoration.state == State.WITHDRAWN and restoration.reason == reason:
        return restoration
    _transition(restoration, State.WITHDRAWN, withdrawn_at=now, reason=reason)
    for line in RestorationLine.objects.filter(seller_id=seller_id, restoration_id=restoration.id):
        WriteOffLine.objects.filter(seller_id=seller_id, id=line.write_off_line_id).update(
            quantity_restored=F("quantity_restored") - line.quantity
        )
    announce_restoration(restoration, query, "restoration.withdrawn", by=by, now=now, reason=reason)
    waive_delivery_costs(query, seller_id=seller_id, write_off_id=restoration.write_off_id, now=now)
    return restoration


def waive_delivery_costs(query: CustomerQuery, *, seller_id: UUID, write_off_id: UUID, now: datetime) -> None:
    """Take delivery costs off what a customer agreed to pay again, as they do not keep the whole write-off after all.

    To be called in the caller's transaction, which holds the order, when units stop to be restored or asked about.
    What was paid already stays booked, as money has no way back here: the timeline says that Partnerservice can grant
    it, once. Where the customer is asked for the rest once more, the delivery costs are asked for with it.
    """
    rows = Restoration.objects.filter(seller_id=seller_id, write_off_id=write_off_id, delivery_minor__gt=0)
    restoration = rows.exclude(state=State.WITHDRAWN).first()
    if restoration is None:
        return
    delivery_minor = restoration.delivery_minor
    if restoration.state == State.RECEIVED:
        said = TimelineEntry.objects.filter(seller_id=seller_id, query_id=query.id, kind=DELIVERY_PAID)
        if not said.filter(data__number=restoration.number).exists():
            announce_restoration(restoration, query, DELIVERY_PAID, now=now, delivery_minor=delivery_minor)
        return
    restoration.amount_minor -= delivery_minor
    restoration.delivery_minor, restoration.delivery_waived_minor = 0, delivery_minor
    restoration.save(update_fields=["amount_minor", "delivery_minor", "delivery_waived_minor"])
    announce_restoration(restoration, query, "restoration.delivery-waived", now=now, delivery_minor=delivery_minor)


def book_restoration(
    restoration: Restoration, query: CustomerQuery, *, reference: str, by: Actor, now: datetime, agreed: bool = False
) -> Restoration:
    """Book what the customer paid again, in the caller's transaction, which holds the order.

    Args: `agreed`: the customer agreed in this transaction, and that is announced first.
    Raises: RestorationSettled, Rejected without a reference.
    """
    reference = _one_line(reference, 200)
    if not 1 <= len(reference) <= 200:
        raise Rejected(_("Write down the reference of the customer's payment, up to 200 characters."))
    _transition(restoration, State.RECEIVED, received_at=now, reference=reference)
    post_transfers(_postings(restoration), seller_id=restoration.seller_id, currency=restoration.currency, now=now)
    _count_paid_again(restoration)
    forget_stakes(restoration.seller_id, [restoration.order_id])
    # A return that took the rest, as nothing was left after it, is worth its share again now that something is.
    book_sales(restoration.seller_id, [restoration.order_id], Sale.Cause.CHANGED, now)
    if agreed:
        announce_restoration(restoration, query, "restoration.agreed", by=by, now=now)
    if Order.objects.filter(
        seller_id=restoration.seller_id, id=restoration.order_id, customer_invoice__isnull=False
    ).exists():
        defer(Job(CREDIT_ORDER, DOCUMENTS, {"seller": str(restoration.seller_id), "order": str(restoration.order_id)}))
    notes = CreditNote.objects.filter(seller_id=restoration.seller_id, write_off_id=restoration.write_off_id)
    number = notes.values_list("number", flat=True).first()
    credited = {"credit_note": number} if number else {}
    announce_restoration(restoration, query, "restoration.received", by=by, now=now, reference=reference, **credited)
    return restoration


def announce_restoration(
    restoration: Restoration,
    query: CustomerQuery,
    kind: str,
    *,
    now: datetime,
    by: Actor | None = None,
    **data: Any,
) -> None:
    """Announce a change of a restoration on the query's timeline and in the shop's feed."""
    add_entry(
        query,
        kind,
        now=now,
        by=by,
        number=restoration.number,
        amount_minor=restoration.amount_minor,
        currency=restoration.currency,
        **data,
    )


def _postings(restoration: Restoration) -> list[Posting]:
    """Book each line by itself, at the rate of VAT at which its commission was given back."""
    postings = [Posting(Kind.RESTORED_DELIVERY, restoration.id, restoration.delivery_minor)]
    lines = RestorationLine.objects.filter(seller_id=restoration.seller_id, restoration_id=restoration.id)
    for line in lines.select_related("write_off_line").order_by("id"):
        vat = line.write_off_line.commission_vat
        postings += [
            Posting(Kind.RESTORED_TURNOVER, line.id, line.refund_minor),
            Posting(Kind.RESTORED_COMMISSION, line.id, line.commission_minor, vat=vat),
            Posting(Kind.RESTORED_COMMISSION_VAT, line.id, line.commission_vat_minor, vat=vat),
        ]
    return postings


def _count_paid_again(restoration: Restoration) -> None:
    """Count the units as paid again, in their parcels and in the order, which the caller has locked."""
    seller_id = restoration.seller_id
    for line in RestorationLine.objects.filter(seller_id=seller_id, restoration_id=restoration.id).select_related(
        "write_off_line"
    ):
        written_off = line.write_off_line
        commission = {
            "commission_back_minor": F("commission_back_minor") - line.commission_minor,
            "commission_vat_back_minor": F("commission_vat_back_minor") - line.commission_vat_minor,
        }
        ParcelUnit.objects.filter(seller_id=seller_id, id=written_off.parcel_unit_id).update(
            quantity_paid_again=F("quantity_paid_again") + line.quantity,
            given_back_minor=F("given_back_minor") - line.refund_minor,
            **commission,
        )
        OrderItem.objects.filter(seller_id=seller_id, id=written_off.order_item_id).update(
            quantity_paid_again=F("quantity_paid_again") + line.quantity,
            paid_again_minor=F("paid_again_minor") + line.refund_minor,
            **commission,
        )
    if restoration.delivery_minor:
        Order.objects.filter(seller_id=seller_id, id=restoration.order_id).update(
            delivery_refunded_minor=F("delivery_refunded_minor") - restoration.delivery_minor
        )


def _lock(seller_id: UUID, number: str) -> tuple[Restoration, CustomerQuery]:
    """Return the restoration and its query, locked from the order on."""
    rows = Restoration.objects.filter(seller_id=seller_id, number=number)
    query_number = rows.values_list("write_off__query__number", flat=True).first() if is_storable(number) else None
    if query_number is None:
        raise RestorationNotFound(_("There is no restoration “%(number)s” in this shop.") % {"number": number[:50]})
    query = lock_query(query_number, seller_id=seller_id)
    return rows.get(), query


def _transition(restoration: Restoration, to: Restoration.State, **values: object) -> None:
    if to not in Restoration.MOVES[State(restoration.state)]:
        raise RestorationSettled(
            _("Restoration %(number)s is “%(state)s” already; look at it again.")
            % {"number": restoration.number, "state": restoration.get_state_display()}
        )
    for name, value in values.items():
        setattr(restoration, name, value)
    restoration.state = to
    Restoration.objects.filter(seller_id=restoration.seller_id, id=restoration.id).update(state=to, **values)


def _one_line(text: str, most: int) -> str:
    return " ".join(strip_unstorable(text).split())[: most + 1]

"""The jobs about documents."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from operator import itemgetter
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.accounts.put_seller import CREDIT_SHOP
from lostpost.compensations.credit_compensation import (
    compensations_to_credit,
    credit_compensation,
    orders_to_credit,
)
from lostpost.compensations.grant_compensation import CREDIT_COMPENSATION
from lostpost.core.queues import DOCUMENTS
from lostpost.invoicing.issue_credit_note import CREDIT_ORDER, NoInvoiceToCredit, SellerWithoutVatNumber
from lostpost.invoicing.models import CreditNote
from lostpost.restorations.invoice_paid_again import invoice_paid_again, restorations_to_invoice
from lostpost.writeoffs.credit_customer import CREDIT_CUSTOMER, credit_customer, write_offs_to_credit

_RETRY = RetryStrategy(max_attempts=20, exponential_wait=2)
# No fault: nothing was paid, it is on the invoice for a second payment, or the shop's VAT number is awaited.
_NOTHING_TO_ISSUE = (NoInvoiceToCredit, SellerWithoutVatNumber)


@app.task(name=CREDIT_CUSTOMER, queue=DOCUMENTS, retry=_RETRY)
def issue_credit_note_job(seller: str, write_off: str) -> None:
    """Issue the credit note of one write-off. Safe to repeat."""
    with suppress(SellerWithoutVatNumber):
        credit_customer(seller_id=UUID(seller), write_off_id=UUID(write_off), now=timezone.now())


@app.task(name=CREDIT_COMPENSATION, queue=DOCUMENTS, retry=_RETRY)
def issue_compensation_credit_note_job(seller: str, compensation: str) -> None:
    """Issue the credit note of one compensation. Safe to repeat."""
    with suppress(SellerWithoutVatNumber):
        credit_compensation(seller_id=UUID(seller), compensation_id=UUID(compensation), now=timezone.now())


@app.task(name=CREDIT_ORDER, queue=DOCUMENTS, retry=_RETRY)
def issue_credit_notes_of_order_job(seller: str, order: str) -> None:
    """Issue what is due of an invoiced order, in the order in which it happened. Safe to repeat.

    Credit notes of what was refunded before the customer's invoice was known, and invoices over what was paid again.
    """
    seller_id, order_id, now = UUID(seller), UUID(order), timezone.now()
    due: list[tuple[datetime, Callable[..., CreditNote]]] = [
        *((at, partial(credit_customer, write_off_id=it)) for at, it in write_offs_to_credit(seller_id, order_id)),
        *(
            (at, partial(credit_compensation, compensation_id=it))
            for at, it in compensations_to_credit(seller_id, order_id)
        ),
        *(
            (at, partial(invoice_paid_again, restoration_id=it))
            for at, it in restorations_to_invoice(seller_id, order_id)
        ),
    ]
    for _at, issue in sorted(due, key=itemgetter(0)):
        with suppress(*_NOTHING_TO_ISSUE):
            issue(seller_id=seller_id, now=now)


@app.task(name=CREDIT_SHOP, queue=DOCUMENTS, retry=_RETRY)
def issue_credit_notes_of_shop_job(seller: str) -> None:
    """Issue what waited for the shop's VAT number. Safe to repeat."""
    for order_id in orders_to_credit(UUID(seller)):
        issue_credit_notes_of_order_job(seller=seller, order=str(order_id))

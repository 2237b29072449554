"""The jobs about documents."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.compensations.credit_compensation import compensations_to_credit, credit_compensation
from lostpost.compensations.grant_compensation import CREDIT_COMPENSATION
from lostpost.core.queues import DOCUMENTS
from lostpost.invoicing.issue_credit_note import CREDIT_ORDER, NoInvoiceToCredit
from lostpost.writeoffs.credit_customer import CREDIT_CUSTOMER, credit_customer, write_offs_to_credit


@app.task(name=CREDIT_CUSTOMER, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def issue_credit_note_job(seller: str, write_off: str) -> None:
    """Issue the credit note of one write-off. Safe to repeat."""
    credit_customer(seller_id=UUID(seller), write_off_id=UUID(write_off), now=timezone.now())


@app.task(name=CREDIT_COMPENSATION, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def issue_compensation_credit_note_job(seller: str, compensation: str) -> None:
    """Issue the credit note of one compensation. Safe to repeat."""
    credit_compensation(seller_id=UUID(seller), compensation_id=UUID(compensation), now=timezone.now())


@app.task(name=CREDIT_ORDER, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def issue_credit_notes_of_order_job(seller: str, order: str) -> None:
    """Issue the credit notes of what was refunded before the customer's invoice was known. Safe to repeat."""
    seller_id, now = UUID(seller), timezone.now()
    for write_off_id in write_offs_to_credit(seller_id, UUID(order)):
        with suppress(NoInvoiceToCredit):  # Nothing was paid, or it is on the invoice for a second payment.
            credit_customer(seller_id=seller_id, write_off_id=write_off_id, now=now)
    for compensation_id in compensations_to_credit(seller_id, UUID(order)):
        with suppress(NoInvoiceToCredit):
            credit_compensation(seller_id=seller_id, compensation_id=compensation_id, now=now)

"""The jobs about documents."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.compensations.credit_compensation import credit_compensation
from lostpost.compensations.grant_compensation import CREDIT_COMPENSATION
from lostpost.core.queues import DOCUMENTS
from lostpost.writeoffs.credit_customer import CREDIT_CUSTOMER, credit_customer


@app.task(name=CREDIT_CUSTOMER, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def issue_credit_note_job(seller: str, write_off: str) -> None:
    """Issue the credit note of one write-off. Safe to repeat."""
    credit_customer(seller_id=UUID(seller), write_off_id=UUID(write_off), now=timezone.now())


@app.task(name=CREDIT_COMPENSATION, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def issue_compensation_credit_note_job(seller: str, compensation: str) -> None:
    """Issue the credit note of one compensation. Safe to repeat."""
    credit_compensation(seller_id=UUID(seller), compensation_id=UUID(compensation), now=timezone.now())

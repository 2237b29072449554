"""The jobs about refunds by payment providers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from lostpost.connectors.payments.carry_out import carry_out, look_up
from lostpost.connectors.payments.provider import RetryableError
from lostpost.core.jobs import defer
from lostpost.core.ownership import cross_seller
from lostpost.core.queues import UPKEEP
from lostpost.refunds.gateway import LOOK_UP_REFUND, PROVIDERS, QUEUE, SEND_REFUND, refund_job
from lostpost.refunds.look_again import claim_due_looks
from lostpost.refunds.models import Refund

State = Refund.State
logger = logging.getLogger("lostpost.refunds")

MINUTE, HOUR = 60, 3600
WAITS_SECONDS = (
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
)  # The last one repeats.
FORGOTTEN = timedelta(minutes=15)
SENT_LONG_AGO = timedelta(hours=3)


class RefundBackOff(BaseRetryStrategy):
    """Wait longer from one try to the next, up to an hour, or as the provider asks.

    A refund is never given up, since a customer waits for the money; `most` is for jobs that are deferred again anyway.
    """

    def __init__(self, *, most: int | None = None) -> None:
        self.most = most

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again; an error that is not the provider's is a bug, logged with its traceback."""
        retryable = exception if isinstance(exception, RetryableError) else None
        if self.most is not None and job.attempts >= self.most:
            logger.error("refund job %s is given up: %s", job.id, exception, exc_info=None if retryable else exception)
            return None
        wait_seconds = WAITS_SECONDS[min(job.attempts, len(WAITS_SECONDS) - 1)]
        if retryable:
            wait_seconds = max(wait_seconds, min(retryable.retry_seconds, 24 * HOUR))
        logger.warning(
            "refund job %s waits %d s: %s", job.id, wait_seconds, exception, exc_info=None if retryable else exception
        )
        return RetryDecision(retry_in={"seconds": wait_seconds})


@app.task(name=SEND_REFUND, queue=QUEUE, retry=RefundBackOff())
def send_refund(seller: str, refund: str) -> None:
    """Refund through the provider. Safe to repeat: after a lost answer the refund is looked up first."""
    carry_out(seller_id=UUID(seller), refund_id=UUID(refund), clock=timezone.now)


@app.task(name=LOOK_UP_REFUND, queue=QUEUE, retry=RefundBackOff(most=len(WAITS_SECONDS)))
def look_up_refund(seller: str, refund: str) -> None:
    """Look up the status of a refund at its provider."""
    look_up(seller_id=UUID(seller), refund_id=UUID(refund), clock=timezone.now)


@app.periodic(cron="*/10 * * * *")
@app.task(name="refund.promise-forgotten", queue=UPKEEP, queueing_lock="refund.promise-forgotten")
def defer_forgotten_refunds(timestamp: int) -> None:
    """Defer a job for refunds that were requested long ago and have none.

    Refund and job are committed together and a dead worker's jobs are retried, so there should be none; but a job may
    have been removed by hand.
    """
    _defer_where(SEND_REFUND, state=State.REQUESTED, requested_at__lt=timezone.now() - FORGOTTEN)


@app.periodic(cron="37 */6 * * *")
@app.task(name="refund.look-after", queue=UPKEEP, queueing_lock="refund.look-after")
def look_after(timestamp: int) -> None:
    """Look up refunds that were sent hours ago and are not confirmed: the webhook may be lost, or there is none."""
    _defer_where(LOOK_UP_REFUND, state=State.SENT, sent_at__lt=timezone.now() - SENT_LONG_AGO)


@app.periodic(cron="17 * * * *")
@app.task(name="refund.look-again", queue=UPKEEP, queueing_lock="refund.look-again")
def look_again(timestamp: int) -> None:
    """Look up refunds confirmed in the last 30 days: after a day, then less and less often, up to 500 an hour."""
    _defer_once(LOOK_UP_REFUND, claim_due_looks(now=timezone.now()))


def _defer_where(task: str, **conditions: object) -> None:
    with cross_seller("refunds at providers that somebody must look after"):
        refunds = Refund.objects.filter(gateway__in=PROVIDERS, **conditions)
        refund_keys = list(refunds.order_by("requested_at").values_list("seller_id", "id"))
    _defer_once(task, refund_keys)


def _defer_once(task: str, refund_keys: Sequence[tuple[UUID, UUID]]) -> None:
    deferred = {
        job["refund"]
        for job in ProcrastinateJob.objects.filter(task_name=task, status__in=["todo", "doing"]).values_list(
            "args", flat=True
        )
    }
    jobs = [
        refund_job(task, seller_id=seller_id, refund_id=refund_id)
        for seller_id, refund_id in refund_keys
        if str(refund_id) not in deferred
    ]
    if jobs:
        defer(*jobs)
        logger.info("%s: %d refunds", task, len(jobs))

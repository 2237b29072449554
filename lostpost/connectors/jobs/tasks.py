"""Jobs about jobs: what a dead worker left is taken up again, and what is long done is cleared away."""

from __future__ import annotations

import logging

from django.utils import timezone
from oauth2_provider.models import clear_expired
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

from lostpost.accounts.forget_counts import forget_counts
from lostpost.accounts.models import Seller
from lostpost.core.forget_keys import forget_keys

logger = logging.getLogger("lostpost.jobs")

STALLED_SECONDS = 30.0  # A worker tells every 10 seconds that it lives; after three silences it does not.
KEEP_DONE_HOURS, KEEP_FAILED_HOURS = 3 * 24, 30 * 24


@app.periodic(cron="* * * * *")
@app.task(name="jobs.take-up-stalled", queue="upkeep", pass_context=True)
async def take_up_stalled_now(context: JobContext, timestamp: int) -> None:
    """Look every minute for jobs whose worker died."""
    await take_up_stalled(context.app.job_manager)


async def take_up_stalled(jobs: JobManager) -> int:
    """Put jobs whose worker died back to work; return how many. Every job is safe to repeat."""
    count = 0
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        try:
            await jobs.retry_job(job)
        except ConnectorException:  # It is not at work any more.
            logger.info("job %s was taken up by somebody else", job.id)
            continue
        count += 1
        logger.warning("job %s was left by a worker that died; it is done again", job.id, extra={"task": job.task_name})
    return count


@app.periodic(cron="17 3 * * *")
@app.task(name="jobs.clear-away", queue="upkeep", pass_context=True)
async def clear_away(context: JobContext, timestamp: int) -> None:
    """Remove the records of jobs that were done days ago; failed ones stay longer, for whoever looks into them."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE_HOURS)
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="47 3 * * *")
@app.task(name="jobs.forget-keys", queue="upkeep")
def forget_keys_of_all(timestamp: int) -> None:
    """Delete the idempotency keys of more than 90 days ago, one shop after the other. Safe to break off and repeat."""
    count = sum(
        forget_keys(seller_id=seller_id, now=timezone.now())
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True)
    )
    logger.info("forgot %s idempotency keys", count)


@app.periodic(cron="27 * * * *")
@app.task(name="jobs.forget-sign-ins", queue="upkeep")
def forget_sign_ins(timestamp: int) -> None:
    """Delete what the API's clients leave each hour: tokens that have expired, and counts of minutes that are over."""
    forget_counts(now=timezone.now())
    clear_expired()

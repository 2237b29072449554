"""Maintenance of the job queue: retry jobs of dead workers, delete old records."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from typing import LiteralString

from django.utils import timezone
from oauth2_provider.models import clear_expired
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from lostpost.accounts.forget_counts import forget_counts
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.forget_keys import forget_keys
from lostpost.core.queues import UPKEEP, WATCH
from lostpost.jobs.batches import ItemByItem
from lostpost.ledger.close_months import close_months
from lostpost.tracking.count_received_scans import forget_scan_counts
from lostpost.tracking.scan_codes import forget_unmapped_scans
from lostpost.tracking.unmatched_scans import forget_unmatched_scans, match_again

logger = logging.getLogger("lostpost.jobs")

RESCUE = "jobs.take-up-stalled"
LOOK_AGAIN_SECONDS = 15.0  # More than the time between two heartbeats.
STALLED_SECONDS = 30.0  # Three missed heartbeats of 10 seconds.
KEEP_DONE_HOURS, KEEP_FAILED_HOURS = 3 * 24, 30 * 24


@app.periodic(cron="* * * * *")
@app.task(name=RESCUE, queue=WATCH, queueing_lock=RESCUE, pass_context=True)
async def take_up_stalled_now(context: JobContext, timestamp: int) -> None:
    """Look every minute for jobs whose worker died, and for jobs that a wrong clock has postponed."""
    jobs = context.app.job_manager
    await forgive_clock(jobs)
    silent = await stalled_jobs(jobs)
    if silent:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        await take_up_stalled(jobs, among=silent)


async def take_up_stalled(jobs: JobManager, *, among: Container[tuple[int, int | None]] | None = None) -> int:
    """Queue jobs whose worker died again; return how many. Every job is safe to repeat.

    Args: `among`: only jobs that were stalled at an earlier look; None: all. Two looks, some time apart, keep a worker
    from being considered dead because the clock jumped ahead.
    """
    count = 0
    for job, key in [(job, _key(job)) for job in await _stalled(jobs)]:
        if among is not None and key not in among:
            continue
        try:
            await jobs.retry_job(job)
        except UniqueViolation:  # Another one waits already, and will do the same.
            await jobs.finish_job(job, Status.ABORTED, delete_job=False)
            continue
        except ConnectorException:  # It is not at work any more.
            logger.info("job %s was taken up by somebody else", job.id)
            continue
        count += 1
        logger.warning("job %s was left by a worker that died; it is done again", job.id, extra={"task": job.task_name})
    return count


async def stalled_jobs(jobs: JobManager) -> set[tuple[int, int | None]]:
    """Return the running jobs whose worker has no recent heartbeat, each with that worker."""
    return {_key(job) for job in await _stalled(jobs)}


async def _stalled(jobs: JobManager) -> list[Job]:
    return list(await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))


def _key(job: Job) -> tuple[int, int | None]:
    assert job.id
    return job.id, job.worker_id


async def forgive_clock(jobs: JobManager) -> None:
    """Correct times that were written while the database's clock was ahead, once it is right again.

    A job that was postponed then is due; a worker's heartbeat from then counts from now, or its death would go
    unnoticed until that time.
    """
    due = await jobs.connector.execute_query_all_async(_PUT_OFF_BY_A_WRONG_CLOCK)
    if due:
        logger.warning("%d jobs were put off while the clock was ahead; they are due now", len(due))
    await jobs.connector.execute_query_async(
        "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE last_heartbeat > now() + interval '1 minute'"
    )


# When a job was put off is the time of its newest event; `scheduled` is none: its time is the one it was put off to.
_PUT_OFF_BY_A_WRONG_CLOCK: LiteralString = """
    UPDATE procrastinate_jobs AS job
       SET scheduled_at = now()
     WHERE job.status = 'todo' AND job.scheduled_at > now()
       AND EXISTS (
           SELECT FROM procrastinate_events event
            WHERE event.job_id = job.id AND event.type <> 'scheduled' AND event.at > now() + interval '1 minute'
       )
    RETURNING job.id
"""


@app.periodic(cron="17 3 * * *")
@app.task(name="jobs.clear-away", queue=UPKEEP, queueing_lock="jobs.clear-away", pass_context=True)
async def delete_old_job_records(context: JobContext, timestamp: int) -> None:
    """Delete the records of jobs that were done days ago; failed ones stay longer, for debugging."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE_HOURS)
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="47 3 * * *")
@app.task(name="jobs.forget-keys", queue=UPKEEP, queueing_lock="jobs.forget-keys")
def forget_keys_of_all(timestamp: int) -> None:
    """Delete the idempotency keys of more than 90 days ago, one shop after the other. Safe to break off and repeat."""
    count = sum(
        forget_keys(seller_id=seller_id, now=timezone.now())
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True)
    )
    logger.info("forgot %s idempotency keys", count)


@app.periodic(cron="57 3 * * *")
@app.task(name="jobs.close-months", queue=UPKEEP, queueing_lock="jobs.close-months")
def close_months_of_all(timestamp: int) -> None:
    """Add up the months that have ended, one shop after the other. Safe to break off and repeat."""
    zone, now = current_policy().zone, timezone.now()
    with ItemByItem() as batch:
        for code, seller_id in Seller.objects.order_by("id").values_list("code", "id"):
            with batch.item(f"the months of shop {code}"):
                close_months(seller_id=seller_id, zone=zone, now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="jobs.match-scans", queue=UPKEEP, queueing_lock="jobs.match-scans")
def match_scans(timestamp: int) -> None:
    """Look every five minutes for the parcels of scans that came before them."""
    if count := match_again(now=timezone.now()):
        logger.info("%s scans have found their parcels", count)


@app.periodic(cron="37 3 * * *")
@app.task(name="jobs.forget-unmatched-scans", queue=UPKEEP, queueing_lock="jobs.forget-unmatched-scans")
def forget_unmatched(timestamp: int) -> None:
    """Delete scans whose parcel, or whose code, is still unknown after 60 days, and the oldest beyond the limit."""
    now = timezone.now()
    logger.info("forgot %s scans without a parcel", forget_unmatched_scans(now=now))
    logger.info("forgot %s scans with a code that nobody mapped", forget_unmapped_scans(now=now))
    forget_scan_counts(now=now)


@app.periodic(cron="27 * * * *")
@app.task(name="jobs.forget-sign-ins", queue=UPKEEP, queueing_lock="jobs.forget-sign-ins")
def forget_sign_ins(timestamp: int) -> None:
    """Delete what the API's clients leave each hour: tokens that have expired, and counts of minutes that are over."""
    forget_counts(now=timezone.now())
    clear_expired()

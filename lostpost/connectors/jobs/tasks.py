"""Jobs about jobs: what a dead worker left is taken up again, and what is long done is cleared away."""

from __future__ import annotations

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

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

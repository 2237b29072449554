"""The workers of one process: one per queue, with its own threads, so that no queue blocks another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from procrastinate import App, signals, utils
from procrastinate.jobs import Job, Status
from procrastinate.periodic import PeriodicDeferrer, TaskAtTime
from procrastinate.retry import RetryDecision
from procrastinate.worker import Worker

from lostpost.core.queues import WATCH
from lostpost.jobs.next_job import QueueJobManager

POLLING_SECONDS = 5.0  # Should a notification be missed.


class ForgivingDeferrer(PeriodicDeferrer):
    """Defer each periodic task for its latest tick, also after the clock has gone back.

    The library's own goes on where it stopped: a clock that was a day ahead for a moment stopped all periodic work for
    a day, and one that jumps ahead defers every tick in between.
    """

    def get_previous_tasks(self, at: float) -> Iterator[TaskAtTime]:
        """Give the tasks whose latest tick, as seen from now, is not the one deferred last."""
        for key, periodic_task in self.registry.periodic_tasks.items():
            ticks = periodic_task.croniter
            ticks.set_current(start_time=at)
            latest = round(ticks.get_prev(ret_type=float))
            if latest == self.last_defers.get(key) or at - latest > self.max_delay:
                continue
            self.last_defers[key] = latest
            yield periodic_task, latest


class QueueWorker(Worker):
    """A worker of one queue."""

    async def _periodic_deferrer(self) -> None:
        """Defer periodic tasks, in one worker of the process."""
        if self.queues != [WATCH]:
            await asyncio.Event().wait()  # The library stops watching a task that returns.
        await ForgivingDeferrer(registry=self.app.periodic_registry, **self.app.periodic_defaults).worker()

    async def _persist_job_status(
        self, job: Job, status: Status, retry_decision: RetryDecision | None, *args: Any, **kwargs: Any
    ) -> None:
        """Schedule a retry by the database's clock, which decides when it is due."""
        if retry_decision and retry_decision.retry_at:
            wait: timedelta = retry_decision.retry_at - utils.utcnow()
            row = await self.app.connector.execute_query_one_async("SELECT now() AS now")
            retry_decision.retry_at = row["now"] + wait
        await super()._persist_job_status(job, status, retry_decision, *args, **kwargs)


async def run_workers(
    app: App, threads: Mapping[str, int], *, wait: bool, grace_seconds: float, at_stop: Callable[[], None]
) -> bool:
    """Run jobs until SIGTERM; without `wait` until none is due. A worker that ends by itself ends them all.

    Args: `threads`: of each queue. `grace_seconds`: for jobs at work, when all are to end. `at_stop`: called when they
    are to end. Returns: whether they ended as they should, and not by themselves.
    """
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(max_workers=sum(threads.values()) + 1, thread_name_prefix="job")
    )
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    workers = [
        QueueWorker(
            app,
            queues=[queue],
            name=queue,
            concurrency=count,
            wait=wait,
            shutdown_graceful_timeout=grace_seconds,
            fetch_job_polling_interval=POLLING_SECONDS,
            install_signal_handlers=False,
            task_middleware=app.worker_defaults.get("task_middleware"),
        )
        for queue, count in threads.items()
    ]
    stopped = not wait

    def stop_at_signal() -> None:
        nonlocal stopped
        stopped = True
        at_stop()
        _stop(workers)

    with signals.on_stop(stop_at_signal), _by_queue(app):
        running = [asyncio.create_task(worker.run()) for worker in workers]  # type: ignore[no-untyped-call]
        if wait:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            at_stop()
            _stop(workers)
        await asyncio.gather(*running)
    return stopped


@contextmanager
def _by_queue(app: App) -> Iterator[None]:
    """Let workers look for the next job in their own queue alone."""
    usual = app.job_manager
    app.job_manager = QueueJobManager(usual.connector)
    try:
        yield
    finally:
        app.job_manager = usual


def _stop(workers: Iterable[QueueWorker]) -> None:
    for worker in workers:
        worker.stop()  # type: ignore[no-untyped-call]

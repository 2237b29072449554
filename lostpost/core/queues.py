"""The queues of jobs. Each has threads of its own in a worker, so that no kind of work waits for another."""

from __future__ import annotations

from collections.abc import Mapping

MAIL = "mail"
MAIL_IN = "mail-in"  # Each in a process of its own, as nobody knows what is in it.
REFUNDS = "refunds"
WEBHOOKS = "webhooks"
SLOW_WEBHOOKS = "slow-webhooks"  # To addresses that failed last time, or took long.
DOCUMENTS = "documents"
CARRIERS = "carriers"  # Questions to carriers, each of which may take a while.
WATCH = "watch"  # Short and regular: rescuing jobs of dead workers, looking which webhooks are behind.
SALES_CHANNELS = "sales-channels"  # A minute at most of each, most of it waiting for a platform.
UPKEEP = "upkeep"  # Long jobs that nobody waits for: deleting old rows, looking for forgotten ones.

QUEUES = (MAIL, MAIL_IN, REFUNDS, WEBHOOKS, SLOW_WEBHOOKS, DOCUMENTS, CARRIERS, SALES_CHANNELS, WATCH, UPKEEP)


def threads_by_queue(worker_threads: int) -> Mapping[str, int]:
    """Return how many jobs of each queue one worker runs at once.

    Threads of mail and webhooks mostly wait for remote servers. Half of those of mail may wait for minutes
    (`connectors/mail/smtp.py`), while the other half continues.
    """
    return {
        MAIL: 2 * worker_threads,
        MAIL_IN: max(1, worker_threads // 2),
        REFUNDS: worker_threads,
        WEBHOOKS: worker_threads,
        SLOW_WEBHOOKS: max(1, worker_threads // 2),
        DOCUMENTS: 1,
        CARRIERS: max(1, worker_threads // 2),
        WATCH: 2,
        SALES_CHANNELS: max(1, worker_threads // 2),
        UPKEEP: 2,
    }

"""The queues of jobs. Each has threads of its own in a worker, so that no kind of work waits for another."""

from __future__ import annotations

from collections.abc import Mapping

MAIL = "mail"
REFUNDS = "refunds"
WEBHOOKS = "webhooks"
SLOW_WEBHOOKS = "slow-webhooks"  # To addresses that failed last time, or took long.
DOCUMENTS = "documents"
WATCH = "watch"  # Short and regular: rescuing jobs of dead workers, looking which webhooks are behind.
UPKEEP = "upkeep"  # What may take long and nobody waits for: deleting what is old, looking for what was forgotten.

QUEUES = (MAIL, REFUNDS, WEBHOOKS, SLOW_WEBHOOKS, DOCUMENTS, WATCH, UPKEEP)


def threads_by_queue(worker_threads: int) -> Mapping[str, int]:
    """Return how many jobs of each queue one worker does at once.

    Threads of mail and webhooks wait for somebody else nearly all of their time. Half of those of mail may wait for
    minutes (`connectors/mail/smtp.py`), and the other half goes on.
    """
    return {
        MAIL: 2 * worker_threads,
        REFUNDS: worker_threads,
        WEBHOOKS: worker_threads,
        SLOW_WEBHOOKS: max(1, worker_threads // 2),
        DOCUMENTS: 1,
        WATCH: 2,
        UPKEEP: 2,
    }

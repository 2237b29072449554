-- Mark the next job of a queue as being done: the most urgent that is due, the oldest of these, and none whose lock
-- another one has, or gets before it.
-- Parameters: queue, worker_id. Returns the job, or no row.
WITH candidate AS (
    SELECT waiting.id
      FROM procrastinate_jobs waiting
     WHERE waiting.queue_name = %(queue)s AND waiting.status = 'todo'
       AND (waiting.scheduled_at IS NULL OR waiting.scheduled_at <= now())
       AND NOT EXISTS (
           SELECT FROM procrastinate_jobs other
            WHERE waiting.lock IS NOT NULL AND other.lock = waiting.lock
              AND (other.status = 'doing'
                   OR other.status = 'todo'
                      AND (other.priority > waiting.priority
                           OR other.priority = waiting.priority AND other.id < waiting.id))
       )
     ORDER BY waiting.priority DESC, waiting.id
     LIMIT 1
       FOR UPDATE OF waiting SKIP LOCKED
)
UPDATE procrastinate_jobs job
   SET status = 'doing', worker_id = %(worker_id)s
  FROM candidate
 WHERE job.id = candidate.id
RETURNING job.id, job.status, job.task_name, job.priority, job.lock, job.queueing_lock, job.args, job.scheduled_at,
          job.queue_name, job.attempts, job.worker_id

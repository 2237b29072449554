"""An index by which a worker finds the next job of its queue, however many wait in others."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0100_armed_write_offs"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE INDEX IF NOT EXISTS job_next_of_queue
                ON procrastinate_jobs (queue_name, priority DESC, id) WHERE status = 'todo'
            """,
            "DROP INDEX job_next_of_queue",
        ),
    ]

"""`lostpost migrate`: bring the database up to this version; safe to run twice at once."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from lostpost.core.readiness import schema_state
from lostpost.management.newer_schema import require_known

VERSION_MIN = 15
LOCK = 0x6C6F7374  # “lost”; one number, as PostgreSQL's advisory locks are numbers.


class Command(DjangoMigrate):
    """Django's migrate, one at a time and on a PostgreSQL that is new enough."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Wait for a running migration, then migrate what is left."""
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
            (version,) = cursor.fetchone()
            if version < VERSION_MIN:
                raise CommandError(f"This is PostgreSQL {version}. Lostpost needs {VERSION_MIN} or newer.")
            cursor.execute("SET lock_timeout = 0")  # A running migration may take long.
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            cursor.execute("RESET lock_timeout")
        try:
            require_known(schema_state())
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

"""`lostpost migrate`: bring the database up to this version; safe to run twice at once."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate

from lostpost.core.readiness import schema_state
from lostpost.core.sql import execute, fetch
from lostpost.management.application_role import current_role, grant_to_application, may_migrate
from lostpost.management.newer_schema import require_known
from lostpost.management.quick_migrations import options_changed_in_place

VERSION_MIN = 15
LOCK = 0x6C6F7374  # “lost”; one number, as PostgreSQL's advisory locks are numbers.


class Command(DjangoMigrate):
    """Django's migrate, one at a time and on a PostgreSQL that is new enough."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Wait for a running migration, then migrate what is left."""
        ((version,),) = fetch("SELECT current_setting('server_version_num')::int / 10000", ())
        if version < VERSION_MIN:
            raise CommandError(f"This is PostgreSQL {version}. Lostpost needs {VERSION_MIN} or newer.")
        execute("SET lock_timeout = 0", ())  # A running migration may take long.
        execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        execute("RESET lock_timeout", ())
        try:
            state = schema_state()
            require_known(state)
            if state.unapplied and not may_migrate():
                raise CommandError(
                    f"{len(state.unapplied)} migrations are waiting, and the role {current_role()} may not make them. "
                    "Run lostpost migrate with LOSTPOST_MIGRATION_DATABASE_URL."
                )
            with options_changed_in_place():
                super().handle(*args, **options)
            if (role := settings.LOSTPOST_APPLICATION_ROLE) and role != current_role():
                grant_to_application(role)
        finally:
            execute("SELECT pg_advisory_unlock(%s)", (LOCK,))

"""`lostpost check`: check the settings, and that everything that Lostpost needs is reachable."""

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.check import Command as DjangoCheck
from django.db import DatabaseError, transaction

from lostpost.carrier_feeds.reads import carrier_feeds
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.core.cluster import misplaced_tables, nodes_counted, placed_tables, silent_workers
from lostpost.core.ownership import cross_seller
from lostpost.core.readiness import schema_state
from lostpost.core.sql import fetch
from lostpost.events.models import Webhook
from lostpost.management.application_role import current_role, tables_that_may_change
from lostpost.management.newer_schema import require_known
from lostpost.relay.addresses import relay_is_on
from lostpost.relay.models import IncomingMail
from lostpost.texts.connectors import FAILING, connector_account_state, connector_problem_text

MOST_NAMED = 10


class Command(DjangoCheck):
    """Django's check, and a report on this installation."""

    def handle(self, *app_labels: Any, **options: Any) -> None:
        """Refuse insecure settings, then look at the folder, the database and the jobs."""
        super().handle(*app_labels, **options)
        if app_labels or options["tags"] or options["list_tags"]:
            return
        free = shutil.disk_usage(settings.LOSTPOST_DATA).free if settings.LOSTPOST_DATA.exists() else 0
        self.stdout.write(f"Settings     {'production' if settings.PRODUCTION else 'development'}")
        self.stdout.write(f"Data folder  {settings.LOSTPOST_DATA}, {free / 1e9:.1f} GB free")
        try:
            ((version,),) = fetch("SELECT current_setting('server_version')", ())
            state = schema_state()
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {str(error).strip()}") from None
        self.stdout.write(f"Database     PostgreSQL {version}")
        require_known(state)
        if unapplied := state.unapplied:
            raise CommandError(f"{len(unapplied)} migrations are waiting, {unapplied[0]} first. Run: lostpost migrate")
        self.stdout.write(f"Machines     {self.machines()}")
        self.stdout.write(f"Append-only  {self.append_only()}")
        self.stdout.write(f"Jobs         {self.jobs()}")
        self.stdout.write(f"Webhooks     {self.webhooks()}")
        self.stdout.write(f"Connectors   {self.connectors()}")
        self.stdout.write(f"Mail in      {self.mail_in()}")
        self.stdout.write(f"Carriers     {self.carriers()}")

    def machines(self) -> str:
        """Say over how many machines the database is distributed, which do not respond, and which tables are astray."""
        if not placed_tables():
            return "one; the database is not distributed"
        with transaction.atomic():
            silent = silent_workers()
        problems = [f"{name} does not respond" for name in silent]
        problems += [f"{line}. Run: lostpost distribute" for line in misplaced_tables()]
        return "; ".join([nodes_counted(), *problems])

    def append_only(self) -> str:
        """Say whether the database keeps this role from changing transfers and documents."""
        if tables := tables_that_may_change():
            return (
                f"not held by the database: one role, {current_role()}, may change {tables[0]} and {len(tables) - 1} "
                "more. That is for trying out; give migrations a role of their own"
            )
        return f"held by the database: the role {current_role()} can only read and add"

    def jobs(self) -> str:
        """Count what waits and what failed."""
        rows = fetch("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status", ())
        counts: dict[str, int] = dict(rows)
        return f"{counts.get('todo', 0)} waiting, {counts.get('doing', 0)} running, {counts.get('failed', 0)} failed"

    def connectors(self) -> str:
        """Count the accounts with carriers and platforms, and say what is wrong with those that fail."""
        accounts = list(ConnectorAccount.objects.order_by("connector", "made_at"))
        failing = [each for each in accounts if connector_account_state(each) == FAILING]
        named = "; ".join(f"{each.connector}: {connector_problem_text(each.problem)}" for each in failing[:MOST_NAMED])
        return f"{len(accounts)} accounts, {len(failing)} failing" + (f": {named}" if named else "")

    def mail_in(self) -> str:
        """Count the e-mail that waits to be filed, and that somebody has to look at."""
        if not relay_is_on():
            return "not read: LOSTPOST_RELAY_DOMAIN is not set"
        with cross_seller("how much incoming e-mail waits"):
            waiting = IncomingMail.objects.filter(state=IncomingMail.State.RECEIVED).count()
            parked = IncomingMail.objects.filter(state=IncomingMail.State.PARKED).count()
        return f"{waiting} waiting, {parked} parked"

    def carriers(self) -> str:
        """Count the carriers whose scans reach us, and name those whose scans are missing."""
        feeds = carrier_feeds()
        silent = [
            f"{each.silent.carrier} since {each.silent.since:%Y-%m-%d %H:%M} UTC" for each in feeds if each.silent
        ]
        missing = f"; SCANS MISSING: {', '.join(silent)}. See “Scans of carriers” at the desk" if silent else ""
        return f"{len(feeds)} with scans{missing}"

    def webhooks(self) -> str:
        """Count the addresses of partners, and name some of those to which nothing is sent any more."""
        with cross_seller("which webhooks are parked"):
            all_counted = Webhook.objects.count()
            parked = Webhook.objects.filter(state=Webhook.State.PARKED).select_related("seller")
            parked_counted = parked.count()
            named = [
                f"{webhook.seller.code}/{webhook.name}" for webhook in parked.order_by("failing_since")[:MOST_NAMED]
            ]
        more = ", …" if parked_counted > len(named) else ""
        return f"{all_counted}, {parked_counted} parked" + (f": {', '.join(named)}{more}" if named else "")

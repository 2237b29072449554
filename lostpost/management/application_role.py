"""What the role of the application may do in the database: everything but change what is append-only.

Migrations run as another role, which owns the tables. One role for both works too, and holds nothing.
"""

from __future__ import annotations

from django.db import connection, models, transaction

from lostpost.accounts.models import PolicyVersion, VatNumberCheck
from lostpost.compensations.models import Compensation
from lostpost.core.sql import execute, fetch
from lostpost.customer_queries.models import HolidayList, TimelineEntry
from lostpost.events.models import Event, EventCounter
from lostpost.found_parcels.models import FoundEvidence, FoundOutcomeUnit
from lostpost.invoicing.models import (
    CreditNote,
    CreditNoteLine,
    DocumentCounter,
    ExchangeRate,
    SalesInvoice,
    SalesInvoiceLine,
)
from lostpost.ledger.models import Transfer
from lostpost.partnerservice.models import RequestStep
from lostpost.refunds.models import RefundBounce
from lostpost.restorations.models import RestorationLine
from lostpost.sales.models import Sale
from lostpost.tracking.models import EnteredScan
from lostpost.writeoffs.models import WriteOff, WriteOffLine

# Rows that stay, and their columns that change: an entry's data says which files came with a message.
APPEND_ONLY: dict[type[models.Model], tuple[str, ...]] = {
    Transfer: ("invoice_id",),
    SalesInvoice: ("state", "paid_at", "reference", "paid_by_name", "carried_to_id"),
    SalesInvoiceLine: (),
    CreditNote: (),
    CreditNoteLine: (),
    DocumentCounter: ("last",),
    Event: (),
    EventCounter: ("last",),
    TimelineEntry: ("data",),
    Sale: (),
    WriteOff: (),
    WriteOffLine: ("quantity_restored",),
    Compensation: (),
    RefundBounce: (),
    RestorationLine: (),
    RequestStep: (),
    FoundEvidence: (),
    FoundOutcomeUnit: (),
    ExchangeRate: (),
    VatNumberCheck: (),
    PolicyVersion: (),
    HolidayList: (),
    EnteredScan: (),
}
_MAY_CHANGE = """
    SELECT relname FROM pg_class
     WHERE oid = ANY(%(tables)s::regclass[])
       AND (pg_has_role(current_user, relowner, 'MEMBER')
            OR has_table_privilege(current_user, oid, 'UPDATE')
            OR has_table_privilege(current_user, oid, 'DELETE')
            OR has_table_privilege(current_user, oid, 'TRUNCATE'))
     ORDER BY relname
"""


def grant_to_application(role: str) -> None:
    """Let a role do what the application does, and no more: of what is append-only, read and add.

    Run as the owner of the tables, after each migration, as new tables are not covered by earlier grants.
    """
    quote = connection.ops.quote_name
    with transaction.atomic():  # The application works on meanwhile: its rights change all at once.
        execute(f"GRANT USAGE ON SCHEMA public TO {quote(role)}", ())
        execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {quote(role)}", ())
        execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quote(role)}", ())
        execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}", ())
        for model, columns in APPEND_ONLY.items():
            table = quote(model._meta.db_table)
            execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quote(role)}", ())
            if columns:
                changing = ", ".join(quote(column) for column in columns)
                execute(f"GRANT UPDATE ({changing}) ON {table} TO {quote(role)}", ())
        execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {quote(role)}", ())


def current_role() -> str:
    """Return the database's role of this process."""
    ((role,),) = fetch("SELECT current_user", ())
    return str(role)


def tables_that_may_change() -> list[str]:
    """Return the tables that are append-only and that the current role could change all the same."""
    return [name for (name,) in fetch(_MAY_CHANGE, {"tables": [model._meta.db_table for model in APPEND_ONLY]})]


def may_migrate() -> bool:
    """Return whether the current role owns the tables, or makes the first ones."""
    ((may,),) = fetch(
        """SELECT coalesce((SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class
                             WHERE oid = to_regclass('django_migrations')),
                           has_schema_privilege(current_user, 'public', 'CREATE'))""",
        (),
    )
    return bool(may)

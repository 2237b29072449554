"""The application works as a role that can only read and add what is append-only, and the database refuses the rest."""

from __future__ import annotations

import os
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from lostpost.audit.verify import verify
from lostpost.cli import migrate_as_owner
from lostpost.core.readiness import SchemaState, can_be_written
from lostpost.core.setup_error import SetupError
from lostpost.core.sql import execute, fetch
from lostpost.invoicing.models import CreditNote
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.jobs.account_mail import delete_expired_account_rows
from lostpost.management.application_role import APPEND_ONLY, grant_to_application, may_migrate, tables_that_may_change
from lostpost.orders.models import Order, OrderItem
from lostpost.refunds.settle_refund import mark_refund_paid, retry_refund
from lostpost.refunds.transitions import fail_refund, lock_refund
from lostpost.restorations.restore_payment import restore_payment
from lostpost.tracking import scan_months
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_staff_member, all_of, annas_shop, silent_parcel
from tests.invoicing.selling import an_invoice, on, sold

pytestmark = pytest.mark.django_db
ROLE = f"lostpost_application_{os.getpid()}"


@pytest.fixture(scope="module")
def books(written_once):
    """As the application's role, sell, write off, refund twice, credit, invoice, set off, pay and restore."""
    with written_once():
        execute(f"CREATE ROLE {ROLE}", ())  # Gone with the module's transaction, as its rights are.
        grant_to_application(ROLE)
        execute(f"SET ROLE {ROLE}", ())
        anna, fien = annas_shop(), a_staff_member("Fien", "finance")
        sold(anna.seller, on(3, 2), paid_minor=1_00, commission_minor=12)
        query = silent_parcel(anna, quiet_days=12, paid_minor=100_00, commission_minor=10_00)
        Order.objects.filter(id=query.order_id).update(customer_invoice={"number": "1", "issued_on": "2026-02-07"})
        OrderItem.objects.filter(order_id=query.order_id).update(vat_rate_bp=2100)
        february = an_invoice(anna.seller, "2026-02")
        mark_invoice_paid(seller_id=anna.seller_id, number=february.number, reference="NL-1", by=fien, now=NOW)
        recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
        of_refund: dict[str, Any] = {"seller_id": anna.seller_id, "number": recorded.number}
        mark_refund_paid(reference="BANK-1", by=fien, now=NOW, **of_refund)
        fail_refund(lock_refund(**of_refund), problem="Account closed", by=None, now=NOW)
        retry_refund(by=fien, now=NOW, **of_refund)
        mark_refund_paid(reference="BANK-2", by=fien, now=NOW + timedelta(hours=1), **of_refund)
        credit_customer(seller_id=anna.seller_id, write_off_id=recorded.id, now=NOW)
        an_invoice(anna.seller, "2026-03")
        restore_payment(
            seller_id=anna.seller_id,
            write_off=recorded.number,
            consent="He has it after all.",
            consented_at=NOW,
            reference="tr_1",
            by=fien,
            key="restore-1",
            now=on(2, 4),
        )
        an_invoice(anna.seller, "2026-04")
        yield anna
        execute("RESET ROLE", ())


def test_the_application_does_its_work_as_its_role(books):
    assert fetch("SELECT current_user", ()) == [(ROLE,)]
    assert list(verify(books.seller)) == []
    assert CreditNote.objects.filter(seller_id=books.seller_id).count() == 1


def test_it_makes_months_of_scans_and_forgets_what_is_old(books, monkeypatch):
    monkeypatch.setattr(scan_months, "_known", set())
    scan_months.ensure_months({date(2031, 5, 1)})

    assert fetch("SELECT to_regclass('lostpost_scan_2031_05') IS NOT NULL", ()) == [(True,)]
    delete_expired_account_rows(0)
    assert can_be_written()


REFUSED = [
    *(f"DELETE FROM {model._meta.db_table}" for model in APPEND_ONLY),
    *(f"TRUNCATE {model._meta.db_table} CASCADE" for model in APPEND_ONLY),
    "UPDATE lostpost_transfer SET amount_minor = 1",
    "UPDATE lostpost_transfer SET effective_at = now()",
    "UPDATE lostpost_salesinvoice SET issued_on = now()",
    "UPDATE lostpost_salesinvoice SET customer = '{}'",
    "UPDATE lostpost_salesinvoiceline SET net_minor = 1",
    "UPDATE lostpost_creditnote SET issued_on = now()",
    "UPDATE lostpost_creditnoteline SET vat_minor = 0",
    "UPDATE lostpost_event SET data = '{}'",
    "UPDATE lostpost_sale SET effective_at = now()",
    "UPDATE lostpost_writeoff SET confirmed_at = now()",
    "UPDATE lostpost_writeoffline SET refund_minor = 1",
    "UPDATE lostpost_timelineentry SET at = now()",
    "ALTER TABLE lostpost_transfer DISABLE TRIGGER ALL",
    "CREATE TABLE lostpost_more (id int)",
    "DELETE FROM django_migrations",
]


def test_the_database_refuses_to_change_what_is_append_only(books):
    allowed = []
    for statement in REFUSED:
        with connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(statement)
                    allowed.append(statement)
            except ProgrammingError as error:
                assert "permission denied" in str(error) or "must be owner" in str(error)  # noqa: PT017
    assert allowed == []
    assert tables_that_may_change() == []


def test_check_and_migrate_say_which_role_it_is(books, monkeypatch):
    printed = StringIO()
    call_command("check", stdout=printed)
    assert f"Append-only  held by the database: the role {ROLE} can only read and add" in printed.getvalue()
    assert not may_migrate()
    migrations = "lostpost.management.commands.migrate.schema_state"
    monkeypatch.setattr(migrations, lambda: SchemaState(["lostpost.0099_more"], []))
    with pytest.raises(CommandError, match=r"may not make them\. Run lostpost migrate with LOSTPOST_MIGRATION"):
        call_command("migrate", verbosity=0)

    execute("RESET ROLE", ())
    printed = StringIO()
    call_command("check", stdout=printed)
    execute(f"SET ROLE {ROLE}", ())
    assert "Append-only  not held by the database: one role, " in printed.getvalue()


def test_migrations_run_as_the_owner_and_grant_to_the_application(monkeypatch):
    monkeypatch.setenv("LOSTPOST_APPLICATION_ROLE", "")
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("LOSTPOST_MIGRATION_DATABASE_URL", "postgresql://owner:geheim@db/lostpost")
    with pytest.raises(SetupError, match="needs DATABASE_URL"):
        migrate_as_owner()

    monkeypatch.setenv("DATABASE_URL", "postgresql://db/lostpost")
    with pytest.raises(SetupError, match="names no role"):
        migrate_as_owner()

    monkeypatch.setenv("DATABASE_URL", "postgresql://app:ook@db/lostpost")
    migrate_as_owner()

    assert os.environ["DATABASE_URL"] == "postgresql://owner:geheim@db/lostpost"
    assert os.environ["LOSTPOST_APPLICATION_ROLE"] == "app"

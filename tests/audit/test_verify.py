"""`verify` reports nothing after any command, and every record that was tampered with."""

from __future__ import annotations

from copy import deepcopy
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from lostpost.audit.verify import verify
from lostpost.core.ownership import uuid7
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_return, a_staff_member, all_of, annas_shop, row_counts, silent_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def annas_books(written_once):
    """Write off two of four lamps, in two steps, one refund paid, one unit in return, and all of another order."""
    with written_once():
        anna, fien = annas_shop(), a_staff_member("Fien", "finance")
        query = silent_parcel(anna, quantity=4, paid_minor=100_01, commission_minor=10_01, delivery_costs_minor=4_95)
        (units,) = all_of(query)
        for n in range(2):
            write_off(
                query=query.number,
                selection=[SelectedUnits(units.parcel, units.item, 1)],
                by=anna,
                key=f"part-{n:04}",
                now=NOW,
            )
        a_return(query.order, {(units.parcel, units.item): 1})
        mark_refund_paid(seller_id=anna.seller_id, number=f"{query.number}-1", reference="BANK-1", by=fien, now=NOW)
        other = silent_parcel(anna, quantity=2, paid_minor=10_01, delivery_costs_minor=4_95)
        write_off(query=other.number, selection=all_of(other), by=anna, key="all-of-it", now=NOW)
        assert list(verify(anna.seller)) == []
        return anna


@pytest.fixture
def anna(annas_books):
    return deepcopy(annas_books)


@pytest.fixture
def books(anna):
    """What was written once for all tests."""


def tamper(anna, statement: str, *parameters: int | UUID) -> int:
    """Change rows directly in the database; `SELLER` in the statement is the shop."""
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("SELLER", f"'{anna.seller_id}'"), parameters)
        return int(cursor.rowcount)


TAMPERED = {
    "a line's refund": "UPDATE lostpost_writeoffline SET refund_minor = refund_minor + 1 WHERE seller_id = SELLER",
    "a line's commission": (
        "UPDATE lostpost_writeoffline SET commission_minor = commission_minor - 1 WHERE seller_id = SELLER"
    ),
    "a line's VAT": "UPDATE lostpost_writeoffline SET commission_vat_minor = 0 WHERE seller_id = SELLER",
    "a line's rate": "UPDATE lostpost_writeoffline SET commission_vat_rate_bp = 900 WHERE seller_id = SELLER",
    "a line's units": "UPDATE lostpost_writeoffline SET quantity = quantity + 1 WHERE seller_id = SELLER",
    "a write-off's amount": "UPDATE lostpost_writeoff SET refund_minor = refund_minor + 1 WHERE seller_id = SELLER",
    "a write-off's currency": "UPDATE lostpost_writeoff SET currency = 'SEK' WHERE seller_id = SELLER",
    "a write-off's delivery costs, and its sum": (
        "UPDATE lostpost_writeoff"
        " SET refund_minor = refund_minor + 1, delivery_refund_minor = delivery_refund_minor + 1"
        " WHERE seller_id = SELLER AND delivery_refund_minor > 0"
    ),
    "a refund's amount": "UPDATE lostpost_refund SET amount_minor = amount_minor - 1 WHERE seller_id = SELLER",
    "a refund's currency": "UPDATE lostpost_refund SET currency = 'SEK' WHERE seller_id = SELLER",
    "a refund that says it was paid": (
        "UPDATE lostpost_refund SET state = 'confirmed', sent_at = now(), confirmed_at = now(), reference = 'X'"
        " WHERE seller_id = SELLER AND state = 'requested'"
    ),
    "a refund that says it was not": (
        "UPDATE lostpost_refund SET state = 'requested', confirmed_at = NULL WHERE seller_id = SELLER"
        " AND state = 'confirmed'"
    ),
    "a failed refund that none is": "UPDATE lostpost_customerquery SET refunds_failed = 1 WHERE seller_id = SELLER",
    "a transfer that is gone": "DELETE FROM lostpost_transfer WHERE seller_id = SELLER AND kind = 'refund_paid'",
    "a transfer's amount": "UPDATE lostpost_transfer SET amount_minor = amount_minor + 1 WHERE seller_id = SELLER",
    "a transfer's currency": "UPDATE lostpost_transfer SET currency = 'SEK' WHERE seller_id = SELLER",
    "a transfer turned round": (
        "UPDATE lostpost_transfer SET debit = credit, credit = debit WHERE seller_id = SELLER AND kind = 'refund_paid'"
    ),
    "a transfer of another kind": (
        "UPDATE lostpost_transfer SET kind = 'correction_delivery' WHERE seller_id = SELLER AND kind = 'refund_paid'"
    ),
    "units of a parcel": (
        "UPDATE lostpost_parcelunit SET quantity_written_off = quantity_written_off - 1"
        " WHERE seller_id = SELLER AND quantity_written_off > 0"
    ),
    "units of an order": (
        "UPDATE lostpost_orderitem SET quantity_written_off = quantity_written_off - 1 WHERE seller_id = SELLER"
    ),
    "what was refunded of an order": (
        "UPDATE lostpost_orderitem SET refunded_minor = refunded_minor - 1 WHERE seller_id = SELLER"
    ),
    "what was paid for it": "UPDATE lostpost_orderitem SET paid_minor = paid_minor + 100 WHERE seller_id = SELLER",
    "units in return": "UPDATE lostpost_parcelunit SET quantity_returned = 0 WHERE seller_id = SELLER",
    "a return that nobody cancelled": "UPDATE lostpost_return SET status = 'cancelled' WHERE seller_id = SELLER",
    "a story untold": "DELETE FROM lostpost_timelineentry WHERE seller_id = SELLER AND kind = 'write-off.confirmed'",
    "a mail that is gone": "DELETE FROM lostpost_mail WHERE seller_id = SELLER AND kind = 'write-off.confirmed'",
    "a parcel's last scan": (
        "UPDATE lostpost_parcel SET last_scanned_at = last_scanned_at + interval '1 hour' WHERE seller_id = SELLER"
    ),
    "a parcel's last status": "UPDATE lostpost_parcel SET last_status = 'delivered' WHERE seller_id = SELLER",
    "a parcel that says it was delivered": "UPDATE lostpost_parcel SET delivered = true WHERE seller_id = SELLER",
    "a parcel that says it was written off": (
        "UPDATE lostpost_parcel SET written_off = NOT written_off WHERE seller_id = SELLER"
    ),
    "a scan that is gone": "DELETE FROM lostpost_scan WHERE seller_id = SELLER",
    "an item's rate of VAT": "UPDATE lostpost_orderitem SET commission_vat_rate_bp = 900 WHERE seller_id = SELLER",
    "units sold": "UPDATE lostpost_sale SET quantity = quantity + 1 WHERE seller_id = SELLER AND item <> ''",
    "turnover sold": "UPDATE lostpost_sale SET turnover_minor = turnover_minor + 1 WHERE seller_id = SELLER",
    "the currency of a sale": "UPDATE lostpost_sale SET currency = 'SEK' WHERE seller_id = SELLER",
    "when a parcel was handed over": "UPDATE lostpost_sale SET effective_at = now() WHERE seller_id = SELLER",
    "a sale that is gone": "DELETE FROM lostpost_sale WHERE seller_id = SELLER AND item <> ''",
    "turnover that is gone": "DELETE FROM lostpost_transfer WHERE seller_id = SELLER AND kind = 'turnover'",
    "a transfer's rate of VAT": (
        "UPDATE lostpost_transfer SET vat_rate_bp = 900 WHERE seller_id = SELLER AND kind = 'commission'"
    ),
    "when a write-off was confirmed": (
        "UPDATE lostpost_writeoff SET confirmed_at = confirmed_at - interval '1 month' WHERE seller_id = SELLER"
    ),
    "when it was confirmed, and when it was booked": (
        "WITH moved AS (UPDATE lostpost_transfer SET effective_at = effective_at - interval '1 month'"
        "                WHERE seller_id = SELLER AND kind LIKE 'correction%%')"
        " UPDATE lostpost_writeoff SET confirmed_at = confirmed_at - interval '1 month' WHERE seller_id = SELLER"
    ),
    "corrections in another period": (
        "UPDATE lostpost_transfer SET effective_at = effective_at + interval '1 month'"
        " WHERE seller_id = SELLER AND kind = 'correction_commission'"
    ),
    "when a refund was requested": (
        "UPDATE lostpost_refund SET requested_at = requested_at - interval '1 day' WHERE seller_id = SELLER"
    ),
    "when a refund was paid": (
        "UPDATE lostpost_refund SET confirmed_at = confirmed_at + interval '1 day'"
        " WHERE seller_id = SELLER AND state = 'confirmed'"
    ),
    "a refund's reference": (
        "UPDATE lostpost_refund SET reference = 'BANK-2' WHERE seller_id = SELLER AND state = 'confirmed'"
    ),
    "when a paid refund was booked": (
        "UPDATE lostpost_transfer SET effective_at = effective_at - interval '1 day'"
        " WHERE seller_id = SELLER AND kind = 'refund_paid'"
    ),
    "a return that nobody received": "UPDATE lostpost_return SET status = 'received' WHERE seller_id = SELLER",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED)
def test_each_tampered_record_is_reported(anna, books, statement):
    assert tamper(anna, statement) > 0

    differences = [str(difference) for difference in verify(anna.seller)]

    assert differences
    assert all(line.startswith("lampenhuis: ") and "expected" in line for line in differences)


def test_a_refund_without_a_write_off_is_reported(anna, books):
    one = Refund.objects.filter(seller_id=anna.seller_id).order_by("id").first()
    assert one
    one.pk, one.number = (anna.seller_id, uuid7()), "made-up-1"
    one.save(force_insert=True)

    assert next(it.what for it in verify(anna.seller)) == "refund made-up-1: its write-off"


def test_a_line_of_another_order_is_reported(anna, books):
    lines = list(WriteOffLine.objects.filter(seller_id=anna.seller_id).order_by("id"))
    tamper(
        anna,
        "UPDATE lostpost_writeoffline SET order_item_id = %s WHERE seller_id = SELLER AND id = %s",
        lines[-1].order_item_id,
        lines[0].id,
    )

    assert any("of another order" in it.what for it in verify(anna.seller))


def test_a_duplicate_timeline_entry_is_reported(anna, books):
    tamper(
        anna,
        "INSERT INTO lostpost_timelineentry (seller_id, id, query_id, at, kind, data, text, by_user_id, by_name)"
        " SELECT seller_id, gen_random_uuid(), query_id, at, kind, data, text, by_user_id, by_name"
        " FROM lostpost_timelineentry WHERE seller_id = SELLER AND kind = 'write-off.confirmed' LIMIT 1",
    )

    assert any("on its timeline" in it.what for it in verify(anna.seller))


def test_ids_out_of_order_are_no_difference(carla):
    """Ids follow the clock of each machine: a later write-off may have an earlier id."""
    query = silent_parcel(carla, quantity=3, paid_minor=100_00, commission_minor=10_01)
    (units,) = all_of(query)
    for n in range(3):
        write_off(
            query=query.number,
            selection=[SelectedUnits(units.parcel, units.item, 1)],
            by=carla,
            key=f"part-{n:04}",
            now=NOW,
        )
    ids = sorted(WriteOff.objects.filter(seller_id=carla.seller_id).values_list("id", flat=True))

    lines = WriteOffLine.objects.filter(seller_id=carla.seller_id)
    by_write_off = {line.write_off_id: line for line in lines}
    first, last = by_write_off[ids[0]], by_write_off[ids[-1]]
    assert (first.refund_minor, last.refund_minor) == (33_33, 33_34)
    for one, amount in ((first, 33_34), (last, 33_33)):
        tamper(
            carla,
            "UPDATE lostpost_writeoffline SET refund_minor = %s, commission_minor = %s, commission_vat_minor = 70"
            " WHERE seller_id = SELLER AND id = %s",
            amount,
            3_35 if amount == 33_34 else 3_33,
            one.id,
        )

    assert not [it for it in verify(carla.seller) if "refund, commission" in it.what]


def test_another_shops_records_are_not_checked(anna, carla, books):
    tamper(anna, "UPDATE lostpost_writeoffline SET refund_minor = 0 WHERE seller_id = SELLER")

    assert list(verify(carla.seller)) == []


def test_the_command_reports_differences_and_fails(anna, carla, books):
    clean = StringIO()
    call_command("verify", stdout=clean)
    assert "All is as the write-off lines say, in 2 shops." in clean.getvalue()

    tamper(anna, "DELETE FROM lostpost_transfer WHERE seller_id = SELLER")
    loud = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify", stdout=loud, stderr=StringIO())
    assert ended.value.code == 1
    assert "lampenhuis: transfer correction_turnover" in loud.getvalue()


def test_the_self_check_changes_nothing(anna, books):
    before = row_counts()
    tamper(anna, "UPDATE lostpost_writeoffline SET refund_minor = 0 WHERE seller_id = SELLER")

    assert len(list(verify(anna.seller))) == len(list(verify(anna.seller))) > 0
    assert row_counts() == before

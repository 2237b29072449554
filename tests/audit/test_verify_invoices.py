"""`verify` reports every invoice, credit note and restoration that was tampered with."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from lostpost.audit.verify import verify
from lostpost.customer_queries.models import TimelineEntry
from lostpost.events.models import Event, EventCounter
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.ledger.close_months import close_months
from lostpost.notices.models import NoticeCursor
from lostpost.orders.models import Order, OrderItem
from lostpost.refunds.settle_refund import mark_refund_paid, retry_refund
from lostpost.refunds.transitions import fail_refund, lock_refund
from lostpost.restorations.restore_payment import restore_payment
from lostpost.restorations.settle_restoration import withdraw_restoration
from lostpost.texts.timeline import timeline_details
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_staff_member, all_of, annas_shop, silent_parcel
from tests.invoicing.selling import ZONE, an_invoice, on, sold

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def annas_books(written_once):
    """February in the seller's favour and paid out, March a debt, April takes it over; a credit note, restorations."""
    with written_once():
        anna, fien = annas_shop(), a_staff_member("Fien", "finance")
        for day in (3, 4, 5):  # VAT of 2.52 cents each.
            sold(anna.seller, on(day, 2), paid_minor=1_00, commission_minor=12)
        query = silent_parcel(
            anna, quiet_days=12, quantity=3, paid_minor=100_00, commission_minor=10_00, delivery_costs_minor=4_95
        )
        Order.objects.filter(id=query.order_id).update(
            customer_invoice={"number": "2026-0042", "issued_on": "2026-02-07"}
        )
        OrderItem.objects.filter(order_id=query.order_id).update(vat_rate_bp=2100)
        february = an_invoice(anna.seller, "2026-02")
        mark_invoice_paid(seller_id=anna.seller_id, number=february.number, reference="NL-1", by=fien, now=NOW)
        recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
        of_refund: dict[str, Any] = {"seller_id": anna.seller_id, "number": recorded.number}
        mark_refund_paid(reference="BANK-1", by=fien, now=NOW, **of_refund)
        fail_refund(lock_refund(**of_refund), problem="Account closed", by=None, now=NOW + timedelta(hours=1))
        retry_refund(by=fien, now=NOW + timedelta(hours=2), **of_refund)
        mark_refund_paid(reference="BANK-2", by=fien, now=NOW + timedelta(hours=3), **of_refund)
        credit_customer(seller_id=anna.seller_id, write_off_id=recorded.id, now=NOW)
        an_invoice(anna.seller, "2026-03")
        (units,) = [SelectedUnits(it.parcel, it.item, 1) for it in all_of_it(recorded)]
        for n, reference in enumerate(["tr_1", "", ""]):
            restoration = restore_payment(
                seller_id=anna.seller_id,
                write_off=recorded.number,
                selection=[units],
                consent="He has it after all.",
                consented_at=NOW,
                reference=reference,
                by=fien,
                key=f"restore-{n}",
                now=on(2, 4),
            )
        paid = TimelineEntry.objects.get(seller_id=anna.seller_id, kind="restoration.received")
        assert timeline_details(paid).aside.endswith(
            "The customer has credit note CRN-lampenhuis-00001; an invoice over this payment is made on your behalf."
        )
        withdraw_restoration(
            seller_id=anna.seller_id, number=restoration.number, reason="Not paid", by=fien, now=on(3, 4)
        )
        an_invoice(anna.seller, "2026-04")
        sold(anna.seller, on(1, 5))
        assert close_months(seller_id=anna.seller_id, zone=ZONE, now=on(2, 5)) == 3
        assert list(verify(anna.seller)) == []
        return anna


@pytest.fixture
def anna(annas_books):
    return deepcopy(annas_books)


@pytest.fixture
def books(anna):
    """What was written once for all tests."""


def all_of_it(write_off) -> list[SelectedUnits]:
    return [
        SelectedUnits(line.parcel_unit.parcel.code, line.order_item.item, line.quantity)
        for line in write_off.lines.all()
    ]


OF_FEBRUARY = "number LIKE '%-00001'"
OF_MARCH = "number LIKE '%-00002'"
OF_APRIL = "number LIKE '%-00003'"
TAMPERED = {
    "more units than were ordered": "UPDATE lostpost_writeoffline SET quantity = 4 WHERE quantity = 3",
    "the payment that a refund goes back by": "UPDATE lostpost_refund SET payment_reference = 'tr_of_somebody_else'",
    "the provider that a refund goes back by": "UPDATE lostpost_refund SET gateway = 'mollie'",
    "delivery costs that a restoration no longer asks for": (
        "UPDATE lostpost_restoration SET delivery_waived_minor = 1 WHERE delivery_minor = 0"
    ),
    "a head": (
        "UPDATE lostpost_salesinvoice SET net_minor = net_minor + 1, total_minor = total_minor + 1,"
        f" payable_minor = payable_minor + 1 WHERE {OF_FEBRUARY}"
    ),
    "the VAT of a head": (
        f"UPDATE lostpost_salesinvoice SET net_minor = net_minor + 1, vat_minor = vat_minor - 1 WHERE {OF_FEBRUARY}"
    ),
    "a line": "UPDATE lostpost_salesinvoiceline SET net_minor = net_minor - 1 WHERE kind = 'TURNOVER'",
    "the VAT of a line": "UPDATE lostpost_salesinvoiceline SET vat_minor = vat_minor + 1 WHERE kind = 'COMMISSION'",
    "how many stand behind a line": "UPDATE lostpost_salesinvoiceline SET transfers = transfers + 1",
    "the rate of a line": "UPDATE lostpost_salesinvoiceline SET vat_rate_bp = 900 WHERE kind = 'COMMISSION'",
    "the category of a line": "UPDATE lostpost_salesinvoiceline SET vat_category = 'S' WHERE kind = 'TURNOVER'",
    "a line that is gone": "DELETE FROM lostpost_salesinvoiceline WHERE kind = 'VAT_ROUNDING'",
    "a transfer taken off its invoice": (
        "UPDATE lostpost_transfer SET invoice_id = NULL WHERE kind = 'correction_turnover'"
    ),
    "a transfer put on one": (
        "UPDATE lostpost_transfer SET invoice_id = (SELECT id FROM lostpost_salesinvoice ORDER BY number LIMIT 1)"
        " WHERE kind = 'turnover' AND invoice_id IS NULL"
    ),
    "transfers moved to another invoice": (
        "UPDATE lostpost_transfer SET invoice_id = (SELECT id FROM lostpost_salesinvoice ORDER BY number LIMIT 1)"
        " WHERE kind LIKE 'correction_%'"
    ),
    "a rounding": "UPDATE lostpost_transfer SET amount_minor = amount_minor + 1 WHERE kind LIKE 'vat_rounded_%'",
    "a rounding on no invoice": "UPDATE lostpost_transfer SET invoice_id = NULL WHERE kind LIKE 'vat_rounded_%'",
    "a settlement": "UPDATE lostpost_transfer SET amount_minor = amount_minor + 1 WHERE kind = 'settled'",
    "a settlement that is gone": "DELETE FROM lostpost_transfer WHERE kind = 'debt_settled'",
    "a settlement turned round": "UPDATE lostpost_transfer SET debit = credit, credit = debit WHERE kind = 'settled'",
    "a payment": "UPDATE lostpost_transfer SET amount_minor = amount_minor + 1 WHERE kind = 'paid_out'",
    "a payment that is gone": "DELETE FROM lostpost_transfer WHERE kind = 'paid_out'",
    "an invoice that says it was not paid": (
        "UPDATE lostpost_salesinvoice SET state = 'issued', paid_at = NULL WHERE state = 'paid'"
    ),
    "a debt that says it was not carried over": (
        f"UPDATE lostpost_salesinvoice SET state = 'issued', carried_to_id = NULL WHERE {OF_MARCH}"
    ),
    "a debt carried back": (
        "UPDATE lostpost_salesinvoice"
        " SET carried_to_id = (SELECT id FROM lostpost_salesinvoice ORDER BY number LIMIT 1)"
        f" WHERE {OF_MARCH}"
    ),
    "the currency of an invoice": f"UPDATE lostpost_salesinvoice SET currency = 'SEK' WHERE {OF_MARCH}",
    "a period": (
        "UPDATE lostpost_salesinvoice"
        " SET period_from_on = period_from_on - 90, cut_off_at = cut_off_at - interval '90 days'"
        f" WHERE {OF_MARCH}"
    ),
    "a cut-off": "UPDATE lostpost_salesinvoice SET cut_off_at = cut_off_at - interval '40 days'",
    "a number": f"UPDATE lostpost_salesinvoice SET number = 'INV-lampenhuis-00007' WHERE {OF_FEBRUARY}",
    "a series": "UPDATE lostpost_documentcounter SET last = last + 1",
    "a series that is gone": "DELETE FROM lostpost_documentcounter",
    "a credit note": ("UPDATE lostpost_creditnote SET net_minor = net_minor + 1, total_minor = total_minor + 1"),
    "the currency of a credit note": "UPDATE lostpost_creditnote SET currency = 'SEK'",
    "the order of a credit note": (
        "UPDATE lostpost_creditnote SET order_id = (SELECT id FROM lostpost_order WHERE number = 'A-1001')"
    ),
    "a line of a credit note": "UPDATE lostpost_creditnoteline SET net_minor = net_minor + 1 WHERE item = ''",
    "the units of a credit note": "UPDATE lostpost_creditnoteline SET quantity = quantity + 1 WHERE item <> ''",
    "a credit note's line that is gone": "DELETE FROM lostpost_creditnoteline WHERE item = ''",
    "the rate at which all of an item was booked": (
        "WITH sale AS (UPDATE lostpost_sale SET commission_vat_rate_bp = 900 WHERE booked_at > '2026-04-15')"
        " UPDATE lostpost_transfer SET vat_rate_bp = 900 WHERE vat_rate_bp IS NOT NULL AND booked_at > '2026-04-15'"
        " AND invoice_id IS NULL"
    ),
    "the last invoice, with all that knows of it": f"""
        WITH last AS (SELECT id FROM lostpost_salesinvoice WHERE {OF_APRIL}),
             counter AS (UPDATE lostpost_documentcounter SET last = 2 WHERE series = 'sales-invoice'),
             lines AS (DELETE FROM lostpost_salesinvoiceline WHERE invoice_id IN (SELECT id FROM last)),
             claimed AS (UPDATE lostpost_transfer SET invoice_id = NULL
                          WHERE invoice_id IN (SELECT id FROM last) AND kind NOT LIKE 'vat_rounded_%'),
             rounding AS (DELETE FROM lostpost_transfer
                           WHERE invoice_id IN (SELECT id FROM last) AND kind LIKE 'vat_rounded_%'),
             settled AS (DELETE FROM lostpost_transfer WHERE source_id IN (SELECT id FROM last)),
             carried AS (UPDATE lostpost_salesinvoice SET carried_to_id = NULL, state = 'issued'
                          WHERE carried_to_id IN (SELECT id FROM last))
        DELETE FROM lostpost_salesinvoice WHERE id IN (SELECT id FROM last)
    """,
    "the only credit note, with its counter": """
        WITH counter AS (DELETE FROM lostpost_documentcounter WHERE series = 'credit-note'),
             lines AS (DELETE FROM lostpost_creditnoteline)
        DELETE FROM lostpost_creditnote
    """,
    "cents moved between net and VAT of a credit note": """
        WITH lines AS (UPDATE lostpost_creditnoteline SET net_minor = net_minor + 1, vat_minor = vat_minor - 1
                        WHERE item <> '')
        UPDATE lostpost_creditnote SET net_minor = net_minor + 1, vat_minor = vat_minor - 1
    """,
    "the rate of a credit note": "UPDATE lostpost_creditnoteline SET vat_rate_bp = 900",
    "what was credited": "UPDATE lostpost_creditnoteline SET title = 'Another' WHERE item <> ''",
    "the day of a credit note": "UPDATE lostpost_creditnote SET issued_on = issued_on + 1",
    "the invoice that a credit note is about": "UPDATE lostpost_creditnote SET invoice_number = '2026-0043'",
    "the customer of a credit note": """UPDATE lostpost_creditnote SET customer = customer || '{"name": "Piet"}'""",
    "the seller of a credit note": """UPDATE lostpost_creditnote SET supplier = supplier || '{"vat_number": "NL1"}'""",
    "when a credit note was made": "UPDATE lostpost_creditnote SET issued_at = issued_at + interval '1 day'",
    "the day of an invoice": f"UPDATE lostpost_salesinvoice SET issued_on = issued_on - 1 WHERE {OF_FEBRUARY}",
    "the day until which a debt is to be paid": f"UPDATE lostpost_salesinvoice SET due_on = issued_on WHERE {OF_MARCH}",
    "the days that an invoice holds": f"UPDATE lostpost_salesinvoice SET held_to_on = held_to_on + 1 WHERE {OF_MARCH}",
    "who issued an invoice": """UPDATE lostpost_salesinvoice SET supplier = supplier || '{"name": "Another B.V."}'""",
    "to whom an invoice is": """UPDATE lostpost_salesinvoice SET customer = customer || '{"vat_number": "NL1"}'""",
    "when an invoice was paid": (
        "UPDATE lostpost_salesinvoice SET paid_at = paid_at + interval '1 day' WHERE state = 'paid'"
    ),
    "the reference of an invoice's payment": (
        "UPDATE lostpost_salesinvoice SET reference = 'NL-2' WHERE state = 'paid'"
    ),
    "a closing balance": """
        UPDATE lostpost_closingbalance SET amount_minor = amount_minor + 1
         WHERE kind = 'turnover' AND until_at < '2026-03-05'
    """,
    "how many transfers a closing balance has": "UPDATE lostpost_closingbalance SET transfers = transfers + 1",
    "a closing balance that is gone": """
        DELETE FROM lostpost_closingbalance
         WHERE kind = 'paid_out' AND until_at = (SELECT max(until_at) FROM lostpost_closingbalance)
    """,
    "a transfer booked after its month was closed": (
        "UPDATE lostpost_transfer SET booked_at = booked_at - interval '3 days' WHERE booked_at > '2026-05-01'"
    ),
    "the event of an invoice": "DELETE FROM lostpost_event WHERE type = 'invoice.issued'",
    "the last event": "DELETE FROM lostpost_event WHERE sequence = (SELECT max(sequence) FROM lostpost_event)",
    "when a refund came back": "UPDATE lostpost_refundbounce SET bounced_at = bounced_at - interval '1 day'",
    "when it was booked that a refund came back": (
        "UPDATE lostpost_transfer SET effective_at = effective_at - interval '1 day' WHERE kind = 'refund_bounced'"
    ),
    "the reference of a payment that came back": "UPDATE lostpost_refundbounce SET reference = 'BANK-9'",
    "when a refund that came back had been paid": (
        "UPDATE lostpost_transfer SET effective_at = effective_at - interval '1 day'"
        " WHERE kind = 'refund_paid' AND source_id IN (SELECT id FROM lostpost_refund)"
    ),
    "when a restoration was agreed": "UPDATE lostpost_restoration SET agreed_at = agreed_at - interval '1 day'",
    "when a restoration was paid, and booked": """
        WITH booked AS (UPDATE lostpost_transfer SET effective_at = effective_at - interval '1 day'
                         WHERE kind LIKE 'restored_%')
        UPDATE lostpost_restoration SET received_at = received_at - interval '1 day' WHERE state = 'received'
    """,
    "the reference of a restored payment": (
        "UPDATE lostpost_restoration SET reference = 'tr_9' WHERE state = 'received'"
    ),
    "why a restoration was withdrawn": "UPDATE lostpost_restoration SET reason = 'Other' WHERE state = 'withdrawn'",
    "units restored": "UPDATE lostpost_writeoffline SET quantity_restored = quantity_restored + 1",
    "more restored than was refunded": (
        "UPDATE lostpost_restorationline SET refund_minor = refund_minor + 10000"
        " WHERE restoration_id IN (SELECT id FROM lostpost_restoration WHERE state = 'agreed')"
    ),
    "a restoration": "UPDATE lostpost_restoration SET amount_minor = amount_minor + 1 WHERE state = 'agreed'",
    "delivery costs restored": (
        "UPDATE lostpost_restoration SET amount_minor = amount_minor + 500, delivery_minor = 500 WHERE state = 'agreed'"
    ),
    "a restoration that says it was paid": (
        "UPDATE lostpost_restoration SET state = 'received', received_at = now(), reference = 'X'"
        " WHERE state = 'agreed'"
    ),
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED)
def test_each_tampered_record_is_reported(anna, books, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0

    differences = [str(difference) for difference in verify(anna.seller)]

    assert differences
    assert all(line.startswith("lampenhuis: ") and "expected" in line for line in differences)


def test_the_newest_event_deleted_with_its_counter_is_missed_by_who_has_read_it(anna, books):
    newest = EventCounter.objects.get(seller_id=anna.seller_id).last
    NoticeCursor.objects.update_or_create(seller_id=anna.seller_id, defaults={"last": newest})
    assert list(verify(anna.seller)) == []

    Event.objects.filter(seller_id=anna.seller_id, sequence=newest).delete()
    EventCounter.objects.filter(seller_id=anna.seller_id).update(last=newest - 1)

    what = "events in the feed: the last number, and what notices got"
    assert [it for it in verify(anna.seller) if it.what == what]

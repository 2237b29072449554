"""`verify` reports every invoice, credit note and restoration that was tampered with."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.db import connection

from lostpost.audit.verify import verify
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.orders.models import Order, OrderItem
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.restore_payment import restore_payment
from lostpost.restorations.settle_restoration import withdraw_restoration
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_staff_member, all_of, annas_shop, silent_parcel
from tests.invoicing.selling import an_invoice, on, sold

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
        mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=NOW)
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
        withdraw_restoration(
            seller_id=anna.seller_id, number=restoration.number, reason="Not paid", by=fien, now=on(3, 4)
        )
        an_invoice(anna.seller, "2026-04")
        sold(anna.seller, on(1, 5))
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
TAMPERED = {
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

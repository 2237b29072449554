"""Units that are returned, written off, paid again and written off once more: the last one takes the rest."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.audit.verify import verify
from lostpost.insight.silent_parcels import oldest_silent_parcels, silent_parcels
from lostpost.intake.put_parcels import ParcelContradicts
from lostpost.intake.put_returns import ReturnContradicts
from lostpost.invoicing.issue_credit_note import NoInvoiceToCredit
from lostpost.invoicing.models import CreditNote
from lostpost.jobs.documents import issue_credit_notes_of_order_job
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.sales.models import Sale
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.models import WriteOffLine
from lostpost.writeoffs.selection import NotEligible
from tests.cast import NOW, a_parcel
from tests.writeoffs.lamps import Lamps

pytestmark = pytest.mark.django_db
SHARES = [33_33, 4_26, 89]  # Of 100.00, 12.79 commission and 2.69 VAT on it; 0.01, 0.01 and 0.02 are left over.


# Returned and written off ------------------------------------------------------------------------------------------


def test_the_last_unit_written_off_after_a_return_takes_the_rest(lamps):
    lamps.give_back(1)
    write_off = lamps.lose(2, 3)

    lines = WriteOffLine.objects.filter(seller_id=write_off.seller_id).order_by("id")
    assert list(lines.values_list("refund_minor", "commission_minor", "commission_vat_minor")) == [
        (33_33, 4_26, 89),
        (33_34, 4_27, 91),
    ]
    assert lamps.left() == [0, 0, 0]
    lamps.assert_books_are_right()


def test_the_last_unit_returned_after_a_write_off_takes_the_rest(lamps):
    assert lamps.lose(1, 2).refund_minor == 66_66
    lamps.give_back(3)

    back = Sale.objects.get(seller_id=lamps.order.seller_id, cause="returned")
    assert (back.turnover_minor, back.commission_minor, back.commission_vat_minor) == (-33_34, -4_27, -91)
    assert lamps.left() == [0, 0, 0]
    lamps.assert_books_are_right()


@pytest.mark.parametrize("afterwards", ["cancelled", "received"])
def test_an_announced_return_still_counts_as_left(lamps, afterwards):
    lamps.give_back(3, "announced")
    assert lamps.lose(1, 2).refund_minor == 66_66
    lamps.give_back(3, afterwards)

    if afterwards == "cancelled":
        assert lamps.left() == [33_34, 4_27, 91]
        assert lamps.lose(3).refund_minor == 33_34
    assert lamps.left() == [0, 0, 0]
    lamps.assert_books_are_right()


def test_a_return_cancelled_after_the_last_write_off_leaves_its_share(lamps):
    lamps.give_back(1)
    assert lamps.lose(2, 3).refund_minor == 66_67
    lamps.give_back(1, "cancelled")

    assert lamps.left() == SHARES
    assert lamps.lose(1).refund_minor == 33_33, (
        "the rest was refunded before; the customer never gets more than was paid"
    )
    assert lamps.left() == [0, 0, 0]
    lamps.assert_books_are_right()


# Paid again --------------------------------------------------------------------------------------------------------


def test_units_paid_again_can_be_returned(lamps):
    write_off = lamps.lose(1, 2, 3)
    lamps.find(write_off, 3)
    assert lamps.left() == [33_34, 4_27, 91]

    lamps.give_back(3)

    unit = ParcelUnit.objects.get(parcel__code="P-3")
    counted = (unit.quantity_written_off, unit.quantity_paid_again, unit.quantity_returned, unit.quantity_received)
    assert counted == (1, 1, 1, 1)
    assert lamps.left() == [0, 0, 0]
    (refusal,) = {unit.parcel: unit for unit in assess_order(lamps.order, now=NOW).units}["P-3"].assessment.refusals
    assert refusal.code == "returned"
    lamps.assert_books_are_right()


def test_units_paid_again_can_be_written_off_again(lamps):
    first = [lamps.lose(n) for n in (1, 2, 3)]
    assert [it.refund_minor for it in first] == [33_33, 33_33, 33_34]
    for n, share in ((2, 33_33), (3, 33_34), (3, 33_34)):
        restored = lamps.find(first[n - 1], n)
        assert restored.amount_minor == share
        first[n - 1] = lamps.lose(n)
        assert first[n - 1].refund_minor == share
        lamps.assert_books_are_right()

    item = OrderItem.objects.get(seller_id=lamps.order.seller_id)
    assert (item.quantity_written_off, item.quantity_paid_again) == (6, 3)
    assert (item.refunded_minor, item.paid_again_minor) == (200_01, 100_01)
    assert lamps.left() == [0, 0, 0]


def test_a_return_that_took_the_rest_is_worth_its_share_once_another_unit_is_paid_again(lamps):
    write_off = lamps.lose(1, 2)
    lamps.give_back(3)
    lamps.find(write_off, 1)

    assert lamps.left() == [33_34, 4_27, 91]
    assert lamps.lose(1).refund_minor == 33_34
    assert lamps.left() == [0, 0, 0]
    lamps.assert_books_are_right()


def test_units_of_an_unpaid_restoration_stay_written_off(lamps):
    write_off = lamps.lose(1, 2, 3)
    restored = lamps.find(write_off, 1, paid=False)

    with pytest.raises(NotEligible):
        lamps.lose(1)
    with pytest.raises(ReturnContradicts):
        lamps.give_back(1)
    of_it: dict[str, Any] = {"seller_id": write_off.seller_id, "number": restored.number, "by": lamps.fien, "now": NOW}
    withdraw_restoration(reason="He does not pay", **of_it)
    with pytest.raises(NotEligible):
        lamps.lose(1)

    again = lamps.find(write_off, 1, paid=False)
    mark_restoration_paid(reference="tr_9", **{**of_it, "number": again.number})
    assert lamps.lose(1).refund_minor == 33_33
    lamps.assert_books_are_right()


def test_only_units_that_were_paid_again_can_be_written_off_again(lamps):
    write_off = lamps.lose(1, 2, 3)
    lamps.find(write_off, 1)
    lamps.lose(1)

    with pytest.raises(NotEligible):
        lamps.lose(1)
    with pytest.raises(ReturnContradicts):
        lamps.give_back(1)


def test_delivery_costs_that_were_paid_again_are_refunded_once_more(anna, fien):
    lamps = Lamps(anna, fien, delivery_costs_minor=4_95)
    assert lamps.lose(1, 2).delivery_refund_minor == 0
    write_off = lamps.lose(3)
    assert write_off.delivery_refund_minor == 4_95

    assert lamps.find(write_off, 3).delivery_minor == 4_95
    assert Order.objects.get(id=lamps.order.id).delivery_refunded_minor == 0
    again = lamps.lose(3)

    assert (again.refund_minor, again.delivery_refund_minor) == (33_34 + 4_95, 4_95)
    assert Order.objects.get(id=lamps.order.id).delivery_refunded_minor == 4_95
    lamps.assert_books_are_right()


def test_delivery_costs_that_were_not_paid_again_are_not_refunded_again(anna, fien):
    lamps = Lamps(anna, fien, delivery_costs_minor=4_95)
    first = lamps.lose(1)
    lamps.lose(2, 3)
    lamps.find(first, 1)

    assert lamps.lose(1).delivery_refund_minor == 0
    lamps.assert_books_are_right()


def test_a_parcel_paid_again_is_not_a_silent_parcel(lamps):
    write_off = lamps.lose(1)
    assert Parcel.objects.get(code="P-1").written_off
    lamps.find(write_off, 1)
    lamps.give_back(1)
    lamps.give_back(1, "cancelled")

    assert Parcel.objects.get(code="P-1").written_off
    policy = assess_order(lamps.order, now=NOW).policy
    rows = oldest_silent_parcels(lamps.order.seller_id, policy, now=NOW)
    silent = silent_parcels(lamps.order.seller_id, rows, policy, now=NOW, most=9)
    assert "P-1" not in [parcel.code for _order, parcel in silent]
    lamps.assert_books_are_right()


def test_a_parcel_with_write_offs_keeps_its_units(lamps):
    """The same parcel again changes nothing; one without the units that were written off is refused."""
    write_off = lamps.lose(1, 2, 3)
    lamps.find(write_off, 1)
    lamps.give_back(1)
    a_parcel(lamps.order, units={"1": 1}, code="P-1", shipped_days=19)

    OrderItem.objects.create(
        seller_id=lamps.order.seller_id,
        order_id=lamps.order.id,
        item="2",
        title="Bulb",
        quantity=1,
        paid_minor=1,
        commission_minor=0,
    )
    with pytest.raises(ParcelContradicts):
        a_parcel(lamps.order, units={"2": 1}, code="P-1", shipped_days=19)


# Credit notes ------------------------------------------------------------------------------------------------------


def test_what_is_paid_again_is_invoiced_and_credited_once_more(anna, fien):
    # Given three invoiced lamps: one is lost, then the others; the first is found, paid again, and lost again
    lamps = Lamps(anna, fien, delivery_costs_minor=4_95)
    invoice = {"number": "2026-0042", "issued_on": "2026-02-07", "name": "Vaak Verlichting B.V."}
    Order.objects.filter(id=lamps.order.id).update(customer_invoice=invoice)
    first, second = lamps.lose(1), lamps.lose(2, 3)
    for write_off in (first, second):
        credit_customer(seller_id=anna.seller_id, write_off_id=write_off.id, now=NOW)
    found = lamps.find(first, 1)
    again = lamps.lose(1)

    # Then a job of the order is promised by both, and before the invoice over the payment nothing is credited again
    jobs = ProcrastinateJob.objects.filter(task_name__startswith="credit-note.").order_by("id")
    assert list(jobs.values_list("task_name", flat=True)) == ["credit-note.issue"] * 2 + ["credit-note.of-order"] * 2
    with pytest.raises(NoInvoiceToCredit, match="found and paid again"):
        credit_customer(seller_id=anna.seller_id, write_off_id=again.id, now=NOW)
    for _job in range(2):
        issue_credit_notes_of_order_job(seller=str(anna.seller_id), order=str(lamps.order.id))
    paid = CreditNote.objects.get(restoration_id=found.id)
    assert (paid.number, paid.amends_number) == ("CIN-lampenhuis-00001", "CRN-lampenhuis-00001")
    assert (paid.total_minor, paid.vat_minor) == (33_33, 5_79)
    note = CreditNote.objects.get(write_off_id=again.id)
    assert (note.invoice_number, note.amends_number, note.total_minor) == ("2026-0042", paid.number, 33_33)
    assert CreditNote.objects.filter(seller_id=anna.seller_id).count() == 4
    lamps.assert_books_are_right()

    # And a changed cent, or a line that is gone, is found
    for statement in (
        "UPDATE lostpost_creditnoteline SET vat_minor = vat_minor + 1 WHERE credit_note_id = %s",
        "DELETE FROM lostpost_creditnoteline WHERE credit_note_id = %s",
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [paid.id])
            assert [it for it in verify(anna.seller) if "CIN-lampenhuis-00001" in it.what]
            transaction.set_rollback(True)


# Constraints -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "values", "constraint"),
    [
        (ParcelUnit, {"quantity_paid_again": 2}, "parcel_unit_paid_again_only_what_was_written_off"),
        (ParcelUnit, {"quantity_received": 1}, "parcel_unit_received_only_what_was_returned"),
        (ParcelUnit, {"quantity_returned": 1}, "parcel_unit_lost_or_returned_at_most_once"),
        (OrderItem, {"quantity_paid_again": 4}, "order_item_paid_again_only_what_was_written_off"),
        (OrderItem, {"quantity_written_off": 4}, "order_item_lost_at_most_once"),
        (OrderItem, {"refunded_minor": 100_01}, "order_item_refund_at_most_what_the_customer_paid"),
        (OrderItem, {"paid_again_minor": 100_01}, "order_item_refund_at_most_what_the_customer_paid"),
        (OrderItem, {"commission_back_minor": 12_80}, "order_item_commission_back_at_most_what_was_charged"),
        (Order, {"delivery_refunded_minor": 1}, "order_delivery_refunded_at_most_what_was_paid"),
    ],
    ids=str,
)
def test_constraints_refuse_impossible_counts(lamps, model, values, constraint):
    lamps.lose(1, 2, 3)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.filter(seller_id=lamps.order.seller_id).update(**values)


BEHIND_THE_BACK = {
    "units paid again": (ParcelUnit, {"quantity_paid_again": 1}),
    "units received": (ParcelUnit, {"quantity_received": 0}),
    "an item's units paid again": (OrderItem, {"quantity_paid_again": 2}),
    "what was paid again": (OrderItem, {"paid_again_minor": 33_32}),
    "commission given back": (OrderItem, {"commission_back_minor": F("commission_back_minor") - 1}),
    "VAT given back": (OrderItem, {"commission_vat_back_minor": F("commission_vat_back_minor") + 1}),
    "delivery costs refunded": (Order, {"delivery_refunded_minor": 1}),
    "a line that took the rest": (WriteOffLine, {"refund_minor": F("refund_minor") + 2}),
}


@pytest.mark.parametrize(("model", "values"), BEHIND_THE_BACK.values(), ids=BEHIND_THE_BACK)
def test_verify_reports_changed_counts(anna, fien, model, values):
    lamps = Lamps(anna, fien, delivery_costs_minor=4_95)
    write_off = lamps.lose(1, 2)
    lamps.find(write_off, 1)
    lamps.give_back(1)
    assert list(verify(anna.seller)) == []

    which = {"quantity_written_off": 1} if model is ParcelUnit else {}
    assert model.objects.filter(seller_id=anna.seller_id, **which).update(**values)

    assert list(verify(anna.seller))

"""The self-check agrees with untampered records, and names the month and sum that disagree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from lostpost.audit.self_check import CheckedMonth, checked_months
from lostpost.refunds.settle_refund import mark_refund_paid, retry_refund
from lostpost.refunds.transitions import fail_refund, lock_refund
from lostpost.restorations.restore_payment import restore_payment
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def lost(anna, *, key: str, now: datetime = NOW, **parcel) -> WriteOff:
    query = silent_parcel(anna, now=now, **parcel)
    return write_off(query=query.number, selection=all_of(query), by=anna, key=key, now=now)


def months(anna) -> list[CheckedMonth]:
    return list(checked_months(seller_id=anna.seller_id, begin=FROM, end=UNTIL, zone="Europe/Amsterdam"))


@pytest.mark.django_db
def test_each_month_and_currency_has_five_sums(anna, fien, pia):
    write_off = lost(anna, key="write-off-1", paid_minor=25_00, commission_minor=3_00, delivery_costs_minor=4_95)
    lost(anna, key="write-off-2", paid_minor=10_00, commission_minor=1_00)
    lost(anna, key="write-off-3", paid_minor=1_200, currency="JPY")
    mark_refund_paid(seller_id=anna.seller_id, number=write_off.number, reference="BANK-1", by=fien, now=NOW)
    restore_payment(
        seller_id=anna.seller_id,
        write_off=write_off.number,
        consent="It came.",
        consented_at=NOW,
        reference="tr_2",
        by=pia,
        key="restore-1",
        now=NOW,
    )

    euros, yen = months(anna)
    assert euros == CheckedMonth(
        month=date(2026, 3, 1),
        currency="EUR",
        write_offs=2,
        written_off_minor=39_95,
        refunds_minor=39_95,
        ledger_minor=39_95,
        invoiced_minor=0,
        confirmed_minor=29_95,
        paid_minor=29_95,
        commission_minor=4_00 + 84,
        commission_ledger_minor=4_00 + 84,
        restored_minor=29_95,
    )
    assert (yen.currency, yen.written_off_minor, yen.to_be_invoiced_minor) == ("JPY", 1_200, 1_200)
    assert euros.agrees
    assert yen.agrees


@pytest.mark.django_db
def test_a_month_begins_at_the_marketplaces_midnight(anna):
    lost(anna, key="write-off-1", now=datetime(2026, 3, 31, 21, 59, tzinfo=UTC))
    lost(anna, key="write-off-2", now=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))

    assert [(it.month, it.write_offs) for it in months(anna)] == [(date(2026, 4, 1), 1), (date(2026, 3, 1), 1)]


@pytest.mark.django_db
def test_other_shops_and_other_times_are_left_out(anna, carla):
    lost(carla, key="write-off-1")

    assert months(anna) == []
    lost(anna, key="write-off-2")
    later = NOW + timedelta(seconds=1)
    assert checked_months(seller_id=anna.seller_id, begin=later, end=UNTIL, zone="Europe/Amsterdam") == []


@pytest.mark.django_db
def test_a_bounced_refund_is_owed_again_and_agrees(anna, fien, pia):
    write_off = lost(anna, key="write-off-1", paid_minor=25_00)
    of_it = {"seller_id": anna.seller_id, "number": write_off.number, "by": fien, "now": NOW}
    mark_refund_paid(reference="BANK-1", **of_it)
    restore_payment(
        seller_id=anna.seller_id,
        write_off=write_off.number,
        consent="It came.",
        consented_at=NOW,
        reference="tr_2",
        by=pia,
        key="restore-1",
        now=NOW,
    )

    fail_refund(
        lock_refund(seller_id=anna.seller_id, number=write_off.number), problem="Account closed", by=None, now=NOW
    )

    (month,) = months(anna)
    assert (month.confirmed_minor, month.paid_minor, month.restored_minor) == (0, 0, 25_00)
    assert month.agrees
    retry_refund(**of_it)
    mark_refund_paid(reference="BANK-2", **of_it)
    (month,) = months(anna)
    assert (month.confirmed_minor, month.paid_minor) == (25_00, 25_00)
    assert month.agrees


BROKEN: dict[str, str] = {
    "a refund": "UPDATE lostpost_refund SET amount_minor = amount_minor + 1",
    "a write-off": "UPDATE lostpost_writeoff SET refund_minor = refund_minor + 1",
    "a transfer of turnover": "UPDATE lostpost_transfer SET amount_minor = 1 WHERE kind = 'correction_turnover'",
    "a transfer of delivery costs": "DELETE FROM lostpost_transfer WHERE kind = 'correction_delivery'",
    "a transfer of commission": "DELETE FROM lostpost_transfer WHERE kind = 'correction_commission'",
    "a transfer of VAT": "DELETE FROM lostpost_transfer WHERE kind = 'correction_commission_vat'",
    "the commission of a line": "UPDATE lostpost_writeoffline SET commission_minor = commission_minor + 1",
    "a payment": "DELETE FROM lostpost_transfer WHERE kind = 'refund_paid'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_each_tampered_record_disagrees(anna, fien, statement):
    write_off = lost(anna, key="write-off-1", delivery_costs_minor=4_95)
    mark_refund_paid(seller_id=anna.seller_id, number=write_off.number, reference="BANK-1", by=fien, now=NOW)
    assert [it.agrees for it in months(anna)] == [True]

    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert [it.agrees for it in months(anna)] == [False]

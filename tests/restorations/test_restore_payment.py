"""Restorations: a customer who has the lost goods after all pays again, never for more than was refunded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import KeyReused
from lostpost.events.models import Event
from lostpost.ledger.models import Transfer
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.restorations.restore_payment import MoreThanRefunded, NothingToRestore, RefundNotPaid, restore_payment
from lostpost.restorations.settle_restoration import (
    RestorationNotFound,
    RestorationSettled,
    mark_restoration_paid,
    withdraw_restoration,
)
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import SelectedUnits, WriteOffNotFound
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_member, a_staff_member, all_of, row_counts, silent_parcel
from tests.searching import examples

LATER = NOW + timedelta(days=2)
CONSENT = "By telephone on 12 March: “It came after all, take it off my card again.”"


def written_off(anna, *, paid=True, key="write-off-1", fien=None, **parcel) -> WriteOff:
    query = silent_parcel(anna, **parcel)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key=key, now=NOW)
    if paid and fien:
        mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=NOW)
    return recorded


def restored(write_off: WriteOff, pia, selection=(), *, key="restore-1", **values) -> Restoration:
    request = {"consent": CONSENT, "consented_at": NOW, "now": LATER, **values}
    return restore_payment(
        seller_id=write_off.seller_id, write_off=write_off.number, selection=selection, by=pia, key=key, **request
    )


def booked(restoration: Restoration) -> list[tuple[str, str, str, int]]:
    lines = RestorationLine.objects.filter(seller_id=restoration.seller_id, restoration_id=restoration.id)
    ids = [restoration.id, *(line.id for line in lines)]
    rows = Transfer.objects.filter(seller_id=restoration.seller_id, source_id__in=ids)
    return sorted(rows.values_list("kind", "debit", "credit", "amount_minor"))


@pytest.mark.django_db
def test_a_restoration_is_booked_once_the_customer_has_paid(anna, pia, fien):
    write_off = written_off(anna, fien=fien, paid_minor=25_00, commission_minor=3_00, delivery_costs_minor=4_95)

    agreed = restored(write_off, pia)

    assert (agreed.number, agreed.state, agreed.amount_minor) == (f"{write_off.number}-R1", "agreed", 29_95)
    assert booked(agreed) == []
    paid = mark_restoration_paid(
        seller_id=write_off.seller_id, number=agreed.number, reference="tr_again", by=pia, now=LATER
    )
    assert (paid.state, paid.reference, paid.received_at) == ("received", "tr_again", LATER)
    assert booked(paid) == [
        ("restored_commission", "seller", "commission", 3_00),
        ("restored_commission_vat", "seller", "commission_vat", 63),
        ("restored_delivery", "provider", "seller", 4_95),
        ("restored_turnover", "provider", "seller", 25_00),
    ]
    assert WriteOff.objects.get(id=write_off.id).refund_minor == 29_95  # What was decided stays decided.
    events = Event.objects.filter(seller_id=write_off.seller_id, type__startswith="restoration.").values_list(
        "type", flat=True
    )
    assert list(events.order_by("sequence")) == ["restoration.agreed", "restoration.received"]


@pytest.mark.django_db
def test_a_restoration_with_a_payment_reference_is_booked_at_once(anna, pia, fien):
    write_off = written_off(anna, fien=fien)

    assert restored(write_off, pia, reference="tr_again").state == "received"
    assert Transfer.objects.filter(kind="restored_turnover").count() == 1


@pytest.mark.django_db
def test_units_are_restored_one_by_one_and_add_up(anna, pia, fien):
    write_off = written_off(
        anna, fien=fien, quantity=3, paid_minor=100_00, commission_minor=10_01, delivery_costs_minor=3
    )
    line = WriteOffLine.objects.select_related("parcel_unit__parcel", "order_item").get(write_off_id=write_off.id)
    one = SelectedUnits(line.parcel_unit.parcel.code, line.order_item.item, 1)

    parts = [restored(write_off, pia, [one], key=f"restore-{n}", reference=f"tr-{n}") for n in range(3)]

    assert [part.number[-2:] for part in parts] == ["R1", "R2", "R3"]
    assert [part.amount_minor for part in parts] == [33_33, 33_33, 33_37]  # The last brings the rest and the delivery.
    with pytest.raises(MoreThanRefunded) as refused:
        restored(write_off, pia, [one], key="restore-4")
    assert refused.value.available == 0
    with pytest.raises(NothingToRestore):
        restored(write_off, pia, key="restore-5")


@pytest.mark.django_db
def test_a_retry_returns_the_same_restoration_and_another_request_is_refused(anna, pia, fien):
    write_off = written_off(anna, fien=fien)
    first = restored(write_off, pia)

    assert restored(write_off, pia) == first
    with pytest.raises(KeyReused):
        restored(write_off, pia, consent="Something else")
    assert Restoration.objects.count() == 1


@pytest.mark.django_db
def test_a_payment_reported_twice_is_booked_once(anna, pia, fien):
    write_off = written_off(anna, fien=fien)
    agreed = restored(write_off, pia)
    paid = {"seller_id": write_off.seller_id, "number": agreed.number, "by": pia, "now": LATER}

    mark_restoration_paid(reference="tr_again", **paid)
    before = row_counts()
    mark_restoration_paid(reference="tr_again", **paid)
    with pytest.raises(RestorationSettled):
        mark_restoration_paid(reference="tr_other", **paid)
    with pytest.raises(RestorationSettled):
        withdraw_restoration(reason="No", **paid)
    assert row_counts() == before


@pytest.mark.django_db
def test_a_withdrawn_restoration_books_nothing_and_may_be_agreed_again(anna, pia, fien):
    write_off = written_off(anna, fien=fien, delivery_costs_minor=4_95)
    agreed = restored(write_off, pia)

    withdrawn = withdraw_restoration(
        seller_id=write_off.seller_id, number=agreed.number, reason="Sent it back", by=pia, now=LATER
    )

    assert (withdrawn.state, withdrawn.reason) == ("withdrawn", "Sent it back")
    assert booked(withdrawn) == []
    with pytest.raises(RestorationSettled):
        mark_restoration_paid(seller_id=write_off.seller_id, number=agreed.number, reference="tr", by=pia, now=LATER)
    again = restored(write_off, pia, key="restore-2", reference="tr_again")
    assert (again.number, again.amount_minor) == (f"{write_off.number}-R2", agreed.amount_minor)


@pytest.mark.django_db
def test_a_restoration_is_refused_before_the_refund_is_paid(anna, pia, fien):
    write_off = written_off(anna, paid=False)
    before = row_counts()

    with pytest.raises(RefundNotPaid):
        restored(write_off, pia)
    assert row_counts() == before
    mark_refund_failed(
        seller_id=write_off.seller_id, number=write_off.number, problem="Account closed", by=fien, now=NOW
    )
    with pytest.raises(RefundNotPaid):
        restored(write_off, pia, key="restore-2")


INVALID_REQUESTS = {
    "no consent": ({"consent": "  \n"}, Rejected),
    "too much consent": ({"consent": "x" * 1001}, Rejected),
    "a consent from tomorrow": ({"consented_at": LATER + timedelta(seconds=1)}, Rejected),
    "an item that was not written off": ({"selection": [SelectedUnits("A-1001-P1", "9", 1)]}, NothingToRestore),
    "an item twice": ({"selection": [SelectedUnits("A-1001-P1", "1", 1)] * 2}, NothingToRestore),
    "no unit": ({"selection": [SelectedUnits("A-1001-P1", "1", 0)]}, MoreThanRefunded),
    "too many units": ({"selection": [SelectedUnits("A-1001-P1", "1", 2)]}, MoreThanRefunded),
    "a short key": ({"key": "short"}, Rejected),
    "a long reference": ({"reference": "x" * 201}, Rejected),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "refusal"), INVALID_REQUESTS.values(), ids=INVALID_REQUESTS)
def test_an_invalid_request_is_refused_and_leaves_no_row(anna, pia, fien, values, refusal):
    write_off = written_off(anna, fien=fien)
    before = row_counts()

    with pytest.raises(refusal):
        restored(write_off, pia, **values)
    assert row_counts() == before


@pytest.mark.django_db
def test_another_shops_write_off_is_not_found(anna, carla, pia, fien):
    write_off = written_off(anna, fien=fien)
    agreed = restored(write_off, pia)

    for number in (write_off.number, "4711-1", "\x00"):
        with pytest.raises(WriteOffNotFound):
            restore_payment(
                seller_id=carla.seller_id,
                write_off=number,
                consent=CONSENT,
                consented_at=NOW,
                by=pia,
                key="12345678",
                now=NOW,
            )
    for number in (agreed.number, "x-R1", "\x00"):
        with pytest.raises(RestorationNotFound):
            mark_restoration_paid(seller_id=carla.seller_id, number=number, reference="tr", by=pia, now=LATER)


@pytest.mark.django_db
def test_constraints_refuse_impossible_restorations(anna, pia, fien):
    write_off = written_off(anna, fien=fien, delivery_costs_minor=4_95)
    agreed = restored(write_off, pia)
    lines = WriteOffLine.objects.filter(write_off_id=write_off.id)
    rows = Restoration.objects.filter(id=agreed.id)

    for wrong, constraint in (
        (lambda: lines.update(quantity_restored=2), "write_off_restored_at_most_once"),
        (lambda: rows.update(state="received"), "restoration_state_has_its_evidence"),
        (lambda: rows.update(consent=""), "restoration_has_the_customers_consent"),
        (lambda: rows.update(amount_minor=1), "restoration_amount_covers_its_delivery_costs"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            wrong()


@pytest.mark.fuzz
class Shares(TestCase):
    """Restorations of any amounts in any parts."""

    @settings(max_examples=examples(10))
    @given(
        paid_minor=st.integers(0, 10**9),
        commission_minor=st.integers(0, 10**8),
        delivery_minor=st.integers(0, 1000),
        parts=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    )
    def test_partial_restorations_add_up_to_the_refund(self, paid_minor, commission_minor, delivery_minor, parts):
        no_limits = {"daily_write_off_count_max": 0, "daily_write_off_minor_max": 0}
        change_policy(values=no_limits, reason="Any amount.", by="the test", now=NOW)
        anna = a_member(put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW), "Anna", "owner")
        fien, pia = a_staff_member("Fien", "finance"), a_staff_member("Pia", "partnerservice")
        query = silent_parcel(
            anna,
            quantity=sum(parts),
            paid_minor=paid_minor,
            commission_minor=commission_minor,
            delivery_costs_minor=delivery_minor,
        )
        (units,) = all_of(query)
        recorded = write_off(query=query.number, selection=[units], by=anna, key="write-off-1", now=NOW)
        if recorded.refund_minor:
            mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="B", by=fien, now=NOW)
        for n, part in enumerate(parts):
            restored(
                recorded, pia, [SelectedUnits(units.parcel, units.item, part)], key=f"restore-{n}", reference=f"tr-{n}"
            )

        line = WriteOffLine.objects.get(write_off_id=recorded.id)
        back = RestorationLine.objects.all()
        assert sum(it.refund_minor for it in back) == line.refund_minor
        assert sum(it.commission_minor for it in back) == line.commission_minor
        assert sum(it.commission_vat_minor for it in back) == line.commission_vat_minor
        assert sum(it.amount_minor for it in Restoration.objects.all()) == recorded.refund_minor


@pytest.mark.django_db
def test_restorations_after_a_withdrawal_add_up_to_the_refund(anna, pia, fien):
    write_off = written_off(
        anna, fien=fien, quantity=3, paid_minor=100_00, commission_minor=10_00, delivery_costs_minor=4_95
    )
    (units,) = [
        SelectedUnits(line.parcel_unit.parcel.code, "1", 1)
        for line in WriteOffLine.objects.filter(write_off_id=write_off.id)
    ]
    first, _second, third = (restored(write_off, pia, [units], key=f"restore-{n}") for n in range(3))
    assert (first.amount_minor, third.amount_minor) == (33_33, 33_34 + 4_95)

    withdraw_restoration(
        seller_id=write_off.seller_id, number=first.number, reason="He does not pay", by=pia, now=LATER
    )
    again = restored(write_off, pia, [units], key="restore-again")

    assert (again.amount_minor, again.delivery_minor) == (33_33 + 4_95, 4_95)  # Now the last of them takes these.
    third.refresh_from_db()
    assert (third.amount_minor, third.delivery_waived_minor) == (33_34, 4_95)
    live = Restoration.objects.filter(seller_id=write_off.seller_id).exclude(state="withdrawn")
    assert sum(it.amount_minor for it in live) == write_off.refund_minor == 104_95

"""A lost parcel that was found: the customer pays again, for as many units as agreed, never more than came back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

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
SAID = "By telephone on 12 March: “It came after all, take it off my card again.”"


def written_off(anna, *, paid=True, key="write-off-1", fien=None, **parcel) -> WriteOff:
    query = silent_parcel(anna, **parcel)
    made = write_off(query=query.number, picks=all_of(query), by=anna, key=key, now=NOW)
    if paid and fien:
        mark_refund_paid(seller_id=anna.seller_id, number=made.number, reference="BANK-1", by=fien, now=NOW)
    return made


def restored(made: WriteOff, pia, picks=(), *, key="restore-1", **values) -> Restoration:
    asked = {"consent": SAID, "consented_at": NOW, "now": LATER, **values}
    return restore_payment(seller_id=made.seller_id, write_off=made.number, picks=picks, by=pia, key=key, **asked)


def booked(restoration: Restoration) -> list[tuple[str, str, str, int]]:
    lines = RestorationLine.objects.filter(seller_id=restoration.seller_id, restoration_id=restoration.id)
    ids = [restoration.id, *(line.id for line in lines)]
    rows = Transfer.objects.filter(seller_id=restoration.seller_id, source_id__in=ids)
    return sorted(rows.values_list("kind", "debit", "credit", "amount_minor"))


@pytest.mark.django_db
def test_what_was_refunded_comes_back_once_the_customer_has_paid(anna, pia, fien):
    made = written_off(anna, fien=fien, paid_minor=25_00, commission_minor=3_00, delivery_costs_minor=4_95)

    agreed = restored(made, pia)

    assert (agreed.number, agreed.state, agreed.amount_minor) == (f"{made.number}-R1", "agreed", 29_95)
    assert booked(agreed) == []
    paid = mark_restoration_paid(
        seller_id=made.seller_id, number=agreed.number, reference="tr_again", by=pia, now=LATER
    )
    assert (paid.state, paid.reference, paid.received_at) == ("received", "tr_again", LATER)
    assert booked(paid) == [
        ("restored_commission", "seller", "commission", 3_00),
        ("restored_commission_vat", "seller", "commission_vat", 63),
        ("restored_delivery", "provider", "seller", 4_95),
        ("restored_turnover", "provider", "seller", 25_00),
    ]
    assert WriteOff.objects.get(id=made.id).refund_minor == 29_95  # What was decided stays decided.
    told = Event.objects.filter(seller_id=made.seller_id, type__startswith="restoration.").values_list(
        "type", flat=True
    )
    assert list(told.order_by("sequence")) == ["restoration.agreed", "restoration.received"]


@pytest.mark.django_db
def test_with_the_payment_at_hand_it_is_booked_at_once(anna, pia, fien):
    made = written_off(anna, fien=fien)

    assert restored(made, pia, reference="tr_again").state == "received"
    assert Transfer.objects.filter(kind="restored_turnover").count() == 1


@pytest.mark.django_db
def test_units_are_restored_one_by_one_and_add_up(anna, pia, fien):
    made = written_off(anna, fien=fien, quantity=3, paid_minor=100_00, commission_minor=10_01, delivery_costs_minor=3)
    line = WriteOffLine.objects.select_related("parcel_unit__parcel", "order_item").get(write_off_id=made.id)
    one = SelectedUnits(line.parcel_unit.parcel.code, line.order_item.item, 1)

    parts = [restored(made, pia, [one], key=f"restore-{n}", reference=f"tr-{n}") for n in range(3)]

    assert [part.number[-2:] for part in parts] == ["R1", "R2", "R3"]
    assert [part.amount_minor for part in parts] == [33_33, 33_33, 33_37]  # The last brings the rest and the delivery.
    with pytest.raises(MoreThanRefunded) as refused:
        restored(made, pia, [one], key="restore-4")
    assert refused.value.available == 0
    with pytest.raises(NothingToRestore):
        restored(made, pia, key="restore-5")


@pytest.mark.django_db
def test_a_repeat_gives_the_same_restoration_and_another_wish_is_refused(anna, pia, fien):
    made = written_off(anna, fien=fien)
    first = restored(made, pia)

    assert restored(made, pia) == first
    with pytest.raises(KeyReused):
        restored(made, pia, consent="Something else")
    assert Restoration.objects.count() == 1


@pytest.mark.django_db
def test_a_payment_told_twice_is_booked_once(anna, pia, fien):
    made = written_off(anna, fien=fien)
    agreed = restored(made, pia)
    paid = {"seller_id": made.seller_id, "number": agreed.number, "by": pia, "now": LATER}

    mark_restoration_paid(reference="tr_again", **paid)
    before = row_counts()
    mark_restoration_paid(reference="tr_again", **paid)
    with pytest.raises(RestorationSettled):
        mark_restoration_paid(reference="tr_other", **paid)
    with pytest.raises(RestorationSettled):
        withdraw_restoration(reason="No", **paid)
    assert row_counts() == before


@pytest.mark.django_db
def test_a_withdrawn_restoration_moves_nothing_and_may_be_agreed_again(anna, pia, fien):
    made = written_off(anna, fien=fien, delivery_costs_minor=4_95)
    agreed = restored(made, pia)

    gone = withdraw_restoration(
        seller_id=made.seller_id, number=agreed.number, reason="Sent it back", by=pia, now=LATER
    )

    assert (gone.state, gone.reason) == ("withdrawn", "Sent it back")
    assert booked(gone) == []
    with pytest.raises(RestorationSettled):
        mark_restoration_paid(seller_id=made.seller_id, number=agreed.number, reference="tr", by=pia, now=LATER)
    again = restored(made, pia, key="restore-2", reference="tr_again")
    assert (again.number, again.amount_minor) == (f"{made.number}-R2", agreed.amount_minor)


@pytest.mark.django_db
def test_nothing_is_restored_before_the_customer_has_the_money(anna, pia, fien):
    made = written_off(anna, paid=False)
    before = row_counts()

    with pytest.raises(RefundNotPaid):
        restored(made, pia)
    assert row_counts() == before
    mark_refund_failed(seller_id=made.seller_id, number=made.number, problem="Account closed", by=fien, now=NOW)
    with pytest.raises(RefundNotPaid):
        restored(made, pia, key="restore-2")


WRONG = {
    "no consent": ({"consent": "  \n"}, Rejected),
    "too much consent": ({"consent": "x" * 1001}, Rejected),
    "a consent from tomorrow": ({"consented_at": LATER + timedelta(seconds=1)}, Rejected),
    "an item that was not written off": ({"picks": [SelectedUnits("A-1001-P1", "9", 1)]}, NothingToRestore),
    "an item twice": ({"picks": [SelectedUnits("A-1001-P1", "1", 1)] * 2}, NothingToRestore),
    "no unit": ({"picks": [SelectedUnits("A-1001-P1", "1", 0)]}, MoreThanRefunded),
    "too many units": ({"picks": [SelectedUnits("A-1001-P1", "1", 2)]}, MoreThanRefunded),
    "a short key": ({"key": "short"}, Rejected),
    "a long reference": ({"reference": "x" * 201}, Rejected),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "refusal"), WRONG.values(), ids=WRONG)
def test_a_wrong_wish_is_refused_and_leaves_nothing(anna, pia, fien, values, refusal):
    made = written_off(anna, fien=fien)
    before = row_counts()

    with pytest.raises(refusal):
        restored(made, pia, **values)
    assert row_counts() == before


@pytest.mark.django_db
def test_another_shops_write_off_is_not_there(anna, carla, pia, fien):
    made = written_off(anna, fien=fien)
    agreed = restored(made, pia)

    for number in (made.number, "4711-1", "\x00"):
        with pytest.raises(WriteOffNotFound):
            restore_payment(
                seller_id=carla.seller_id,
                write_off=number,
                consent=SAID,
                consented_at=NOW,
                by=pia,
                key="12345678",
                now=NOW,
            )
    for number in (agreed.number, "x-R1", "\x00"):
        with pytest.raises(RestorationNotFound):
            mark_restoration_paid(seller_id=carla.seller_id, number=number, reference="tr", by=pia, now=LATER)


@pytest.mark.django_db
def test_the_database_judges_last(anna, pia, fien):
    made = written_off(anna, fien=fien, delivery_costs_minor=4_95)
    agreed = restored(made, pia)
    lines = WriteOffLine.objects.filter(write_off_id=made.id)
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
    """Whatever was written off and is restored, in whatever parts."""

    @settings(max_examples=examples(30))
    @given(
        paid_minor=st.integers(0, 10**9),
        commission_minor=st.integers(0, 10**8),
        delivery_minor=st.integers(0, 1000),
        parts=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    )
    def test_the_parts_add_up_to_the_refund(self, paid_minor, commission_minor, delivery_minor, parts):
        anna = a_member(put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW), "Anna", "owner")
        fien, pia = a_staff_member("Fien", "finance"), a_staff_member("Pia", "partnerservice")
        query = silent_parcel(
            anna,
            quantity=sum(parts),
            paid_minor=paid_minor,
            commission_minor=commission_minor,
            delivery_costs_minor=delivery_minor,
        )
        (pick,) = all_of(query)
        made = write_off(query=query.number, picks=[pick], by=anna, key="write-off-1", now=NOW)
        if made.refund_minor:
            mark_refund_paid(seller_id=anna.seller_id, number=made.number, reference="B", by=fien, now=NOW)
        for n, part in enumerate(parts):
            restored(made, pia, [SelectedUnits(pick.parcel, pick.item, part)], key=f"restore-{n}", reference=f"tr-{n}")

        line = WriteOffLine.objects.get(write_off_id=made.id)
        back = RestorationLine.objects.all()
        assert sum(it.refund_minor for it in back) == line.refund_minor
        assert sum(it.commission_minor for it in back) == line.commission_minor
        assert sum(it.commission_vat_minor for it in back) == line.commission_vat_minor
        assert sum(it.amount_minor for it in Restoration.objects.all()) == made.refund_minor


@pytest.mark.django_db
def test_what_is_agreed_again_after_a_withdrawal_adds_up_to_the_refund_and_never_to_more(anna, pia, fien):
    made = written_off(
        anna, fien=fien, quantity=3, paid_minor=100_00, commission_minor=10_00, delivery_costs_minor=4_95
    )
    (pick,) = [
        SelectedUnits(line.parcel_unit.parcel.code, "1", 1)
        for line in WriteOffLine.objects.filter(write_off_id=made.id)
    ]
    first, _second, third = (restored(made, pia, [pick], key=f"restore-{n}") for n in range(3))
    assert (first.amount_minor, third.amount_minor) == (33_33, 33_34 + 4_95)

    withdraw_restoration(seller_id=made.seller_id, number=first.number, reason="He does not pay", by=pia, now=LATER)
    again = restored(made, pia, [pick], key="restore-again")

    assert (again.amount_minor, again.delivery_minor) == (33_33, 0)
    live = Restoration.objects.filter(seller_id=made.seller_id).exclude(state="withdrawn")
    assert sum(it.amount_minor for it in live) == made.refund_minor == 104_95

"""The ledger: one debit and one credit each, never changed, and in balance by construction."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.core.ownership import uuid7
from lostpost.ledger.models import Account, Kind, Transfer
from lostpost.ledger.post_transfers import SIDES, Posting, post_transfers
from tests.cast import NOW


def booked(seller_id):
    return list(Transfer.objects.filter(seller_id=seller_id).order_by("booked_at", "id"))


@pytest.fixture
def transfer(anna) -> Transfer:
    post_transfers(
        [Posting(Kind.CORRECTION_TURNOVER, uuid7(), 25_00)], seller_id=anna.seller_id, currency="EUR", now=NOW
    )
    return Transfer.objects.get(seller_id=anna.seller_id)


@pytest.mark.django_db
def test_each_kind_has_its_two_sides(anna):
    sources = {kind: uuid7() for kind in Kind}

    post_transfers(
        [Posting(kind, sources[kind], 1) for kind in Kind], seller_id=anna.seller_id, currency="EUR", now=NOW
    )

    sides = {it.kind: (it.debit, it.credit) for it in booked(anna.seller_id)}
    assert sides == {kind.value: (debit.value, credit.value) for kind, (debit, credit) in SIDES.items()}
    assert set(SIDES) == set(Kind)


@pytest.mark.django_db
def test_a_zero_amount_is_not_booked(anna):
    post_transfers([Posting(Kind.REFUND_PAID, uuid7(), 0)], seller_id=anna.seller_id, currency="EUR", now=NOW)
    post_transfers([], seller_id=anna.seller_id, currency="EUR", now=NOW)

    assert booked(anna.seller_id) == []


@pytest.mark.django_db
def test_a_transfer_is_booked_once(anna, transfer):
    with pytest.raises(IntegrityError, match="transfer_booked_once"), transaction.atomic():
        post_transfers(
            [Posting(Kind.CORRECTION_TURNOVER, transfer.source_id, 1)],
            seller_id=anna.seller_id,
            currency="EUR",
            now=NOW,
        )


@pytest.mark.django_db
def test_one_invalid_posting_refuses_its_whole_batch(anna):
    source = uuid7()

    with pytest.raises(IntegrityError), transaction.atomic():
        post_transfers(
            [Posting(Kind.CORRECTION_TURNOVER, source, 1), Posting(Kind.CORRECTION_TURNOVER, source, 1)],
            seller_id=anna.seller_id,
            currency="EUR",
            now=NOW,
        )
    assert booked(anna.seller_id) == []


@pytest.mark.django_db
def test_a_transfer_is_never_changed_or_removed(anna, transfer):
    transfer.amount_minor = 1
    rows = Transfer.objects.filter(seller_id=anna.seller_id)
    for change in (
        lambda: rows.update(amount_minor=1),
        rows.delete,
        transfer.delete,
        lambda: Transfer.objects.bulk_update([transfer], ["amount_minor"]),
    ):
        with pytest.raises(TypeError, match="counters it"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        transfer.save()
    with pytest.raises(ValueError, match="insert and updat"), transaction.atomic():
        Transfer.objects.update_or_create(
            seller_id=anna.seller_id, id=transfer.id, defaults={"amount_minor": 1, "kind": "refund_paid"}
        )

    (unchanged,) = booked(anna.seller_id)
    assert unchanged.amount_minor == 25_00


WRONG = {
    "transfer_amount_positive": {"amount_minor": 0},
    "transfer_between_two_accounts": {"credit": "seller"},
    "transfer_accounts_known": {"debit": "pocket"},
    "transfer_kind_known": {"kind": "present"},
    "transfer_of_its_seller": {"seller_id": uuid4()},
}


@pytest.mark.django_db
@pytest.mark.parametrize(("constraint", "values"), WRONG.items(), ids=WRONG)
def test_constraints_refuse_impossible_transfers(anna, constraint, values):
    sound = {"debit": "seller", "credit": "customer", "amount_minor": 1, "currency": "EUR", "kind": "refund_paid"}
    row = {"seller_id": anna.seller_id, "source_id": uuid7(), "effective_at": NOW, "booked_at": NOW, **sound, **values}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Transfer(**row).save()
    with pytest.raises(IntegrityError, match="transfer_amount_positive"), transaction.atomic():
        Transfer(**{**row, "seller_id": anna.seller_id, **sound, "amount_minor": -5}).save()


PAID_BY_US = {Kind.REFUND_PAID, Kind.TURNOVER_REVERSED, Kind.PAID_OUT}
PAID_TO_US = {Kind.REFUND_BOUNCED, Kind.TURNOVER, Kind.RESTORED_TURNOVER, Kind.RESTORED_DELIVERY, Kind.DEBT_PAID}


class Balances(TestCase):
    """Any transfers in any order."""

    @given(
        st.lists(
            st.tuples(st.sampled_from(list(Kind)), st.integers(0, 10**12), st.sampled_from(["EUR", "JPY"])), max_size=20
        )
    )
    def test_the_accounts_of_a_seller_add_up_to_nothing(self, postings):
        seller = put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW)
        for kind, amount_minor, currency in postings:
            post_transfers([Posting(kind, uuid7(), amount_minor)], seller_id=seller.id, currency=currency, now=NOW)

        balances: dict[str, Counter[str]] = {"EUR": Counter(), "JPY": Counter()}
        for it in booked(seller.id):
            balances[it.currency][it.debit] -= it.amount_minor
            balances[it.currency][it.credit] += it.amount_minor
        for currency, of_currency in balances.items():
            assert sum(of_currency.values()) == 0
            assert set(of_currency) <= set(Account.values)
            paid = sum(amount for kind, amount, of in postings if of == currency and kind in PAID_BY_US)
            received = sum(amount for kind, amount, of in postings if of == currency and kind in PAID_TO_US)
            assert of_currency["provider"] == paid - received

"""The migration books earlier sales as the commands would have booked them."""

from importlib import import_module

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.audit.verify import verify
from lostpost.ledger.models import Transfer
from lostpost.orders.models import Order, OrderItem
from lostpost.sales.book_sales import book_sales
from lostpost.sales.models import Sale
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_return, all_of, an_item, an_order, silent_parcel
from tests.searching import examples

MIGRATION = import_module("lostpost.migrations.0011_sales_of_before")
SOLD = ("item", "parcel", "title", "sku", "cause", "quantity", "turnover_minor", "commission_minor")
OF_SALE = (*SOLD, "commission_vat_minor", "commission_vat_rate_bp", "currency", "order_id")
SALE_KINDS = ("turnover", "commission", "commission_vat")


def booked(seller):
    """Return the sales and their transfers, without what differs from one booking to the next."""
    transfers = Transfer.objects.filter(seller_id=seller.id).order_by("kind", "amount_minor")
    names = ("kind", "debit", "credit", "amount_minor", "currency", "vat_rate_bp")
    handed_over = Sale.objects.filter(seller_id=seller.id, cause="handed_over")
    return (
        sorted(Sale.objects.filter(seller_id=seller.id).values_list(*OF_SALE), key=str),
        sorted(handed_over.values_list("item", "parcel", "effective_at")),
        sorted(transfers.values_list(*names), key=str),
    )


def forget_sales():
    """Restore the state before sales were booked."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM lostpost_transfer WHERE source_id IN (SELECT id FROM lostpost_sale)")
        cursor.execute("DELETE FROM lostpost_sale")
        cursor.execute("UPDATE lostpost_orderitem SET commission_vat_rate_bp = NULL")


def migrate():
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.RATES)
        cursor.execute(MIGRATION.SALES)


@pytest.mark.django_db
def test_earlier_write_offs_and_sales_are_booked_once(anna):
    order = an_order(anna.seller, an_item("1", quantity=3, paid_minor=10_00), an_item("2"), delivery_costs_minor=4_95)
    a_parcel(order, units={"1": 1}, code="P-1", shipped_days=6)
    a_parcel(order, units={"1": 2, "2": 1}, code="P-2", shipped_days=5)
    a_return(order, {("P-2", "1"): 1}, status="received")
    a_return(order, {("P-2", "2"): 1}, code="R-2", status="in_transit")
    an_order(anna.seller, an_item("unsent"))
    query = silent_parcel(anna, quantity=2, delivery_costs_minor=1_00)
    write_off(query=query.number, selection=all_of(query), by=anna, key="before-that", now=NOW)
    before = booked(anna.seller)
    forget_sales()

    migrate()

    assert booked(anna.seller) == before
    assert list(verify(anna.seller)) == []
    assert OrderItem.objects.get(item="unsent").commission_vat_rate_bp is None
    migrate()
    for cause in Sale.Cause:
        book_sales(anna.seller_id, list(Order.objects.values_list("id", flat=True)), cause, NOW)
    assert booked(anna.seller) == before


@pytest.mark.fuzz
class AnyOrder(TestCase):
    """Sales and returns in any order."""

    @settings(max_examples=examples(12), deadline=None)
    @given(
        st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=4),
        st.integers(0, 3),
        st.integers(0, 10**6),
        st.integers(0, 10**5),
    )
    def test_the_arithmetic_is_the_same(self, parcels, more, paid, commission):
        seller = put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW)
        quantity = more + sum(sent for sent, _back in parcels)
        order = an_order(seller, an_item(quantity=quantity, paid_minor=paid, commission_minor=commission))
        for n, (sent, _back) in enumerate(parcels):
            a_parcel(order, units={"1": sent}, code=f"P-{n}", shipped_days=9 - n)
        back = {(f"P-{n}", "1"): min(sent, back) for n, (sent, back) in enumerate(parcels) if back}
        if back:
            a_return(order, back, status="received")
        before = booked(seller)
        forget_sales()

        migrate()

        assert booked(seller) == before
        assert list(verify(seller)) == []

"""The specification of an invoice: every line has its source."""

import pytest

from lostpost.reporting import specification as specifications
from lostpost.reporting.specification import specification
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel
from tests.invoicing.selling import an_invoice, assert_explained, on, sold

pytestmark = pytest.mark.django_db
EAN = "8712345678906"


@pytest.fixture
def invoice(anna):
    """An invoice with two sales, and a sale that was written off with its delivery costs."""
    query = silent_parcel(anna, quiet_days=5, delivery_costs_minor=4_95, number="LOST-1")
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    sold(anna.seller, on(8), number="SOLD-1", sku=EAN, paid_minor=40_00, commission_minor=12)
    sold(anna.seller, on(9), number="SOLD-2", sku=EAN, paid_minor=40_00, commission_minor=12)
    return an_invoice(anna.seller, "2026-03")


def lines_of(invoice, **filters):
    return list(specification(seller_id=invoice.seller_id, invoice_id=invoice.id, currency=invoice.currency, **filters))


def summary(lines):
    return sorted((it.order_number, it.kind.value, it.item, it.quantity, it.net_minor, it.vat_minor) for it in lines)


def test_each_source_has_a_line_of_each_kind(invoice):
    assert summary(lines_of(invoice)) == sorted([
        ("", "VAT_ROUNDING", "", 0, 0, -1),
        ("LOST-1", "TURNOVER", "1", 1, -25_00, 0),
        ("LOST-1", "TURNOVER", "", 0, -4_95, 0),
        ("LOST-1", "COMMISSION", "1", 1, 3_00, 63),
        ("LOST-1", "CORRECTION_TURNOVER", "1", 1, 25_00, 0),
        ("LOST-1", "CORRECTION_TURNOVER", "", 1, 4_95, 0),
        ("LOST-1", "CORRECTION_COMMISSION", "1", 1, -3_00, -63),
        ("SOLD-1", "TURNOVER", "1", 1, -40_00, 0),
        ("SOLD-1", "COMMISSION", "1", 1, 12, 3),
        ("SOLD-2", "TURNOVER", "1", 1, -40_00, 0),
        ("SOLD-2", "COMMISSION", "1", 1, 12, 3),
    ])  # fmt: skip


def test_lines_have_stable_ids(anna, invoice):
    ids = {line.id for line in lines_of(invoice, order_number="SOLD-1")}
    lost = [line for line in lines_of(invoice, order_number="LOST-1") if line.document]

    assert ids == {"SOLD-1#1#TURNOVER", "SOLD-1#1#COMMISSION"}
    assert {line.document[-2:] for line in lost} == {"-1"}
    assert len({line.id for line in lines_of(invoice)}) == 11
    (rounding,) = [line for line in lines_of(invoice) if line.kind == "VAT_ROUNDING"]
    assert (rounding.id, rounding.document) == (f"{invoice.number}#2100#VAT_ROUNDING", invoice.number)


def test_the_specification_is_filtered_by_order_and_by_ean(invoice):
    assert {line.order_number for line in lines_of(invoice, order_number="LOST-1")} == {"LOST-1"}
    assert {line.order_number for line in lines_of(invoice, sku=EAN)} == {"SOLD-1", "SOLD-2"}
    assert len(lines_of(invoice, order_number="SOLD-1", sku=EAN)) == 2
    for nothing in ({"order_number": "nobody's"}, {"order_number": "\x00"}, {"sku": "none"}):
        assert lines_of(invoice, **nothing) == []


def test_lines_not_invoiced_yet_have_the_ids_of_the_invoice(anna, carla):
    sold(anna.seller, on(8), number="SOLD-1")
    sold(anna.seller, on(9), number="SOLD-2")
    parameters = {"seller_id": anna.seller_id, "currency": "EUR"}
    coming = list(specification(invoice_id=None, **parameters))
    assert [it.order_number for it in specification(invoice_id=None, until_at=on(9), **parameters)] == ["SOLD-1"] * 2

    invoice = an_invoice(anna.seller, "2026-03")

    assert coming == lines_of(invoice)
    assert list(specification(invoice_id=None, **parameters)) == []
    assert list(specification(seller_id=carla.seller_id, invoice_id=invoice.id, currency="EUR")) == []


def test_a_specification_read_in_batches_is_complete(anna, monkeypatch, django_assert_max_num_queries):
    for n in range(7):
        sold(anna.seller, on(8), number=f"SOLD-{n}", paid_minor=10_00 + n, commission_minor=12)
    monkeypatch.setattr(specifications, "AT_ONCE", 5)
    coming = list(specification(seller_id=anna.seller_id, invoice_id=None, currency="EUR"))
    assert [it.order_number for it in coming] == [f"SOLD-{n}" for n in range(7) for _kind in range(2)]

    invoice = an_invoice(anna.seller, "2026-03")

    assert_explained(invoice)
    monkeypatch.setattr(specifications, "AT_ONCE", 2_000)
    with django_assert_max_num_queries(3):
        assert len(lines_of(invoice)) == 15

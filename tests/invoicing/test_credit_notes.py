"""Credit notes for write-offs: one each, numbered without a gap, to the cent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.core.money import net_of_gross
from lostpost.events.models import Event
from lostpost.intake.put_orders import put_order
from lostpost.invoicing.documents.content import credit_note_content
from lostpost.invoicing.documents.ubl import credit_note_ubl
from lostpost.invoicing.issue_credit_note import Credited, NoInvoiceToCredit, SellerWithoutVatNumber, _nets
from lostpost.invoicing.models import CreditNote, CreditNoteLine
from lostpost.jobs.documents import (
    issue_credit_note_job,
    issue_credit_notes_of_order_job,
    issue_credit_notes_of_shop_job,
)
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData
from lostpost.orders.models import Order, OrderItem
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits, WriteOffNotFound
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    ANNAS_NUMBER,
    KLAAS,
    NOW,
    a_parcel,
    a_query,
    a_scan,
    all_of,
    an_item,
    an_order,
    row_counts,
    silent_parcel,
)
from tests.invoicing.documents.validators import against_en16931
from tests.invoicing.selling import on

INVOICE = {"number": "2026-0042", "issued_on": "2026-02-07", "name": "Vaak Verlichting B.V.", "vat_number": "NL1B01"}
BELGIAN = INVOICE | {"name": "Vaak Verlichting BV", "vat_number": "BE0123456749", "country": "BE"}


def invoiced(order_id: UUID, *, vat_rate_bp: int = 2100) -> None:
    Order.objects.filter(id=order_id).update(customer_invoice=INVOICE)
    OrderItem.objects.filter(order_id=order_id).update(vat_rate_bp=vat_rate_bp)


def written_off(anna, *, key="write-off-1", **parcel) -> WriteOff:
    query = silent_parcel(anna, **parcel)
    invoiced(query.order_id)
    return write_off(query=query.number, selection=all_of(query), by=anna, key=key, now=NOW)


def promised() -> list[str]:
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True))


@pytest.mark.django_db
def test_the_e_invoice_goes_to_the_buyers_electronic_address(anna):
    query = silent_parcel(anna, paid_minor=24_20)
    buyer = {"country": "BE", "registration_number": "0417497106", "electronic_address": "0208:0417497106"}
    Order.objects.filter(id=query.order_id).update(customer_invoice=INVOICE | buyer)
    OrderItem.objects.filter(order_id=query.order_id).update(vat_rate_bp=2100)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)

    note = credit_customer(seller_id=anna.seller_id, write_off_id=recorded.id, now=NOW)

    ubl = credit_note_ubl(credit_note_content(note)).decode()
    customer = ubl.partition("<cac:AccountingCustomerParty>")[2].partition("</cac:AccountingCustomerParty>")[0]
    assert '<cbc:EndpointID schemeID="0208">0417497106</cbc:EndpointID>' in customer  # PEPPOL-EN16931-R010
    assert '<cbc:CompanyID schemeID="0208">0417497106</cbc:CompanyID>' in customer
    assert "<cbc:IdentificationCode>BE</cbc:IdentificationCode>" in customer


@pytest.mark.django_db
def test_a_write_off_is_credited_with_its_vat_and_refers_to_the_invoice(anna):
    Seller.objects.filter(id=anna.seller_id).update(legal={"name": "Lampenhuis B.V.", "vat_number": "NL123"})
    write_off = written_off(anna, paid_minor=24_20, delivery_costs_minor=6_05, customer_country="BE")

    note = credit_customer(seller_id=anna.seller_id, write_off_id=write_off.id, now=NOW)

    assert (note.number, note.invoice_number, note.invoice_issued_on) == (
        "CRN-lampenhuis-00001",
        "2026-0042",
        date(2026, 2, 7),
    )
    assert (note.net_minor, note.vat_minor, note.total_minor) == (25_00, 5_25, write_off.refund_minor)
    assert note.issued_on == date(2026, 3, 10)
    lines = CreditNoteLine.objects.filter(credit_note_id=note.id).order_by("place")
    assert list(lines.values_list("item", "quantity", "vat_rate_bp", "net_minor", "vat_minor")) == [
        ("1", 1, 2100, 20_00, 4_20),
        ("", 1, 2100, 5_00, 1_05),
    ]
    assert note.supplier["name"] == "Lampenhuis B.V."
    assert (note.customer["name"], note.customer["country"]) == ("Vaak Verlichting B.V.", "BE")
    (event,) = Event.objects.filter(type="credit-note.issued")
    assert event.data["number"] == note.number


@pytest.mark.django_db
def test_a_credit_note_is_queued_only_where_the_customer_has_an_invoice(anna):
    written_off(anna)
    assert "credit-note.issue" in promised()
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-2", now=NOW)

    assert promised().count("credit-note.issue") == 1
    (plain,) = WriteOff.objects.filter(query_id=query.id)
    before = row_counts()
    with pytest.raises(NoInvoiceToCredit):
        credit_customer(seller_id=anna.seller_id, write_off_id=plain.id, now=NOW)
    assert row_counts() == before


@pytest.mark.django_db
def test_a_retry_returns_the_credit_note_and_uses_no_number(anna):
    write_off = written_off(anna)
    first = credit_customer(seller_id=anna.seller_id, write_off_id=write_off.id, now=NOW)

    assert credit_customer(seller_id=anna.seller_id, write_off_id=write_off.id, now=NOW) == first
    second = credit_customer(seller_id=anna.seller_id, write_off_id=written_off(anna, key="write-off-2").id, now=NOW)
    assert second.number == "CRN-lampenhuis-00002"


@pytest.mark.django_db
def test_each_shop_has_its_own_series(anna, carla):
    result = written_off(anna)
    ours = credit_customer(seller_id=anna.seller_id, write_off_id=result.id, now=NOW)
    theirs = credit_customer(seller_id=carla.seller_id, write_off_id=written_off(carla).id, now=NOW)

    assert (ours.number, theirs.number) == ("CRN-lampenhuis-00001", "CRN-carlas-keramiek-00001")
    with pytest.raises(WriteOffNotFound):
        credit_customer(seller_id=carla.seller_id, write_off_id=result.id, now=NOW)


@pytest.mark.django_db
def test_partial_write_offs_are_credited_separately_at_their_own_rates(anna):
    order = an_order(anna.seller, an_item("1", quantity=3, paid_minor=100_00), an_item("2", paid_minor=10_90))
    a_scan(a_parcel(order))
    invoiced(order.id)
    OrderItem.objects.filter(order_id=order.id, item="2").update(vat_rate_bp=900)
    query = a_query(order, anna)
    totals = []
    for n, selection in enumerate([[("1", 1)], [("1", 2), ("2", 1)]]):
        recorded = write_off(
            query=query.number,
            selection=[SelectedUnits("A-1001-P1", item, quantity) for item, quantity in selection],
            by=anna,
            key=f"write-off-{n}",
            now=NOW,
        )
        note = credit_customer(seller_id=anna.seller_id, write_off_id=recorded.id, now=NOW)
        assert note.total_minor == recorded.refund_minor
        totals.append(note.total_minor)

    assert totals == [33_33, 66_67 + 10_90]
    rates = CreditNoteLine.objects.order_by("credit_note_id", "place").values_list("vat_rate_bp", "vat_minor")
    assert list(rates) == [(2100, 5_78), (2100, 11_58), (900, 90)]  # 17.36 of 100.00, as the invoice


@pytest.mark.django_db
def test_a_credit_note_is_dated_in_the_marketplaces_zone(anna):
    write_off = written_off(anna)
    just_after_midnight = datetime.fromisoformat("2026-04-01T00:30:00+02:00")
    WriteOff.objects.filter(id=write_off.id).update(confirmed_at=just_after_midnight)

    note = credit_customer(seller_id=anna.seller_id, write_off_id=write_off.id, now=on(20, 4))

    assert (note.issued_on, note.issued_at) == (date(2026, 4, 1), on(20, 4))


@pytest.mark.django_db
def test_vat_of_parts_adds_up_to_that_of_the_item(anna):
    # Given three lamps for 1.00 in all, with 0.17 VAT in it, lost one after the other
    order = an_order(anna.seller, an_item("1", quantity=3, paid_minor=1_00))
    a_scan(a_parcel(order))
    invoiced(order.id)
    query = a_query(order, anna)
    vats = []
    for n in range(3):
        selection = [SelectedUnits("A-1001-P1", "1", 1)]
        lost = write_off(query=query.number, selection=selection, by=anna, key=f"write-off-{n}", now=NOW)
        note = credit_customer(seller_id=anna.seller_id, write_off_id=lost.id, now=NOW)
        vats.append((note.total_minor, note.vat_minor))

    assert vats == [(33, 6), (33, 5), (34, 6)]


@pytest.mark.django_db
def test_an_invoice_that_is_told_later_is_credited_then(anna):
    # Given a write-off of an order whose customer had no invoice
    query = silent_parcel(anna, paid_minor=24_20)
    lost = write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    assert "credit-note.issue" not in promised()

    # When the seller says that there is one, of a day after
    item = ItemData("1", query.order.items.get().title, 1, 24_20, 3_00, vat_rate_bp=2100)
    told = CustomerInvoiceData("2026-0042", NOW.date() + timedelta(days=3), name="Vaak Verlichting B.V.")
    order = Order.objects.get(id=query.order_id)
    data = OrderData(order.number, order.placed_at, "EUR", order.customer_name, KLAAS, [item], customer_invoice=told)
    outcome = put_order(seller=anna.seller, order=data, now=NOW + timedelta(days=4))

    # Then a job issues the note, dated when there was something to credit, and does so once
    assert (outcome.state, promised().count("credit-note.of-order")) == ("updated", 1)
    for _again in range(2):
        issue_credit_notes_of_order_job(seller=str(anna.seller_id), order=str(order.id))
    note = CreditNote.objects.get(write_off_id=lost.id)
    assert (note.total_minor, note.vat_minor, note.invoice_number) == (24_20, 4_20, "2026-0042")
    assert note.issued_on == NOW.date() + timedelta(days=3)
    put_order(seller=anna.seller, order=data, now=NOW + timedelta(days=4))
    assert promised().count("credit-note.of-order") == 1


def without_number(member) -> None:
    Seller.objects.filter(id=member.seller_id).update(legal={})


@pytest.mark.django_db
def test_a_shop_without_a_vat_number_credits_vat_once_it_has_one(anna):
    without_number(anna)
    lost = written_off(anna, paid_minor=24_20)
    before = row_counts()

    with pytest.raises(SellerWithoutVatNumber, match="Lampenhuis has no VAT number"):
        credit_customer(seller_id=anna.seller_id, write_off_id=lost.id, now=NOW)
    issue_credit_note_job(seller=str(anna.seller_id), write_off=str(lost.id))  # Waits, and is no fault.
    assert row_counts() == before

    # When its number is told, a job makes what waited; told again, nothing
    told = SellerData("lampenhuis", "Lampenhuis", language="nl", legal={"vat_number": ANNAS_NUMBER})
    for _again in range(2):
        put_seller(seller=told, now=NOW)
    assert promised().count("credit-note.of-shop") == 1
    issue_credit_notes_of_shop_job(seller=str(anna.seller_id))
    note = CreditNote.objects.get(write_off_id=lost.id)
    assert (note.vat_minor, note.supplier["vat_number"]) == (4_20, ANNAS_NUMBER)


@pytest.mark.django_db
def test_a_shop_without_a_vat_number_credits_what_had_no_vat_outside_its_scope(anna):
    without_number(anna)
    query = silent_parcel(anna)
    invoiced(query.order_id, vat_rate_bp=0)
    lost = write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)

    note = credit_customer(seller_id=anna.seller_id, write_off_id=lost.id, now=NOW)

    assert [line.vat_category for line in CreditNoteLine.objects.filter(credit_note_id=note.id)] == ["O"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("invoice", "country", "category"),
    [
        (BELGIAN, "BE", "K"),
        (BELGIAN, "NL", "Z"),  # It never left the country.
        (BELGIAN | {"vat_number": ""}, "BE", "Z"),
        (BELGIAN, "CH", "G"),
        (BELGIAN | {"vat_category": "E"}, "BE", "E"),  # As the seller's invoice has it.
    ],
)
def test_goods_at_zero_are_credited_by_the_category_of_the_invoice(anna, invoice, country, category):
    query = silent_parcel(anna, paid_minor=24_20, customer_country=country)
    Order.objects.filter(id=query.order_id).update(customer_invoice=invoice)
    OrderItem.objects.filter(order_id=query.order_id).update(vat_rate_bp=0)
    lost = write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)

    note = credit_customer(seller_id=anna.seller_id, write_off_id=lost.id, now=NOW)

    assert [line.vat_category for line in CreditNoteLine.objects.filter(credit_note_id=note.id)] == [category]
    shipped_on = (NOW - timedelta(days=31)).date()
    assert (note.supplied_on, note.delivered_to, note.vat_minor) == (shipped_on, country, 0)
    assert against_en16931(credit_note_ubl(credit_note_content(note))) == []


@pytest.mark.django_db
def test_nothing_is_credited_where_nothing_was_paid(anna):
    free = written_off(anna, paid_minor=0)
    before = row_counts()

    with pytest.raises(NoInvoiceToCredit, match="Nothing was paid"):
        credit_customer(seller_id=anna.seller_id, write_off_id=free.id, now=NOW)

    assert row_counts() == before
    assert "credit-note.issue" not in promised()


@pytest.mark.django_db
def test_constraints_hold_one_credit_note_for_each_write_off(anna):
    write_off = written_off(anna)
    note = credit_customer(seller_id=anna.seller_id, write_off_id=write_off.id, now=NOW)
    rows = CreditNote.objects.filter(id=note.id)

    with pytest.raises(IntegrityError, match="credit_note_adds_up"), transaction.atomic():
        rows.update(vat_minor=0)
    note.pk = None
    with pytest.raises(IntegrityError, match="credit_note_once_for_each_write_off"), transaction.atomic():
        CreditNote.objects.create(
            **{name: value for name, value in rows.values().get().items() if name not in ("id", "number")},
            number="CRN-lampenhuis-00009",
        )


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_net_and_vat_are_what_was_paid(gross_minor, rate_bp):
    net_minor = net_of_gross(gross_minor, rate_bp)

    assert 0 <= net_minor <= gross_minor
    assert abs(net_minor * (10_000 + rate_bp) - gross_minor * 10_000) * 2 <= 10_000 + rate_bp


@given(st.lists(st.tuples(st.integers(0, 10**12), st.sampled_from([0, 900, 2100])), max_size=60))
def test_vat_is_rounded_on_the_total_of_each_rate(paid):
    credited = [Credited("1", "", "Lamp", 1, gross_minor, rate_bp) for gross_minor, rate_bp in paid]
    lines = list(zip(credited, _nets(credited, {}), strict=True))

    for rate_bp in {rate_bp for _, rate_bp in paid}:
        of_rate = [(line, net_minor) for line, net_minor in lines if line.vat_rate_bp == rate_bp]
        gross_minor = sum(line.gross_minor for line, _ in of_rate)
        assert sum(net_minor for _, net_minor in of_rate) == net_of_gross(gross_minor, rate_bp)
    for line, net_minor in lines:
        assert 0 <= net_minor <= line.gross_minor
        assert abs(net_minor - net_of_gross(line.gross_minor, line.vat_rate_bp)) <= 1

"""Paid out, or paid by the seller: once, with the bank's reference."""

import pytest

from lostpost.core.errors import Rejected
from lostpost.events.models import Event
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.reads import InvoiceNotFound
from lostpost.invoicing.settle_invoice import InvoiceSettled, mark_invoice_paid
from lostpost.ledger.models import Account
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, row_counts, silent_parcel
from tests.invoicing.selling import an_invoice, on, owed, sold

pytestmark = pytest.mark.django_db


def paid(seller, number, by, reference="NL-2026-04-01-7", now=None):
    return mark_invoice_paid(seller_id=seller.id, number=number, reference=reference, by=by, now=now or on(2, 4))


def test_a_paid_out_invoice_is_no_longer_owed(anna, fien):
    sold(anna.seller, on(3))
    invoice = an_invoice(anna.seller, "2026-03")

    done = paid(anna.seller, invoice.number, fien)

    assert done.paid_by_name == "Fien"

    assert (done.state, done.reference, done.paid_at) == (SalesInvoice.State.PAID, "NL-2026-04-01-7", on(2, 4))
    assert (owed(anna.seller, Account.SELLER), owed(anna.seller, Account.PAYABLE)) == (0, 0)
    (event,) = Event.objects.filter(seller_id=anna.seller_id, type="invoice.paid")
    assert event.data["number"] == invoice.number


def test_the_same_reference_again_changes_nothing_and_another_one_is_refused(anna, fien):
    sold(anna.seller, on(3))
    invoice = an_invoice(anna.seller, "2026-03")
    done = paid(anna.seller, invoice.number, fien)
    before = row_counts()

    assert paid(anna.seller, invoice.number, fien) == done
    with pytest.raises(InvoiceSettled, match="is paid already, with another reference"):
        paid(anna.seller, invoice.number, fien, reference="NL-8")

    assert row_counts() == before


def test_a_paid_debt_is_not_carried_over(anna, fien):
    query = silent_parcel(anna, quiet_days=12, commission_minor=0)
    paid(anna.seller, an_invoice(anna.seller, "2026-02").number, fien)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    debt = an_invoice(anna.seller, "2026-03")
    assert owed(anna.seller, Account.PAYABLE) == -25_00

    paid(anna.seller, debt.number, fien)

    assert owed(anna.seller, Account.PAYABLE) == 0
    sold(anna.seller, on(3, 4))
    assert an_invoice(anna.seller, "2026-04").carried_minor == 0


def test_a_carried_debt_is_paid_with_its_new_invoice(anna, fien):
    query = silent_parcel(anna, quiet_days=12, commission_minor=0)
    february = an_invoice(anna.seller, "2026-02")
    mark_invoice_paid(seller_id=anna.seller_id, number=february.number, reference="NL-1", by=fien, now=on(3))
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    debt = an_invoice(anna.seller, "2026-03")
    sold(anna.seller, on(3, 4), paid_minor=1_00, commission_minor=0)
    following = an_invoice(anna.seller, "2026-04")
    before = row_counts()

    with pytest.raises(InvoiceSettled, match=f"was carried over; it is paid with {following.number}"):
        paid(anna.seller, debt.number, fien)

    assert row_counts() == before


def test_no_reference_and_another_shops_invoice_are_refused(anna, carla, fien):
    sold(anna.seller, on(3))
    invoice = an_invoice(anna.seller, "2026-03")
    before = row_counts()

    with pytest.raises(Rejected, match="Write down the reference of the payment"):
        paid(anna.seller, invoice.number, fien, reference=" \n")
    with pytest.raises(InvoiceNotFound, match="There is no sales invoice “INV-lampenhuis-00001” in this shop"):
        paid(carla.seller, invoice.number, fien)
    with pytest.raises(InvoiceNotFound):
        paid(carla.seller, "\x00", fien)

    assert row_counts() == before

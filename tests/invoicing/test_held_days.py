"""Sales invoices name the days of what stands on them, and until when a debt is to be paid."""

from datetime import date, timedelta

import pytest
from facturx.parse_xml import parse_ubl_cii_xml

from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.invoicing.documents.content import invoice_content
from lostpost.invoicing.documents.ubl import invoice_ubl
from lostpost.invoicing.documents.words import invoice_words
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.reads import interim_invoices
from tests.invoicing.selling import an_invoice, on, period, sold

pytestmark = pytest.mark.django_db


def held(invoice: SalesInvoice) -> tuple[str, str]:
    return str(invoice.held_from_on), str(invoice.held_to_on)


def ubl(invoice: SalesInvoice) -> dict[str, object]:
    read: dict[str, object] = parse_ubl_cii_xml(invoice_ubl(invoice_content(invoice)), check_xsd=False)
    return read


def test_an_invoice_of_a_month_holds_the_month(anna):
    sold(anna.seller, on(3))

    invoice = an_invoice(anna.seller, "2026-03")

    assert held(invoice) == ("2026-03-01", "2026-03-31")
    assert (ubl(invoice)["BT-73"], ubl(invoice)["BT-74"]) == (date(2026, 3, 1), date(2026, 3, 31))


def test_with_a_reserve_it_holds_what_the_one_before_left_to_it(anna):
    # Given a shop that is invoiced twice a month: the last seven days wait for the next invoice
    shop = put_seller(seller=SellerData("twice", "Twice", invoice_cadence="twice_a_month"), now=on(1, 1))
    for day in (3, 10, 24, 25):
        sold(shop, on(day), number=f"SOLD-{day}")

    first = an_invoice(shop, "2026-03-1")
    (coming,) = interim_invoices(shop, now=period("2026-03-2").ends_at)
    second = an_invoice(shop, "2026-03-2")

    assert (held(first), first.net_minor) == (("2026-02-22", "2026-03-07"), -22_00)
    assert (held(second), second.net_minor) == (("2026-03-08", "2026-03-24"), -44_00)
    assert (coming.held_from_on, coming.held_to_on) == (second.held_from_on, second.held_to_on)
    assert (ubl(second)["BT-73"], ubl(second)["BT-74"]) == (date(2026, 3, 8), date(2026, 3, 24))
    assert invoice_words(invoice_content(second), "en")["facts"]["right"][0] == ["Period", "8–24 Mar 2026"]


def test_what_was_reported_late_makes_it_begin_earlier(anna):
    sold(anna.seller, on(3, 2))
    an_invoice(anna.seller, "2026-02")
    sold(anna.seller, on(27, 2), reported_days=9, number="LATE")

    assert held(an_invoice(anna.seller, "2026-03")) == ("2026-02-27", "2026-03-31")


@pytest.mark.parametrize(("days", "due_on"), [(14, date(2026, 4, 15)), (30, date(2026, 5, 1)), (0, None)])
def test_a_debt_is_due_when_the_operator_says(anna, days, due_on):
    if days != 14:
        change_policy(values={"debt_due_days": days}, reason="audit", by="Fien", now=on(1))
    sold(anna.seller, on(3), paid_minor=0, commission_minor=5_00)

    invoice = an_invoice(anna.seller, "2026-03")

    assert (invoice.issued_on, invoice.due_on) == (date(2026, 4, 1), due_on)
    assert ubl(invoice).get("BT-9") == due_on
    details = invoice_words(invoice_content(invoice), "en")["outcome"]["details"]
    assert ("is to be paid by 15 April 2026 at the latest" in details) == (days == 14)
    # And what takes the debt over and is owed to the shop has no day of its own
    sold(anna.seller, on(3, 4), number="MORE")
    assert an_invoice(anna.seller, "2026-04", now=invoice.issued_at + timedelta(days=31)).due_on is None

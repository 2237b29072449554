"""Documents of invoices and credit notes that the commands issued, and what the guide says of them."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lostpost.accounts.models import Seller
from lostpost.invoicing.documents.content import Party, credit_note_content, invoice_content, party
from lostpost.invoicing.documents.pdf import credit_note_pdf, invoice_pdf
from lostpost.invoicing.documents.tables import specification_csv, specification_json
from lostpost.invoicing.documents.ubl import credit_note_ubl, invoice_ubl
from lostpost.invoicing.documents.ubl_problems import ubl_problems
from lostpost.invoicing.models import SalesInvoice
from lostpost.orders.models import Order, OrderItem
from lostpost.reporting.specification import specification
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel
from tests.invoicing.documents.samples import KLAAS, SHOP
from tests.invoicing.documents.test_pdf import pages_of
from tests.invoicing.documents.test_tables import COMMISSION, rows_of
from tests.invoicing.documents.validators import problems
from tests.invoicing.selling import an_invoice, on, sold

GUIDE = Path(__file__).parents[3] / "docs" / "documents.md"


@pytest.fixture
def shop(anna) -> Seller:
    legal = {name: value for name, value in SHOP.items() if name not in ("code", "country")}
    Seller.objects.filter(id=anna.seller_id).update(legal=legal)
    return Seller.objects.get(id=anna.seller_id)


@pytest.mark.django_db
def test_an_issued_invoice_is_valid_and_says_who_settles_with_whom(shop):
    sold(shop, on(3), paid_minor=40_00, commission_minor=5_00)
    sold(shop, on(4), paid_minor=10_01, commission_minor=1_01)
    invoice = an_invoice(shop, "2026-03")

    content = invoice_content(invoice)

    assert content.cut_off_at.tzinfo == ZoneInfo("Europe/Amsterdam")
    assert [(line.kind, line.net_minor) for line in content.lines][:2] == [("TURNOVER", -50_01), ("COMMISSION", 6_01)]
    assert (content.customer.code, content.customer.iban) == (shop.code, SHOP["iban"])
    assert ubl_problems(content) == []
    assert problems(invoice_ubl(content)) == []
    (page,) = pages_of(invoice_pdf(content))
    assert "Sales invoice INV-lampenhuis-00001" in page


@pytest.mark.django_db
def test_a_paid_invoice_has_the_document_it_had(shop):
    sold(shop, on(3))
    before = invoice_content(an_invoice(shop, "2026-03"))
    rows = SalesInvoice.objects.filter(seller_id=shop.id)
    rows.update(state="paid", paid_at=on(2, 4), reference="bank 1")

    assert invoice_content(rows.get()) == before


@pytest.mark.django_db
def test_the_specification_of_an_issued_invoice_adds_up_to_it_in_each_table(shop):
    sold(shop, on(3), paid_minor=40_00, commission_minor=5_00, sku="8712345678906")
    invoice = an_invoice(shop, "2026-03")

    def lines():
        return specification(seller_id=shop.id, invoice_id=invoice.id, currency="EUR")

    rows = rows_of(specification_csv(lines(), currency="EUR"))
    read = json.loads(b"".join(specification_json(lines(), currency="EUR", number=invoice.number)))

    assert [(row["line_type"], row["net"], row["vat"]) for row in rows] == [
        ("TURNOVER", "-40.00", "0.00"),
        ("COMMISSION", "5.00", "1.05"),
    ]
    assert [line["id"] for line in read["invoiceSpecification"]] == [row["id"] for row in rows]


@pytest.mark.django_db
def test_an_issued_credit_note_is_valid_and_equals_the_refund(anna, shop):
    query = silent_parcel(anna, paid_minor=24_20, delivery_costs_minor=6_05, customer_country="BE")
    lines = {name: KLAAS[name] for name in ("name", "street", "postal_code", "city", "vat_number")}
    Order.objects.update(customer_invoice={"number": "2026-0042", "issued_on": "2026-02-07", **lines})
    OrderItem.objects.update(vat_rate_bp=2100)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)

    content = credit_note_content(credit_customer(seller_id=anna.seller_id, write_off_id=recorded.id, now=NOW))

    assert (content.total_minor, content.invoice_number) == (recorded.refund_minor, "2026-0042")
    assert content.invoice_issued_on == date(2026, 2, 7)
    # The customer has no electronic address, so it cannot go over Peppol; all else is as it must be
    assert len(ubl_problems(content)) == 1
    assert problems(credit_note_ubl(content)) == ["PEPPOL-EN16931-R010"]
    reachable = replace(content, customer=replace(content.customer, electronic_address="0208:0123456749"))
    assert problems(credit_note_ubl(reachable)) == []
    (page,) = pages_of(credit_note_pdf(content))
    assert "You get back €30.25" in page


def test_a_party_is_read_with_what_is_known():
    assert party({"name": " Lampenhuis ", "language": "nl", "city": None}) == Party(name="Lampenhuis")
    assert party({"name": "A", "electronic_address": "0106:1:2"}).endpoint == ("0106", "1:2")
    assert party({"name": "A", "electronic_address": "somewhere"}).endpoint is None


def test_the_guide_shows_the_tables_as_they_are():
    guide = GUIDE.read_text(encoding="utf-8")
    (columns,) = re.findall(r"^id,.*$", guide, re.MULTILINE)
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)

    header = b"".join(specification_csv([], currency="EUR")).decode("utf-8-sig")
    assert columns == header.strip()
    line = replace(COMMISSION, title="Ceramic lamp, white", id="23984471#1#COMMISSION")
    assert json.loads(example) == json.loads(
        b"".join(specification_json([line], currency="EUR", number="INV-lampenhuis-00001"))
    )

"""Sales invoices of shops at home, elsewhere in the Union and outside it, and of shops that move."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.audit.verify import verify
from lostpost.invoicing.documents.content import invoice_content
from lostpost.invoicing.documents.ubl import invoice_ubl
from lostpost.invoicing.issue_invoice import VatNumberMissing
from lostpost.invoicing.models import SalesInvoice
from lostpost.ledger.models import Account, Transfer
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.restore_payment import restore_payment
from lostpost.sales.models import Sale
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, row_counts, silent_parcel
from tests.invoicing.documents.validators import problems
from tests.invoicing.selling import an_invoice, issued, on, owed, period, shown, sold

pytestmark = pytest.mark.django_db

ADDRESS = {"street": "Kerkstraat 1", "postal_code": "1000", "city": "Brussel", "electronic_address": "0208:0123456749"}
BELGIAN = {"country": "BE", "legal": {**ADDRESS, "vat_number": "BE0123456749"}}
CHINESE = {"country": "CN", "legal": {**ADDRESS, "vat_number": ""}}
DUTCH = {"country": "NL", "legal": {**ADDRESS, "vat_number": "NL123456789B13"}}


def becomes(seller: Seller, **values: Any) -> None:
    """Let the shop be somewhere else from now on."""
    put_seller(seller=SellerData(seller.code, seller.name, **values), now=on(1))
    seller.refresh_from_db()


def written_off(anna: Any) -> Any:
    query = silent_parcel(anna, quiet_days=5, paid_minor=25_00, commission_minor=3_00)
    return query, write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)


def assert_valid(invoice: SalesInvoice) -> None:
    assert problems(invoice_ubl(invoice_content(invoice))) == []


def test_a_belgian_shop_accounts_for_the_vat_itself(anna):
    becomes(anna.seller, **BELGIAN)
    sold(anna.seller, on(3), paid_minor=40_00, commission_minor=5_00)
    query = silent_parcel(anna, quiet_days=5, paid_minor=25_00, commission_minor=3_00)
    preview = preview_write_off(query=query.number, selection=all_of(query), by=anna, now=NOW)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)

    invoice = an_invoice(anna.seller, "2026-03")

    assert [(line.net_minor, line.vat_minor) for line in preview.amounts.invoice_lines] == [(25_00, 0), (-3_00, 0)]
    assert shown(invoice) == [
        ("TURNOVER", "B", 0, -65_00, 0),
        ("CORRECTION_TURNOVER", "B", 0, 25_00, 0),
        ("COMMISSION", "AE", 0, 8_00, 0),
        ("CORRECTION_COMMISSION", "AE", 0, -3_00, 0),
    ]
    assert (invoice.vat_minor, invoice.total_minor) == (0, -35_00)
    assert (invoice.supplier["vat_number"], invoice.customer["vat_number"]) == ("NL000099998B57", "BE0123456749")
    assert set(Sale.objects.filter(quantity=1).values_list("vat_number", flat=True)) == {"BE0123456749"}
    assert_valid(invoice)
    assert list(verify(anna.seller)) == []


def test_a_chinese_shop_has_one_invoice_outside_the_scope_of_vat(anna):
    becomes(anna.seller, **CHINESE)
    sold(anna.seller, on(3), paid_minor=40_00, commission_minor=5_00)

    invoice = an_invoice(anna.seller, "2026-03")

    assert shown(invoice) == [("TURNOVER", "B", 0, -40_00, 0), ("COMMISSION", "O", 0, 5_00, 0)]
    assert not invoice.apart
    assert_valid(invoice)
    assert list(verify(anna.seller)) == []


def test_a_shop_that_moves_keeps_how_it_was_charged_in_corrections(anna, fien):
    # Given a sale of a Belgian shop that is lost, and paid again, after the shop has moved to the Netherlands
    becomes(anna.seller, **BELGIAN)
    query = silent_parcel(anna, quiet_days=5, paid_minor=25_00, commission_minor=3_00)
    becomes(anna.seller, **DUTCH)
    lost = write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    mark_refund_paid(seller_id=anna.seller.id, number=lost.number, reference="NL-6", by=fien, now=NOW)
    sold(anna.seller, on(4), paid_minor=40_00, commission_minor=5_00)
    restore_payment(
        seller_id=anna.seller.id,
        write_off=lost.number,
        consent="By phone",
        consented_at=NOW,
        reference="NL-7",
        by=anna,
        key="restored-1",
        now=NOW + timedelta(hours=1),
    )

    invoice = an_invoice(anna.seller, "2026-03")

    assert shown(invoice) == [
        ("TURNOVER", "B", 0, -65_00, 0),
        ("CORRECTION_TURNOVER", "B", 0, 0, 0),
        ("COMMISSION", "AE", 0, 3_00, 0),
        ("COMMISSION", "S", 2100, 5_00, 1_05),
        ("CORRECTION_COMMISSION", "AE", 0, 0, 0),
    ]
    assert invoice.customer["vat_number"] == "BE0123456749"  # The one to which it is reversed.
    assert_valid(invoice)
    assert list(verify(anna.seller)) == []


def test_what_is_outside_the_scope_of_vat_has_an_invoice_of_its_own(anna):
    # Given a shop that moves from China to the Netherlands within a month
    becomes(anna.seller, **CHINESE)
    sold(anna.seller, on(3), paid_minor=40_00, commission_minor=5_00)
    becomes(anna.seller, **DUTCH)
    sold(anna.seller, on(4), paid_minor=10_00, commission_minor=1_00)

    invoice = an_invoice(anna.seller, "2026-03")

    apart, rest = SalesInvoice.objects.filter(seller=anna.seller).order_by("number")
    assert (apart.apart, rest.apart, rest) == (True, False, invoice)
    assert shown(apart) == [("COMMISSION", "O", 0, 5_00, 0)]
    assert shown(rest) == [("TURNOVER", "B", 0, -50_00, 0), ("COMMISSION", "S", 2100, 1_00, 21)]
    # And the debt of the one is taken off the other at once
    assert (apart.state, apart.payable_minor, apart.carried_to_id) == ("carried", 5_00, rest.id)
    assert (rest.carried_minor, rest.payable_minor) == (5_00, -43_79)
    assert (owed(anna.seller, Account.SELLER), owed(anna.seller, Account.PAYABLE)) == (0, 43_79)
    assert_valid(apart)
    assert_valid(rest)
    assert list(verify(anna.seller)) == []
    # And issuing again finds the same two
    before = row_counts()
    assert issued(anna.seller, "2026-03") == invoice
    assert row_counts() == before


def test_a_shop_elsewhere_in_the_union_without_a_number_is_charged_or_waits(anna):
    becomes(anna.seller, country="BE")
    sold(anna.seller, on(3), paid_minor=40_00, commission_minor=5_00)
    change_policy(values={"commission_without_vat_number": "refuse"}, reason="audit", by="Fien", now=on(4))
    before = row_counts()

    with pytest.raises(VatNumberMissing, match="no valid VAT number"):
        issued(anna.seller, "2026-03")

    assert row_counts() == before
    # Until it has one: what was booked stays as it was
    becomes(anna.seller, **BELGIAN)
    assert shown(an_invoice(anna.seller, "2026-03"))[1] == ("COMMISSION", "S", 2100, 5_00, 1_05)


def test_what_was_charged_stays_so_where_the_operator_refuses_since(anna):
    # Given a sale charged to a Belgian shop without a number, and an operator who refuses such shops since
    becomes(anna.seller, country="BE", legal={"vat_number": ""})
    query = silent_parcel(anna, quiet_days=5, paid_minor=25_00, commission_minor=3_00)
    change_policy(values={"commission_without_vat_number": "refuse"}, reason="audit", by="Fien", now=on(4))
    lost = write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    assert (lost.refund_minor, Sale.objects.get(seller_id=anna.seller_id, item="1").commission_vat_rate_bp) == (
        25_00,
        2100,
    )

    # When it gets its number: sale and correction stay S, as booked, and stand on one invoice
    becomes(anna.seller, **BELGIAN)
    invoice = an_invoice(anna.seller, "2026-03")

    assert shown(invoice) == [
        ("TURNOVER", "B", 0, -25_00, 0),
        ("CORRECTION_TURNOVER", "B", 0, 25_00, 0),
        ("COMMISSION", "S", 2100, 3_00, 63),
        ("CORRECTION_COMMISSION", "S", 2100, -3_00, -63),
    ]
    assert list(verify(anna.seller)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE lostpost_transfer SET vat_category = 'AE' WHERE kind = 'correction_commission'", "amount and VAT"),
        ("UPDATE lostpost_writeoffline SET commission_vat_category = 'AE'", "VAT on its commission"),
        ("UPDATE lostpost_transfer SET vat_category = 'AE' WHERE kind = 'commission'", "of sale"),
    ],
)
def test_a_treatment_changed_by_hand_is_found(anna, change, words):
    becomes(anna.seller, **CHINESE)
    written_off(anna)

    with connection.cursor() as cursor:
        cursor.execute(change)

    found = [str(each) for each in verify(anna.seller)]
    assert found
    assert any(words in each for each in found)


def test_what_was_booked_before_there_were_treatments_is_at_the_rate(anna):
    sold(anna.seller, on(3), commission_minor=5_00)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lostpost_transfer SET vat_category = ''")
        cursor.execute("UPDATE lostpost_orderitem SET commission_vat_category = ''")

    invoice = an_invoice(anna.seller, "2026-03")

    assert shown(invoice)[1] == ("COMMISSION", "S", 2100, 5_00, 1_05)
    assert list(verify(anna.seller)) == []
    assert not Transfer.objects.filter(kind="commission").exclude(vat_category="").exists()
    assert period("2026-03").ends_at < invoice.issued_at

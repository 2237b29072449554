"""The money of a shop, as everybody there may read it: what is coming, what was invoiced, booked and refunded."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.invoicing.documents import pdf
from lostpost.invoicing.models import CreditNote
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, row_counts, silent_parcel, user_of
from tests.invoicing.selling import sold
from tests.portal.pages import Read
from tests.repo.money import a_found_parcel, invoices_until

pytestmark = pytest.mark.django_db
FINANCE = "/shops/lampenhuis/finance/"
PAGES = ("invoices/", "invoices/coming/", "statement/", "refunds/", "credit-notes/", "self-check/")
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def shop(client, vera):
    """Whoever only looks sees all of it."""
    client.force_login(user_of(vera))
    return client


def get(client, path, **options):
    return Read(client.get(path if path.startswith("/") else FINANCE + path, **options))


def lost(member, *, now, **values):
    query = silent_parcel(member, quiet_days=9, now=now, **values)
    return write_off(query=query.number, selection=all_of(query), by=member, key=f"lost-{query.number}", now=now)


def content_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_empty_pages_say_so(shop, anna):
    sentences = {
        "invoices/": "Nothing has happened since your last invoice",
        "invoices/coming/": "Nothing yet",
        "statement/": "Nothing was booked since",
        "refunds/": "No refunds yet",
        "credit-notes/": "No credit notes",
        "self-check/": "Nothing was written off or invoiced in these months",
    }
    before = row_counts()
    for path in PAGES:
        page = get(shop, path)
        assert (page.status, sentences[path] in page.text) == (200, True), path
    assert row_counts() == before


def test_every_page_links_to_the_others(shop, anna):
    lists = {FINANCE + each for each in PAGES if "coming" not in each}
    for path in lists:
        assert lists <= set(get(shop, path).links)


def test_the_coming_invoice_is_shown_in_words_and_figures(shop, anna, now):
    silent_parcel(anna, quiet_days=1, now=now, paid_minor=25_00, commission_minor=3_00)
    page = get(shop, "invoices/")
    assert "What is coming We pay you €21.37 As it stands now, we will pay you this." in page.text
    assert "Turnover \u2212€25.00" in page.text
    assert "€3.00 + €0.63" in page.text.replace("\xa0", " ")
    assert f"{FINANCE}invoices/coming/?currency=EUR" in page.links


def test_each_currency_has_its_own(shop, anna, now):
    silent_parcel(anna, quiet_days=1, now=now, paid_minor=3500, commission_minor=0, currency="JPY")
    page = get(shop, "invoices/")
    assert "What is coming, in JPY We pay you ¥3,500" in page.text
    assert "What is coming, in EUR" in page.text
    assert "\u2212¥3,500" in get(shop, "invoices/coming/?currency=JPY").text
    assert get(shop, "invoices/coming/?currency=BRL").status == 404


def test_an_invoice_says_what_each_line_means_and_what_is_paid_when(shop, anna, fien, now):
    silent_parcel(anna, quiet_days=1, now=now, paid_minor=25_00, commission_minor=3_00)
    invoice = invoices_until(anna, now=now)[-1]
    at = f"{FINANCE}invoices/{invoice.number}/"
    assert at in get(shop, "invoices/").links

    page = get(shop, at)
    for words in ("What customers paid for parcels that you handed over", "To be paid", "We pay this out to your bank"):
        assert words in page.text, words
    mark_invoice_paid(seller_id=anna.seller_id, number=invoice.number, reference="BANK-9", by=fien, now=now)
    page = get(shop, at)
    assert "Paid, recorded" in page.text
    assert "BANK-9" in page.text


def test_the_specification_is_searched_and_paged(shop, anna, now):
    for n in range(15):
        sold(anna.seller, now - timedelta(hours=2), number=f"A-{n}", sku=f"8712345678{n:03d}")
    first = get(shop, "invoices/coming/?currency=EUR")
    (following,) = [link for link in first.links if "after=" in link]
    second = get(shop, f"invoices/coming/{following}")
    orders = [link for page in (first, second) for link in page.links if "/orders/A-" in link]
    assert {link.split("/")[-2] for link in orders} == {f"A-{n}" for n in range(15)}
    page = get(shop, "invoices/coming/?currency=EUR&order_number=A-3")
    assert {link for link in page.links if "/orders/A-" in link} == {"/shops/lampenhuis/orders/A-3/"}
    assert "8712345678004" in get(shop, "invoices/coming/?sku=8712345678004").text
    assert "Nothing here is about that" in get(shop, "invoices/coming/?sku=none").text
    assert get(shop, "invoices/coming/?sku=%00&order_number=%00&after=nonsense").status == 200


def test_documents_and_tables_can_be_downloaded(shop, anna, now):
    lost(anna, now=now)
    invoice = invoices_until(anna, now=now)[-1]
    at = f"{FINANCE}invoices/{invoice.number}/file/?form="
    kinds = {"pdf": b"%PDF-", "ubl": b"<?xml", "csv": "\N{ZERO WIDTH NO-BREAK SPACE}id".encode(), "json": b"{"}
    for form, begin in kinds.items():
        answer = shop.get(at + form)
        assert answer.status_code == 200
        assert content_of(answer).startswith(begin), form
        assert invoice.number in answer.headers["Content-Disposition"]
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(content_of(shop.get(at + "xlsx")))).namelist()
    assert shop.get(at + "doc").status_code == 404
    assert content_of(shop.get(f"{FINANCE}invoices/coming/file/?form=csv")).startswith(kinds["csv"])
    assert shop.get(f"{FINANCE}invoices/coming/file/?form=pdf").status_code == 404


def test_missing_fields_of_the_e_invoice_are_named(shop, anna, now):
    lost(anna, now=now)
    invoice = invoices_until(anna, now=now)[-1]
    page = get(shop, f"invoices/{invoice.number}/")
    assert "The electronic address of the shop is missing" in page.text
    assert "Ask the marketplace to fill in what is missing" in page.text


def test_a_pdf_that_is_no_pdf_a_is_marked(shop, anna, now, monkeypatch):
    a_found_parcel(anna, now=now)
    invoice, note = invoices_until(anna, now=now)[-1], CreditNote.objects.get()
    assert "no PDF/A" not in get(shop, f"invoices/{invoice.number}/").text + get(shop, "credit-notes/").text
    monkeypatch.setattr(pdf, "_needs_trial", lambda _words: True)
    monkeypatch.setattr(pdf, "_set", lambda *_arguments: pdf._Pdf(b"%PDF-", archival=False))

    for page in (get(shop, f"invoices/{invoice.number}/"), get(shop, "credit-notes/")):
        assert "The PDF is no PDF/A: a name or title in it has signs that cannot be printed" in page.text
    assert note.number in get(shop, "credit-notes/").text


def test_the_statement_shows_entries_from_a_day_with_the_balance_after_each(shop, anna, now):
    result = lost(anna, now=now, paid_minor=25_00, number="A-1")
    page = get(shop, "statement/")
    for words in ("Turnover", "Turnover corrected", "Commission given back", "As it stands now"):
        assert words in page.text, words
    assert "/shops/lampenhuis/orders/A-1/" in page.links
    assert f"/shops/lampenhuis/customer-queries/{result.number.split('-')[0]}/" in page.links
    later = get(shop, f"statement/?from={(now + timedelta(days=3)).date()}")
    assert "Nothing was booked since" in later.text
    assert "That is no day" in get(shop, "statement/?from=tomorrow").text
    assert get(shop, "statement/?from=0001-01-01").status == get(shop, "statement/?from=9999-12-31").status == 200


def test_a_refund_shows_its_next_step(shop, anna, fien, now):
    result = lost(anna, now=now, customer_name=EVIL)
    page = get(shop, "refunds/")
    assert "We pay it to the customer’s own means of payment" in page.text
    assert EVIL in page.text
    assert EVIL not in page.html
    refund = Refund.objects.get(seller_id=anna.seller_id, id=result.refund_id)
    mark_refund_failed(seller_id=anna.seller_id, number=refund.number, problem="Account closed", by=fien, now=now)
    failed = get(shop, "refunds/?state=failed")
    assert "Account closed · Our finance team mends it" in failed.text
    assert "No refund in this state" in get(shop, "refunds/?state=sent").text


def test_credit_notes_are_listed_with_their_documents(shop, anna, now):
    a_found_parcel(anna, now=now)
    note = CreditNote.objects.get()
    page = get(shop, "credit-notes/")
    assert f"{note.number}" in page.text
    assert "your invoice 2026-42" in page.text
    at = f"{FINANCE}credit-notes/{note.number}/file/?form="
    assert shop.get(at + "pdf").content.startswith(b"%PDF-")
    assert shop.get(at + "ubl").content.startswith(b"<?xml")
    assert shop.get(at + "xlsx").status_code == 404


def test_the_self_check_agrees_or_says_what_to_do(shop, anna, now):
    result = lost(anna, now=now)
    text = get(shop, "self-check/").text
    assert "Everything agrees" in text
    assert f"€{result.refund_minor / 100:.2f} of the refunds has not been paid to customers yet." in text
    assert f"€{result.refund_minor / 100:.2f} of what was written off is on no sales invoice yet" in text
    assert "all of it is paid and invoiced" not in text
    with connection.cursor() as cursor:  # As no command of ours does it.
        cursor.execute("DELETE FROM lostpost_transfer WHERE source_id IN (SELECT id FROM lostpost_writeoffline)")
    page = get(shop, "self-check/")
    assert result.number
    for words in ("Something differs", "Differs", "tell the marketplace’s finance team"):
        assert words in page.text, words
    assert "Nothing was written off or invoiced" in get(shop, "self-check/?to=2001-01").text
    assert get(shop, "self-check/?to=0000-00").status == get(shop, "self-check/?to=9999-12").status == 200


def test_lists_need_as_many_statements_for_many_rows_as_for_one(shop, anna, now):
    def queries(path):
        with CaptureQueriesContext(connection) as counted:
            assert get(shop, path).status == 200
        return len(counted)

    a_found_parcel(anna, now=now)
    few = {path: queries(path) for path in PAGES}
    for _ in range(3):
        a_found_parcel(anna, now=now)
    assert {path: queries(path) for path in PAGES} == few
    assert max(few.values()) <= 20


def test_another_shop_finds_nothing(client, anna, carla, now):
    lost(anna, now=now)
    invoice = invoices_until(anna, now=now)[-1]
    client.force_login(user_of(carla))
    for path in (*PAGES, f"invoices/{invoice.number}/", f"invoices/{invoice.number}/file/"):
        assert client.get(FINANCE + path).status_code == 404
    assert client.get(f"/shops/carlas-keramiek/finance/invoices/{invoice.number}/").status_code == 404


def test_pages_speak_dutch(shop, anna, now):
    lost(anna, now=now, paid_minor=1234_56)
    page = get(shop, "invoices/", headers={"Accept-Language": "nl"})
    assert "Wat eraan komt" in page.text
    assert "€\xa0\u22121.234,56" in page.html


def test_order_and_query_link_to_credit_notes_and_restorations(shop, anna, now):
    result = a_found_parcel(anna, now=now)
    note = CreditNote.objects.select_related("order", "write_off__query").get()
    pages = (f"orders/{note.order.number}/", f"customer-queries/{note.write_off.query.number}/")
    for page in [get(shop, f"/shops/lampenhuis/{path}") for path in pages]:
        assert f"{FINANCE}credit-notes/{note.number}/file/?form=pdf" in page.links
        assert f"{result.number} €25.00 Agreed, not paid yet" in page.text

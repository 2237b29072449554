"""PDFs read as their readers see them: the text on each page, the marks for screen readers, and where there is ink."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lostpost.invoicing.documents import fonts, pdf
from lostpost.invoicing.documents.pdf import (
    credit_note_pdf,
    credit_note_pdf_problems,
    invoice_pdf,
    invoice_pdf_problems,
)
from tests.invoicing.documents.samples import FEBRUARY, KLAAS, MARKETPLACE, SHOP, CreditRow, credit_note, invoice
from tests.searching import examples

A4 = (595, 842)
MARGIN_POINTS = 20 / 25.4 * 72
BILLIONS = [(kind, category, rate, 7, net * 10**7, vat * 10**7) for kind, category, rate, _, net, vat in FEBRUARY]
ENDLESS = {
    **SHOP,
    "code": "a" * 64,
    "name": "Uitzonderlijklangebedrijfsnaamzonderspaties" * 6,
    "street": "Straat met een naam die nooit meer ophoudt " * 4,
    "vat_number": "NL123456789B13" * 4,
}
FORTY: list[CreditRow] = [
    (str(at), f"87123456{at:05d}", "Ceramic lamp, white " * (1 + at % 9), at + 1, 2100, at * 1000, at * 210)
    for at in range(40)
]


@contextmanager
def opened(document: bytes) -> Iterator[pypdfium2.PdfDocument]:
    pdf = pypdfium2.PdfDocument(document)
    try:
        yield pdf
    finally:
        pdf.close()


def pages_of(document: bytes) -> list[str]:
    """Read the text of each page, its lines and the marks between them as single spaces."""
    with opened(document) as pdf:
        pages = []
        for page in pdf:
            text = page.get_textpage().get_text_range().replace("\u200b", "").replace("\ufffe", "")
            pages.append(" ".join(text.split()))
        return pages


def ink_at_the_sides(document: bytes) -> bool:
    """Return whether anything is drawn outside the margins, left or right, on any page."""
    with opened(document) as pdf:
        for page in pdf:
            picture = page.render(grayscale=True)
            margin, width, row = int(MARGIN_POINTS) - 2, picture.width, picture.stride
            pixels = bytes(picture.buffer)
            for y in range(picture.height):
                line = pixels[y * row : y * row + width]
                if min(line[:margin]) < 250 or min(line[-margin:]) < 250:
                    return True
    return False


def test_a_sales_invoice_has_all_required_content():
    (page,) = pages_of(invoice_pdf(invoice(carried_minor=50_00)))

    for text in (
        "Sales invoice",
        "Marktplein B.V. Voorbeeldkade 1 1012 AB Amsterdam Netherlands",
        "VAT number NL000099998B57",
        "VAT number NL123456789B13",
        "Invoice number lampenhuis-2026-00014",
        "Invoice date 1 November 2026",
        "Period 1–31 Oct 2026",
        "Everything before 1 November 2026, 00:00 CET",
        "We pay you €2,585.36",
        "To your account NL20 INGB 0001 2345 67",
        "Turnover What customers paid for parcels that you handed over to the carrier 212 B −3,409.51 0.00 −3,409.51",
        "S 21% 527.69 110.81 638.50",
        "Net −2,740.66 VAT 105.30 Total of this invoice −2,635.36",
        "Still owed on earlier sales invoices 50.00 To be paid −€2,585.36",
        "B: transferred, no VAT Passed through in your name and on your behalf",
        "Amounts that you owe us are positive. Amounts that we owe you have a minus sign (−).",
        "Page 1 of 1",
    ):
        assert text in page


def test_it_is_written_in_the_reader_s_language():
    (page,) = pages_of(invoice_pdf(invoice(), "nl"))

    for text in ("Verkoopfactuur", "1 november 2026", "Wij betalen je € 2.635,36", "−3.409,51", "Pagina 1 van 1"):
        assert text in page
    assert "invoice" not in page.lower()
    (page,) = pages_of(credit_note_pdf(credit_note(), "nl"))
    assert "Crediteert factuur 2026-0815" in page
    assert "credit note" not in page.lower()


def test_no_document_is_half_in_one_language_and_half_in_another():
    assert invoice_pdf(invoice(), "fr") == invoice_pdf(invoice(), "en")
    assert invoice_pdf(invoice(), "nl-be") == invoice_pdf(invoice(), "nl")


def test_an_invoice_that_only_takes_a_debt_over_says_so():
    (page,) = pages_of(invoice_pdf(invoice([], carried_minor=12_34)))

    assert "Nothing in this period 0 0.00 0.00 0.00" in page
    assert "To be paid €12.34" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (invoice(FEBRUARY[2:]), "You owe us €606.74 It is settled with your next sales invoice. If you would rather"),
        (invoice(FEBRUARY[2:]), "transfer it to NL91 ABNA 0417 1643 00 in the name of Marktplein B.V."),
        (invoice(FEBRUARY[2:], supplier={**MARKETPLACE, "iban": ""}), "settled with your next sales invoice. What"),
        (invoice(carried_minor=2_635_36), "Nothing is to be paid €0.00"),
        (invoice(customer={**SHOP, "iban": ""}), "On the invoice date we knew no bank account of yours;"),
        (invoice([("TURNOVER", "B", 0, 1, -1234, 0)], currency="JPY"), "We pay you JP¥1,234"),
    ],
)
def test_it_says_who_pays_what_where(content, sentence):
    (page,) = pages_of(invoice_pdf(content))
    assert sentence in page


def test_a_credit_note_refers_to_the_invoice_and_asks_for_no_money():
    (page,) = pages_of(credit_note_pdf(credit_note()))

    for text in (
        "Credits invoice 2026-0815 Invoice date 3 October 2026",
        "You get back €103.80",
        "Ceramic lamp, white Article number 8712345678906 2 21% 66.03 13.87 79.90",
        "Delivery costs 1 21% 3.26 0.69 3.95",
        "Total €103.80",
        "This credit note amends invoice 2026-0815 of 3 October 2026",
        "VAT number BE0123456749",
    ):
        assert text in page
    assert SHOP["iban"][:4] not in page


def test_forty_lines_go_on_over_pages_under_the_same_head():
    pages = pages_of(credit_note_pdf(credit_note(FORTY)))

    assert len(pages) > 1
    for at, page in enumerate(pages, start=1):
        assert f"Page {at} of {len(pages)}" in page
        assert "Item Quantity VAT Net (EUR)" in page
    assert "8712345600039" in pages[-1]


@pytest.mark.parametrize(
    "document",
    [
        invoice_pdf(invoice()),
        invoice_pdf(invoice(BILLIONS, currency="BRL", customer=ENDLESS, number="n" * 90)),
        credit_note_pdf(credit_note(FORTY, supplier=ENDLESS, customer={"name": "K"})),
        credit_note_pdf(credit_note([("x" * 64, "y" * 64, "z" * 300, 10**6, 2150, 10**14, 10**13)])),
    ],
)
def test_no_text_exceeds_the_margins(document):
    with opened(document) as pdf:
        assert {(round(page.get_width()), round(page.get_height())) for page in pdf} == {A4}
    assert not ink_at_the_sides(document)


def test_the_margin_check_detects_ink(monkeypatch):
    monkeypatch.setattr(fonts, "_BREAK_AFTER", 500)
    monkeypatch.setattr(fonts, "_LONG_WORD", re.compile(r"\S{500}"))
    assert ink_at_the_sides(invoice_pdf(invoice(customer=ENDLESS)))


@pytest.mark.parametrize(
    "name",
    ["Φωτιστικά Αθήνα", "Світло й тепло", "Łódź Żarówki", "Đèn Hà Nội", "Strauß & Ørsted", "<b>#set page()</b> $x$ \\"],
)
def test_other_alphabets_are_printed_as_they_are(name):
    (page,) = pages_of(invoice_pdf(invoice(customer={**SHOP, "name": name})))

    assert name in page
    assert "cannot print" not in page


def test_arabic_is_printed_from_right_to_left():
    (page,) = pages_of(invoice_pdf(invoice(customer={**SHOP, "name": "مصابيح"})))
    assert "cannot print" not in page
    assert fonts.UNKNOWN not in page


@pytest.mark.parametrize("name", ["株式会社ランプの家", "בית המנורות", "โคมไฟ", "Lamp 💡"])
def test_unprintable_characters_are_squares_and_announced(name):
    (page,) = pages_of(invoice_pdf(invoice(customer={**SHOP, "name": name})))

    assert fonts.UNKNOWN in page
    assert "stands for a sign that we cannot print; the structured e-invoice has every name in full." in page


@given(name=st.text(min_size=1, max_size=60), title=st.text(max_size=60))
@example(name="a\u0301\u0328\u20dd", title="ا\u0301x\u0651")
@example(name="\u202emirror\u2066", title="\ufeff\u200d\u0600")
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_name_can_be_printed(name, title):
    rows: list[CreditRow] = [("1", "", title, 1, 2100, 1000, 210)]
    document = credit_note_pdf(credit_note(rows, customer={**KLAAS, "name": name}))

    assert pages_of(document)[0].startswith("Lampenhuis V.O.F.")


def test_screen_readers_and_archives_find_what_they_need():
    document = invoice_pdf(invoice(), "nl")

    with opened(document) as pdf:
        assert pdfium.FPDFCatalog_IsTagged(pdf)
        about = pdf.get_metadata_dict()
    assert about["Title"] == "Verkoopfactuur lampenhuis-2026-00014"
    assert about["Author"] == "Marktplein B.V."
    assert about["CreationDate"].startswith("D:20261101")
    for mark in (b"<pdfuaid:part>1</pdfuaid:part>", b"<pdfaid:part>2</pdfaid:part>", b"/Lang(nl)"):
        assert mark in document


def test_the_same_content_gives_the_same_bytes_in_another_process():
    program = (
        "import hashlib, django; django.setup()\n"
        "from lostpost.invoicing.documents.pdf import invoice_pdf\n"
        "from tests.invoicing.documents.samples import invoice\n"
        "print(hashlib.sha256(invoice_pdf(invoice(), 'nl')).hexdigest())"
    )
    root = Path(__file__).parents[3]
    runs = {
        subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def refusing_archives(monkeypatch):
    """Let Typst set documents, but not as PDF/A."""
    compiler = typst.Compiler

    class Refusing:
        def __init__(self, *given, **options):
            self.compiler = compiler(*given, **options)

        def compile(self, **options):
            if options.pop("pdf_standards", None):
                raise typst.TypstError("text cannot be mapped to signs", "")
            return self.compiler.compile(**options)

    monkeypatch.setattr(typst, "Compiler", Refusing)


def test_a_pdf_that_is_not_pdf_a_is_logged_and_announced(monkeypatch, caplog):
    content = invoice(customer={**SHOP, "name": "مصابيح التجربة"}, number="LP-77")
    assert invoice_pdf_problems(content) == []
    pdf._set.cache_clear()
    refusing_archives(monkeypatch)

    document = invoice_pdf(content)

    assert b"pdfaid:part" not in document
    assert pages_of(document)
    assert "document LP-77 is no PDF/A: text cannot be mapped to signs" in caplog.text
    assert invoice_pdf_problems(content)[0].startswith("The PDF is no PDF/A: a name or title in it has signs")
    assert credit_note_pdf_problems(credit_note([("1", "", "ا\u0301", 1, 2100, 1000, 210)]))
    pdf._set.cache_clear()

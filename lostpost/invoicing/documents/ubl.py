"""Sales invoices and credit notes as UBL 2.1 after Peppol BIS Billing 3 (EN 16931).

How turnover and carried debts are put, and why: decision record 0014. Rules are named as the validators name them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from lxml import etree

from lostpost.accounts.identifiers import is_belgian_number, vat_number
from lostpost.core.money import exponent, format_money
from lostpost.core.vat import EXEMPT, EXPORT, INTRA_COMMUNITY, OUTSIDE, REVERSE_CHARGE, TRANSFERRED
from lostpost.invoicing.documents.content import (
    CreditLine,
    CreditNoteContent,
    DocumentLine,
    InvoiceContent,
    Party,
    VatGroup,
    grouped,
)
from lostpost.invoicing.documents.languages import written_language
from lostpost.ledger.models import InvoiceLineKind

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC: Final = f"{_UBL}CommonAggregateComponents-2"
_CBC: Final = f"{_UBL}CommonBasicComponents-2"
_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_INVOICE, _CREDIT_NOTE = "380", "381"  # UNTDID 1001
_CREDIT_TRANSFER, _STANDING_AGREEMENT = "30", "57"  # UNTDID 4461; both among those of NL-R-008.
_ONE = "C62"  # UN/ECE recommendation 20
_NOT_IN_XML = re.compile("[\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_NOT_IN_A_VAT_NUMBER = re.compile(r"[^0-9A-Za-z+*]")


def invoice_ubl(content: InvoiceContent, language: str = "en") -> bytes:
    """Write a sales invoice (UBL `Invoice`, type 380); the same content gives the same bytes."""
    language = written_language(language)
    with translation.override(language):
        root = _document("Invoice", content.number)
        _add(root, "IssueDate", content.issued_on.isoformat())
        if content.due_on and content.total_minor > 0:  # A debt that was carried over is due as its own invoice says.
            _add(root, "DueDate", content.due_on.isoformat())
        _add(root, "InvoiceTypeCode", _INVOICE)
        _add(root, "Note", _("What you owe us is positive; what we owe you is negative."))
        _add(root, "DocumentCurrencyCode", content.currency)
        if content.national_vat:
            _add(root, "TaxCurrencyCode", content.national_vat.currency)
        _add(root, "BuyerReference", content.customer.code or content.number)  # PEPPOL-EN16931-R003
        period = _group(root, "InvoicePeriod")
        _add(period, "StartDate", content.held_from_on.isoformat())
        _add(period, "EndDate", content.held_to_on.isoformat())
        with_vat_numbers = not content.outside_vat  # BR-O-02
        _add_party(root, "AccountingSupplierParty", content.supplier, vat=with_vat_numbers)
        _add_party(root, "AccountingCustomerParty", content.customer, vat=with_vat_numbers)
        if content.total_minor > 0:  # NL-R-007: from the customer to the supplier, and only then.
            _add_payment_means(root, content)
        _add(_group(root, "PaymentTerms"), "Note", _payment_terms(content, language))  # BR-CO-25
        outside = content.outside_vat
        lines = _without_rounding(content.lines)
        categories = [_category(line, outside_vat=outside) for line in content.lines]
        _add_tax_total(root, content.vat_minor, list(grouped(content.lines, categories)), content.currency)
        if national := content.national_vat:  # BT-111: one amount, without categories (PEPPOL-EN16931-R054).
            _add_amount(_group(root, "TaxTotal"), "TaxAmount", national.vat_minor, national.currency)
        _add_totals(root, content)
        for place, line in enumerate(lines, start=1):
            _add_invoice_line(root, place, line, _category(line, outside_vat=outside), content.currency)
        if not lines:  # BR-16: an invoice that only carries a debt over says so in a line of nothing.
            nothing = DocumentLine(InvoiceLineKind.TURNOVER, "B", 0, 0, 0, 0)
            _add_invoice_line(root, 1, nothing, _category(nothing), content.currency)
    return _bytes(root)


def credit_note_ubl(content: CreditNoteContent, language: str = "en") -> bytes:
    """Write a credit note (UBL `CreditNote`, type 381) that refers to the initial invoice; amounts are positive.

    What was paid again is an `Invoice` (type 380) that is paid, and refers to the credit note too.
    """
    language = written_language(language)
    with translation.override(language):
        root = _document("Invoice" if content.is_invoice else "CreditNote", content.number)
        _add(root, "IssueDate", content.issued_on.isoformat())
        if content.is_invoice:
            _add(root, "InvoiceTypeCode", _INVOICE)
            _add(root, "Note", _("These items arrived after all, and were paid again."))
        else:
            _add(root, "CreditNoteTypeCode", _CREDIT_NOTE)
            granted = _("This amount is a compensation.")
            _add(root, "Note", granted if content.for_compensation else _("These items were lost in the mail."))
        _add(root, "DocumentCurrencyCode", content.currency)
        _add(root, "BuyerReference", content.order_number)
        _add(_group(root, "OrderReference"), "ID", content.order_number)
        initial = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")  # NL-R-001
        _add(initial, "ID", content.invoice_number)
        _add(initial, "IssueDate", content.invoice_issued_on.isoformat())
        if content.amends_number:
            between = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
            _add(between, "ID", content.amends_number)
        with_vat_numbers = not content.outside_vat  # BR-O-02
        _add_party(root, "AccountingSupplierParty", content.supplier, vat=with_vat_numbers)
        _add_party(root, "AccountingCustomerParty", content.customer, vat=with_vat_numbers)
        _add_delivery(root, content)
        if not content.is_invoice:
            terms = _("The amount is paid back by the original means of payment.")
            _add(_group(root, "PaymentTerms"), "Note", terms)
        groups = list(grouped(content.lines, [line.vat_category for line in content.lines]))
        _add_tax_total(root, content.vat_minor, groups, content.currency, of_goods=True)
        _add_totals(root, content)
        for place, line in enumerate(content.lines, start=1):
            _add_goods_line(root, place, line, content)
    return _bytes(root)


def amount_text(minor: int, currency: str) -> str:
    """Write the amount exactly, with the currency's decimals and nothing between thousands: 1234.50."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def plain_vat_number(party: Party) -> str:
    """Return the VAT number as programs read it: with its country's letters, without dots and spaces."""
    known = vat_number(party.vat_number, party.country)
    return known or _NOT_IN_A_VAT_NUMBER.sub("", party.vat_number).upper()


def legal_scheme(party: Party) -> str:
    """Return the ICD code of the party's registration number: Dutch and Belgian ones; empty where we know none."""
    number = party.registration_number
    if not number.isascii() or not number.isdigit():
        return ""
    if party.country.upper() == "BE":
        return "0208" if is_belgian_number(number) else ""
    return {("NL", 8): "0106", ("NL", 20): "0190"}.get((party.country.upper(), len(number)), "")


def _category(line: DocumentLine, *, outside_vat: bool = False) -> str:
    """Say what paper calls the VAT category in EN 16931's words (decision records 0014 and 0039).

    Args: `outside_vat`: whether anything on the document is outside the scope of VAT; then all of it is.
    """
    if outside_vat or line.vat_category == OUTSIDE:
        return OUTSIDE  # BR-O-11 lets O stand beside nothing else.
    if line.vat_category == TRANSFERRED:
        return EXEMPT  # BR-B-01 keeps B for Italy.
    if line.vat_category == REVERSE_CHARGE:
        return REVERSE_CHARGE
    return "S" if line.vat_rate_bp else "Z"  # BR-S-05: standard means above zero.


def _without_rounding(lines: Sequence[DocumentLine]) -> list[DocumentLine]:
    """Leave out what only VAT is: EN 16931 has VAT on totals alone (BR-CO-17), where it is counted already."""
    with_net = {(_category(line), line.vat_rate_bp) for line in lines if line.kind != InvoiceLineKind.VAT_ROUNDING}
    return [
        line
        for line in lines
        if line.kind != InvoiceLineKind.VAT_ROUNDING or (_category(line), line.vat_rate_bp) not in with_net
    ]


def _payment_terms(content: InvoiceContent, language: str) -> str:
    """Say who pays what: PayableAmount is this invoice alone, a debt that was carried over stays its own invoice's."""
    due = {
        "amount": format_money(abs(content.payable_minor), content.currency, language),
        "carried": format_money(abs(content.carried_minor), content.currency, language),
    }
    if content.carried_minor < 0:
        before = _("Set off with %(carried)s that we still owed you on earlier sales invoices.") % due
        return f"{before} {_own_terms(content, due)}"
    if content.carried_minor:
        if content.payable_minor < 0:
            return _("Less %(carried)s that you still owed on earlier sales invoices, we pay you %(amount)s.") % due
        if content.payable_minor > 0:
            return (
                _(
                    "With %(carried)s that you still owed on earlier sales invoices, you owe %(amount)s; it is settled "
                    "with your next sales invoice."
                )
                % due
            )
        return _("Settled with %(carried)s that you still owed on earlier sales invoices; nothing is paid.") % due
    return _own_terms(content, due)


def _own_terms(content: InvoiceContent, due: dict[str, str]) -> str:
    if content.payable_minor < 0:
        return _("We pay you %(amount)s.") % due
    if content.payable_minor > 0:
        return _("You owe %(amount)s; it is settled with your next sales invoice.") % due
    return _("Nothing is paid.")


def _document(kind: str, number: str) -> etree._Element:
    namespace = f"{_UBL}{kind}-2"
    prefixes = {None: namespace, "cac": _CAC, "cbc": _CBC}
    root = etree.Element(f"{{{namespace}}}{kind}", nsmap=prefixes)  # type: ignore[arg-type]  # None is its default.
    _add(root, "CustomizationID", _CUSTOMIZATION)
    _add(root, "ProfileID", _PROFILE)
    _add(root, "ID", number)
    return root


def _group(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _add(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    """Add a value; an empty one is left out (PEPPOL-EN16931-R008)."""
    text = _NOT_IN_XML.sub(" ", text).strip()
    if text:
        etree.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = text


def _add_amount(parent: etree._Element, name: str, minor: int, currency: str) -> None:
    _add(parent, name, amount_text(minor, currency), currencyID=currency)


def _add_party(root: etree._Element, name: str, party: Party, *, vat: bool = True) -> None:
    element = _group(_group(root, name), "Party")
    if party.endpoint:
        scheme, identifier = party.endpoint
        _add(element, "EndpointID", identifier, schemeID=scheme)
    _add(_group(element, "PartyName"), "Name", party.name)
    address = _group(element, "PostalAddress")
    _add(address, "StreetName", party.street)
    _add(address, "CityName", party.city)
    _add(address, "PostalZone", party.postal_code)
    if party.country:
        _add(_group(address, "Country"), "IdentificationCode", party.country.upper())
    if vat and (number := plain_vat_number(party)):
        scheme_of = _group(element, "PartyTaxScheme")
        _add(scheme_of, "CompanyID", number)
        _add(_group(scheme_of, "TaxScheme"), "ID", "VAT")
    entity = _group(element, "PartyLegalEntity")
    _add(entity, "RegistrationName", party.name)
    if code := legal_scheme(party):
        _add(entity, "CompanyID", party.registration_number, schemeID=code)
    elif party.country.upper() != "NL":  # NL-R-003 and NL-R-005 know no other numbers.
        _add(entity, "CompanyID", party.registration_number)
    for empty in [part for part in element if not len(part) and not part.text]:
        element.remove(empty)


def _add_delivery(root: etree._Element, content: CreditNoteContent) -> None:
    """Say when and where the goods went (BT-72, BT-80): BR-IC-11 and BR-IC-12 ask for it."""
    if not (content.supplied_on and content.delivered_to):
        return
    delivery = _group(root, "Delivery")
    _add(delivery, "ActualDeliveryDate", content.supplied_on.isoformat())
    address = _group(_group(delivery, "DeliveryLocation"), "Address")
    _add(_group(address, "Country"), "IdentificationCode", content.delivered_to)


def _add_payment_means(root: etree._Element, content: InvoiceContent) -> None:
    means = _group(root, "PaymentMeans")
    iban = "".join(content.supplier.iban.split())
    _add(means, "PaymentMeansCode", _CREDIT_TRANSFER if iban else _STANDING_AGREEMENT)
    _add(means, "PaymentID", content.number)
    if iban:  # BR-61
        account = _group(means, "PayeeFinancialAccount")
        _add(account, "ID", iban)
        _add(account, "Name", content.supplier.name)


def _add_tax_total(
    root: etree._Element, vat_minor: int, groups: Sequence[VatGroup], currency: str, *, of_goods: bool = False
) -> None:
    """Add the VAT by category and rate, rounded on the totals and nowhere else (BR-CO-14, BR-CO-17).

    Args: `of_goods`: whether it is on a seller's goods, and not on what the marketplace settles with the seller.
    """
    reasons = _reasons_of_goods() if of_goods else _reasons_of_settlement()
    total = _group(root, "TaxTotal")
    _add_amount(total, "TaxAmount", vat_minor, currency)
    for group in groups or [VatGroup(EXEMPT, 0, 0, 0)]:
        subtotal = _group(total, "TaxSubtotal")
        _add_amount(subtotal, "TaxableAmount", group.net_minor, currency)
        _add_amount(subtotal, "TaxAmount", group.vat_minor, currency)
        _add_tax_category(subtotal, "TaxCategory", group.category, group.rate_bp, reasons.get(group.category, ("", "")))


def _reasons_of_settlement() -> dict[str, tuple[str, str]]:
    """Say why no VAT is charged, by category: the code of the list VATEX and the words."""
    transferred = _(
        "Transferred: paid by your customers for your goods, passed through in your name and on your behalf."
    )
    return {
        EXEMPT: ("VATEX-EU-79-C", transferred),
        REVERSE_CHARGE: ("VATEX-EU-AE", _("VAT reverse charged")),
        OUTSIDE: ("VATEX-EU-O", _("Not subject to VAT")),
    }


def _reasons_of_goods() -> dict[str, tuple[str, str]]:
    return {
        EXEMPT: ("", _("Exempt from VAT")),
        REVERSE_CHARGE: ("VATEX-EU-AE", _("VAT reverse charged")),
        INTRA_COMMUNITY: ("VATEX-EU-IC", _("Intra-community supply")),
        EXPORT: ("VATEX-EU-G", _("Export outside the European Union")),
        OUTSIDE: ("VATEX-EU-O", _("Not subject to VAT")),
    }


def _add_tax_category(
    parent: etree._Element, name: str, category: str, rate_bp: int, reason: tuple[str, str] = ("", "")
) -> None:
    element = _group(parent, name)
    _add(element, "ID", category)
    if category != OUTSIDE:  # BR-O-05
        _add(element, "Percent", f"{(Decimal(rate_bp) / 100).normalize():f}")
    code, words = reason
    _add(element, "TaxExemptionReasonCode", code)
    _add(element, "TaxExemptionReason", words)
    _add(_group(element, "TaxScheme"), "ID", "VAT")


def _add_totals(root: etree._Element, content: InvoiceContent | CreditNoteContent) -> None:
    totals = _group(root, "LegalMonetaryTotal")
    _add_amount(totals, "LineExtensionAmount", content.net_minor, content.currency)
    _add_amount(totals, "TaxExclusiveAmount", content.net_minor, content.currency)
    _add_amount(totals, "TaxInclusiveAmount", content.total_minor, content.currency)
    paid = isinstance(content, CreditNoteContent) and content.is_invoice
    if paid:
        _add_amount(totals, "PrepaidAmount", content.total_minor, content.currency)
    _add_amount(totals, "PayableAmount", 0 if paid else content.total_minor, content.currency)


def _add_invoice_line(root: etree._Element, place: int, line: DocumentLine, category: str, currency: str) -> None:
    """Add one line; what is owed to the seller is a negative quantity, for no price is negative (BR-27)."""
    element = _group(root, "InvoiceLine")
    _add(element, "ID", str(place))
    _add(element, "InvoicedQuantity", "-1" if line.net_minor < 0 else "1", unitCode=_ONE)
    _add_amount(element, "LineExtensionAmount", line.net_minor, currency)
    item = _group(element, "Item")
    _add(item, "Name", str(line.kind.label))
    _add_tax_category(item, "ClassifiedTaxCategory", category, line.vat_rate_bp)
    for name, value in (("Line type", line.kind.value), ("Transfers", str(line.transfers))):
        named = _group(item, "AdditionalItemProperty")
        _add(named, "Name", name)
        _add(named, "Value", value)
    _add_amount(_group(element, "Price"), "PriceAmount", abs(line.net_minor), currency)


def _add_goods_line(root: etree._Element, place: int, line: CreditLine, content: CreditNoteContent) -> None:
    """Add one line; its price is that of all its units, as one unit's may not be an integer number of cents."""
    currency = content.currency
    element = _group(root, "InvoiceLine" if content.is_invoice else "CreditNoteLine")
    _add(element, "ID", str(place))
    quantity = "InvoicedQuantity" if content.is_invoice else "CreditedQuantity"
    _add(element, quantity, str(line.quantity), unitCode=_ONE)
    _add_amount(element, "LineExtensionAmount", line.net_minor, currency)
    item = _group(element, "Item")
    name = _NOT_IN_XML.sub(" ", line.title).strip()
    _add(item, "Name", name or line.sku or line.item or _("Delivery costs"))
    if line.sku or line.item:
        _add(_group(item, "SellersItemIdentification"), "ID", line.sku or line.item)
    _add_tax_category(item, "ClassifiedTaxCategory", line.vat_category, line.vat_rate_bp)
    price = _group(element, "Price")
    _add_amount(price, "PriceAmount", line.net_minor, currency)
    _add(price, "BaseQuantity", str(line.quantity), unitCode=_ONE)  # PEPPOL-EN16931-R120, R130


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

"""What must be filled in before a document is one that the Peppol network takes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lostpost.accounts.identifiers import ELECTRONIC_SCHEMES, is_electronic_identifier, is_iban, vat_number
from lostpost.core.countries import is_country_on_invoices
from lostpost.core.money import exponent
from lostpost.core.vat import INTRA_COMMUNITY, REVERSE_CHARGE
from lostpost.invoicing.documents.content import CreditNoteContent, InvoiceContent, Party
from lostpost.invoicing.documents.ubl import legal_scheme


def ubl_problems(content: InvoiceContent | CreditNoteContent) -> list[str]:
    """Say, one sentence each, what is missing in the UBL of this content; none: it is valid Peppol BIS Billing 3.

    The UBL is written all the same, without what is missing. Sentences are in the reader's language.
    """
    return [*_problems(content)]


def _problems(content: InvoiceContent | CreditNoteContent) -> Iterator[str]:
    if isinstance(content, InvoiceContent):
        supplier, customer = _("the marketplace"), _("the shop")
        customer_needs_number = content.reverse_charge
    else:
        supplier, customer = _("the shop"), _("the customer")
        customer_needs_number = bool({REVERSE_CHARGE, INTRA_COMMUNITY} & content.categories)
    vat_needed = not content.outside_vat
    yield from _problems_of(content.supplier, supplier)
    if not content.supplier.vat_number and vat_needed:  # BR-S-02, BR-E-02, BR-Z-02
        yield _("The VAT number of %(who)s is missing.") % {"who": supplier}
    if customer_needs_number and not content.customer.vat_number:  # BR-AE-02, BR-IC-02
        yield _("The VAT number of %(who)s is missing.") % {"who": customer}
    if not vat_needed and not content.supplier.registration_number:  # BR-CO-26
        yield _("The registration number of %(who)s is missing.") % {"who": supplier}
    if _country(content.supplier) == "NL":
        yield from _dutch_problems(content, supplier, customer)
    yield from _problems_of(content.customer, customer)
    if exponent(content.currency) > 2:  # BR-DEC-*
        yield _("Amounts in %(currency)s have more than the two decimals that EN 16931 allows.") % {
            "currency": content.currency
        }


def _problems_of(party: Party, who: str) -> Iterator[str]:
    """Say what every party needs."""
    if not party.name:  # BR-06, BR-07
        yield _("The name of %(who)s is missing.") % {"who": who}
    if not is_country_on_invoices(_country(party)):  # BR-09, BR-11, BR-CL-14
        yield _(
            "The country of %(who)s is missing or not one of ISO 3166; write its two letters, such as NL or GB."
        ) % {"who": who}
    if party.vat_number and vat_number(party.vat_number, party.country) is None:  # BR-CO-09
        yield _(
            "The VAT number of %(who)s is not one of its country: a digit or letter is wrong, or the country's letters "
            "are missing."
        ) % {"who": who}
    if party.iban and not is_iban(party.iban):
        yield _("The IBAN of %(who)s has a digit or letter wrong, or is not as long as those of its country.") % {
            "who": who
        }
    yield from _endpoint_problems(party, who)


def _endpoint_problems(party: Party, who: str) -> Iterator[str]:
    """Say what is wrong with where e-invoices of the party are sent."""
    if not party.endpoint:  # PEPPOL-EN16931-R010, R020
        yield _(
            "The electronic address of %(who)s is missing; write it as scheme:identifier, such as 0106:12345678."
        ) % {"who": who}
        return
    scheme, identifier = party.endpoint
    if scheme not in ELECTRONIC_SCHEMES:  # BR-CL-25
        yield _("The electronic address of %(who)s does not begin with one of Peppol's schemes.") % {"who": who}
    elif not is_electronic_identifier(scheme, identifier):  # PEPPOL-COMMON-R040 and following
        yield _("The electronic address of %(who)s is not a number of its scheme %(scheme)s.") % {
            "who": who,
            "scheme": scheme,
        }


def _dutch_problems(content: InvoiceContent | CreditNoteContent, supplier: str, customer: str) -> Iterator[str]:
    """Say what Dutch suppliers need besides."""
    if not legal_scheme(content.supplier):  # NL-R-003
        yield _("The registration number of %(who)s is missing: 8 digits of the Chamber of Commerce.") % {
            "who": supplier
        }
    parties = [(content.supplier, supplier)]  # NL-R-002
    if _country(content.customer) == "NL":  # NL-R-004
        parties.append((content.customer, customer))
    for party, who in parties:
        if not (party.street and party.postal_code and party.city):
            yield _("The address of %(who)s needs a street, a postal code and a city.") % {"who": who}


def _country(party: Party) -> str:
    return party.country.upper()

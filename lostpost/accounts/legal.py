"""A shop's legal data for invoices: cleaning and validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from lostpost.accounts.identifiers import ELECTRONIC_SCHEMES, is_electronic_identifier, is_iban, vat_number
from lostpost.core.text import is_one_line, quoted

LONGEST = {
    "name": 200,
    "street": 200,
    "postal_code": 20,
    "city": 100,
    "vat_number": 20,
    "registration_number": 40,
    "iban": 42,
    "electronic_address": 60,
}
_WITHOUT_SPACES = ("vat_number", "iban", "electronic_address")  # People write them in groups.


def cleaned_legal(legal: Mapping[str, str]) -> dict[str, str]:
    """Return the data as it is stored: without empty values, and without spaces in identifiers."""
    cleaned = {}
    for field, value in legal.items():
        text = "".join(value.split()) if field in _WITHOUT_SPACES else " ".join(value.split())
        if field in ("vat_number", "iban"):
            text = text.upper()
        if text:
            cleaned[field] = text
    return cleaned


def legal_problems(legal: Mapping[str, object], *, country: str) -> Iterator[tuple[str, str]]:
    """Return each invalid field with a sentence; any field may be missing. `country`: of the shop."""
    texts: dict[str, str] = {}
    for field, value in legal.items():
        if field not in LONGEST:
            yield (
                field,
                _("“%(it)s” is nothing that invoices say of a shop; there are %(all)s")
                % {"it": quoted(str(field)), "all": ", ".join(LONGEST)},
            )
        elif not isinstance(value, str) or len(value) > LONGEST[field] or not is_one_line(value):
            yield (
                field,
                _("%(field)s must be text of one line with up to %(n)d characters")
                % {"field": field, "n": LONGEST[field]},
            )
        else:
            texts[field] = value
    for field, value in cleaned_legal(texts).items():
        if problem := _problem_of(field, value, country):
            yield field, problem


def _problem_of(field: str, value: str, country: str) -> str:
    if field == "vat_number" and vat_number(value, country) is None:
        return _(
            "the VAT number “%(it)s” is not one of its country: a digit or letter is wrong, or the country's letters "
            "are missing; write it such as NL123456789B13"
        ) % {"it": quoted(value)}
    if field == "iban" and not is_iban(value):
        return _(
            "the IBAN “%(it)s” has a digit or letter wrong, or is not as long as those of its country; copy it from "
            "the bank once more"
        ) % {"it": quoted(value)}
    if field == "electronic_address":
        return electronic_address_problem(value)
    return ""


def electronic_address_problem(address: str) -> str:
    """Say what is wrong with an address such as 0106:12345678; empty if nothing is."""
    scheme, _colon, identifier = address.partition(":")
    if scheme not in ELECTRONIC_SCHEMES or not identifier:
        return _(
            "the electronic address “%(it)s” does not begin with a scheme of Peppol; write it such as 0106:12345678"
        ) % {"it": quoted(address)}
    if not is_electronic_identifier(scheme, identifier):
        return _(
            "the electronic address “%(it)s” is not a number of scheme %(scheme)s: a digit is wrong, missing or "
            "too many"
        ) % {"it": quoted(address), "scheme": scheme}
    return ""

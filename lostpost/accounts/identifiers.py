"""Identifiers of companies with check digits: VAT numbers, bank accounts, electronic addresses.

The rules of each country are python-stdnum's. Identifiers that it does not know are checked by their format only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from stdnum import ean
from stdnum import iban as ibans
from stdnum.au import abn
from stdnum.be import vat as belgian
from stdnum.ch import uid
from stdnum.dk import cvr
from stdnum.eu import vat as european
from stdnum.fr import siren, siret
from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish
from stdnum.util import get_cc_module

from lostpost.core.countries import is_country_on_invoices

# The scheme codes of EN 16931's code list EAS (BR-CL-25) that are numbers; a test holds it against CEN's own.
ELECTRONIC_SCHEMES = frozenset(
    re.findall(
        "[0-9]{4}",
        """
        0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190
        0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216
        0217 0218 0219 0220 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 9919 9920 9922
        9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944
        9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959
        """,
    )
)
GREECE_FOR_VAT, NORTHERN_IRELAND = "EL", "XI"  # Prefixes that are no country of ISO 3166, and are right (BR-CO-09).

_NOT_IN_A_VAT_NUMBER = re.compile(r"[^0-9A-Z+*]")
_VAT_NUMBER_WITHOUT_LIBRARY = re.compile(r"[0-9A-Z+*]{2,18}")
_ELECTRONIC_IDENTIFIER = re.compile(r"[A-Za-z0-9.:_-]{1,50}", re.ASCII)


def is_iban(text: str) -> bool:
    """Whether length and format are those of its country, and the check digits are right."""
    return ibans.is_valid(text)


def vat_number(text: str, country: str) -> str | None:
    """Return the VAT number as invoices write it, its country's two letters first; None if it is wrong.

    Outside the European Union numbers are often written without them: 923456783 MVA is NO923456783MVA.
    Args: `country`: where the company is.
    """
    plain = _NOT_IN_A_VAT_NUMBER.sub("", text.upper())
    if _is_vat_prefix(plain[:2]) and _is_vat_number_of(plain[:2], plain):
        return plain
    country = country.upper()
    if not is_country_on_invoices(country) or country.lower() in european.MEMBER_STATES:
        return None
    return country + plain if _is_vat_number_of(country, country + plain) else None


def is_belgian_number(text: str) -> bool:
    """Whether it is a Belgian enterprise number: ten digits, the last two a check (PEPPOL-COMMON-R043)."""
    return len(text) == 10 and text.isascii() and text.isdigit() and belgian.is_valid(text)


def is_electronic_identifier(scheme: str, identifier: str) -> bool:
    """Whether the identifier is valid in its scheme, as far as the library knows the scheme."""
    check = _CHECKS.get(scheme)
    return _ELECTRONIC_IDENTIFIER.fullmatch(identifier) is not None and (check is None or check(identifier))


def is_registration_number(text: str, country: str) -> bool:
    """Tell whether it can stand in the companies' register of its country, as far as a library knows that one."""
    schemes = _REGISTERS.get(country.upper(), ())
    plain = "".join(sign for sign in text if sign.isalnum())
    return not schemes or any(_CHECKS[scheme](plain) for scheme in schemes)


def _is_vat_prefix(prefix: str) -> bool:
    return is_country_on_invoices(prefix) or prefix in (GREECE_FOR_VAT, NORTHERN_IRELAND)


def _is_vat_number_of(prefix: str, text: str) -> bool:
    """Whether it is a VAT number of the country; `text` begins with the prefix."""
    if prefix == "GR":
        prefix, text = GREECE_FOR_VAT, GREECE_FOR_VAT + text[2:]
    if prefix.lower() in european.MEMBER_STATES or prefix == GREECE_FOR_VAT:
        return european.is_valid(text)
    if prefix == "CH" and uid.is_valid(text):
        return True  # Without the MWST, TVA or IVA that stands behind it on paper.
    module = _vat_module(prefix)
    if module is None:
        return _VAT_NUMBER_WITHOUT_LIBRARY.fullmatch(text[2:]) is not None
    return module(text) or module(text[2:])


@cache
def _vat_module(country: str) -> Callable[[str], bool] | None:
    module = get_cc_module(country.lower(), "vat")
    return module.is_valid if module else None


def _of_digits(count: int) -> Callable[[str], bool]:
    return lambda text: len(text) == count and text.isascii() and text.isdigit()


def _vat_number_of(country: str) -> Callable[[str], bool]:
    return lambda text: text[:2].upper() == country and vat_number(text, country) is not None


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "0002": siren.is_valid,
    "0007": swedish.is_valid,  # PEPPOL-COMMON-R049
    "0009": siret.is_valid,
    "0088": lambda text: len(text) == 13 and ean.is_valid(text),  # A GLN: PEPPOL-COMMON-R040
    "0106": _of_digits(8),  # The Dutch Chamber of Commerce
    "0151": abn.is_valid,  # PEPPOL-COMMON-R050
    "0184": cvr.is_valid,
    "0190": _of_digits(20),  # The Dutch government
    "0192": norwegian.is_valid,  # PEPPOL-COMMON-R041
    "0208": is_belgian_number,  # PEPPOL-COMMON-R043
    "9918": is_iban,
    **{
        scheme: _vat_number_of(country)
        for scheme, country in {
            "9910": "HU",
            "9914": "AT",
            "9920": "ES",
            "9925": "BE",
            "9926": "BG",
            "9928": "CY",
            "9929": "CZ",
            "9930": "DE",
            "9931": "EE",
            "9933": "EL",
            "9934": "HR",
            "9935": "IE",
            "9937": "LT",
            "9938": "LU",
            "9939": "LV",
            "9943": "MT",
            "9944": "NL",
            "9945": "PL",
            "9946": "PT",
            "9947": "RO",
            "9949": "SI",
            "9950": "SK",
            "9957": "FR",
        }.items()
    },
}
# The schemes whose numbers are those of a country's register.
_REGISTERS: Mapping[str, tuple[str, ...]] = {
    "AU": ("0151",),
    "BE": ("0208",),
    "DK": ("0184",),
    "FR": ("0002", "0009"),
    "NL": ("0106",),
    "NO": ("0192",),
    "SE": ("0007",),
}

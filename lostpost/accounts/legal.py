"""What a shop's invoices must say of it: checked by shape, and by its own check digits where it has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from lostpost.core.text import is_one_line, shown

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
_VAT_NUMBER = {  # How the numbers of some countries look; those of the others are a code and 2 to 13 signs.
    "BE": r"BE[01]\d{9}",
    "DE": r"DE\d{9}",
    "FR": r"FR[0-9A-HJ-NP-Z]{2}\d{9}",
    "LU": r"LU\d{8}",
    "NL": r"NL\d{9}B\d{2}",
}
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_ELECTRONIC_ADDRESS = re.compile(r"\d{4}:[A-Za-z0-9.:_-]{1,50}", re.ASCII)


def cleaned(legal: Mapping[str, str]) -> dict[str, str]:
    """Return it as it is kept: nothing empty, and no spaces inside what programs read."""
    kept = {}
    for field, value in legal.items():
        text = "".join(value.split()) if field in _WITHOUT_SPACES else " ".join(value.split())
        if field in ("vat_number", "iban"):
            text = text.upper()
        if text:
            kept[field] = text
    return kept


def legal_problems(legal: Mapping[str, object]) -> list[str]:
    """Say in sentences what is wrong with it; any of it may be missing."""
    problems = []
    texts: dict[str, str] = {}
    for field, value in legal.items():
        if field not in LONGEST:
            problems.append(
                _("“%(it)s” is nothing that invoices say of a shop; there are %(all)s")
                % {"it": shown(str(field)), "all": ", ".join(LONGEST)}
            )
        elif not isinstance(value, str) or len(value) > LONGEST[field] or not is_one_line(value):
            problems.append(
                _("%(field)s must be text of one line with up to %(n)d characters")
                % {"field": field, "n": LONGEST[field]}
            )
        else:
            texts[field] = value
    kept = cleaned(texts)
    if (number := kept.get("vat_number")) and not _is_vat_number(number):
        problems.append(
            _("the VAT number “%(it)s” does not look like one of its country; write it such as NL123456789B01")
            % {"it": shown(number)}
        )
    if (iban := kept.get("iban")) and not is_iban(iban):
        problems.append(
            _("the IBAN “%(it)s” has a digit or letter wrong; copy it from the bank once more") % {"it": shown(iban)}
        )
    if (address := kept.get("electronic_address")) and not _ELECTRONIC_ADDRESS.fullmatch(address):
        problems.append(
            _("the electronic address “%(it)s” is no scheme and identifier of Peppol; write it such as 0106:12345678")
            % {"it": shown(address)}
        )
    return problems


def is_iban(text: str) -> bool:
    """Tell whether its check digits are right (ISO 13616: the number, moved around, leaves 1 when divided by 97)."""
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def _is_vat_number(text: str) -> bool:
    shape = _VAT_NUMBER.get(text[:2], r"[A-Z]{2}[0-9A-Z+*]{2,13}")
    return re.fullmatch(shape, text, re.ASCII) is not None

"""E-mail addresses: validation, and their form for a mail server.

Syntax and IDNA 2008 are the library's (`email-validator`). Comments, quoted names and addresses without a domain name
are refused: mail programs read them in more than one way, and the e-mail could reach somebody else.
"""

from __future__ import annotations

import email_validator
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, ValidatedEmail

from lostpost.core.text import quoted

LONGEST_ADDRESS = 254

# Whether names such as .local exist is up to the operator's mail server.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# Left by copying and pasting; IDNA ignores these characters.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)


def cleaned_address(text: str) -> str:
    """Remove invisible characters, and the space around the address."""
    return text.translate(_INVISIBLE).strip()


def address_problem(address: str) -> str:
    """Return a sentence on why the address is invalid; empty if it is valid.

    Non-ASCII letters before the @ are valid: whether they can be delivered is up to the mail server.
    """
    try:
        _read(address)
    except EmailNotValidError:
        name, at, domain = address.rpartition("@")
        if not at or not name or not domain or len(address) > LONGEST_ADDRESS:
            return _("“%(it)s” is not an e-mail address") % {"it": quoted(address)}
        if _is_valid(f"a@{domain}"):
            return _(
                "e-mail to “%(it)s” cannot be delivered as it is written: before the @ may stand up to 64 letters, "
                "digits and . ! # $ %% & ' * + - / = ? ^ _ ` { | } ~, without brackets, colons and quotation marks"
            ) % {"it": quoted(address)}
        return _(
            "e-mail to “%(it)s” cannot be delivered: behind the @ must stand a domain name, with up to 63 letters, "
            "digits and hyphens between its points"
        ) % {"it": quoted(address)}
    return ""


def wire_address(address: str) -> str:
    """Return the address for a mail server: the domain in ASCII by IDNA 2008.

    If it still is not ASCII, it needs a server that offers SMTPUTF8. Raises: ValueError if the address is invalid.
    """
    read = _read(address)
    return f"{read.local_part}@{read.ascii_domain}"


def _read(address: str) -> ValidatedEmail:
    return email_validator.validate_email(address, check_deliverability=False, globally_deliverable=False, strict=True)


def _is_valid(address: str) -> bool:
    try:
        _read(address)
    except EmailNotValidError:
        return False
    return True

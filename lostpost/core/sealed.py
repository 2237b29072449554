"""Encrypt text in the database with a key that is stored elsewhere.

The key is derived from the secret key of the installation; text that was encrypted under a former one is readable as
long as that one is in LOSTPOST_SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_noop

_PURPOSE = b"lostpost.core.sealed"  # Keys for other purposes from the same secret reveal nothing about this one.


WHAT_TO_DO = gettext_noop(
    "The secret was sealed with a key that is not known here any more. Make a new secret, or let the operator add the "
    "former key to LOSTPOST_SECRET_KEY_FALLBACKS."
)


class KeyMissing(Exception):
    """No key of this installation opens what is sealed."""

    def __init__(self) -> None:
        super().__init__(WHAT_TO_DO)


def seal(text: str) -> str:
    """Encrypt a text with the key in use; the same text looks different each time."""
    return _sealer().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text. Raises KeyMissing if no key fits, or if the text was meddled with."""
    try:
        return _sealer().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise KeyMissing from None


def reseal(sealed: str) -> str:
    """Seal again with the key in use, so that former keys can go. Raises KeyMissing."""
    return seal(unseal(sealed))


def _sealer() -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(secret_key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return base64.urlsafe_b64encode(derived)

"""E-mails about a person's own login: deferred here, composed and sent by a job.

The request takes the same time whether a mail is sent or not, and no link is in a job or a log: the job creates it
when it composes the e-mail.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import get_language

from lostpost.core.jobs import Job, defer

SEND_ACCOUNT_MAIL = "account-mail.send"
RESET, CONFIRM_ADDRESS = "password-reset", "confirm-address"
ADDRESS_CHANGED, PASSWORD_CHANGED = "address-changed", "password-changed"
INVITATION = "invitation"
CONFIRM_HOURS = 24
_SALT = "lostpost.accounts.account_mail"


def defer_account_mail(kind: str, *, to: str, user_id: int | None = None, **about: str) -> None:
    """Defer an e-mail, in the caller's transaction if there is one and in the language of the request.

    Args: `to`: an address. `user_id`: whose login it is about; None if only the address is known. `about`: further
    values for the e-mail.
    """
    language = get_language() or settings.LANGUAGE_CODE
    args: dict[str, Any] = {"kind": kind, "to": to, "user": user_id, "language": language, "about": about}
    defer(Job(SEND_ACCOUNT_MAIL, "mail", args))


def address_key(*, user_id: int, old: str, new: str) -> str:
    """Make the key of a link that confirms a new address; it works once, as the old one must still be there."""
    return signing.dumps({"user": user_id, "old": old, "new": new}, salt=_SALT)


def read_address_key(key: str) -> dict[str, Any] | None:
    """Return what a key confirms; none if it is no key of ours, or a day old."""
    try:
        values: dict[str, Any] = signing.loads(key, salt=_SALT, max_age=CONFIRM_HOURS * 3600)
    except signing.BadSignature:
        return None
    return values

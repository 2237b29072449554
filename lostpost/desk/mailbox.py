"""Read the e-mails that were written to a folder while trying Lostpost out.

Members see those of their shops to customers, the marketplace's staff those of all shops. E-mails about a person's own
login (a link for a new password, say) are shown to that person only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import desks_of_user, shops_of_user
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.models import Mail

MOST_LISTED = 100
_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # What Django's file mailbox writes behind each e-mail.


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One e-mail of the folder."""

    name: str  # Its file and which of the file's e-mails it is.
    to: str
    sender: str
    subject: str
    sent_at: datetime | None
    text: str
    mail_id: UUID | None  # Of the row that it was sent from; none for letters about a login.


@require_safe
@never_cache
@login_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest e-mails that the user may read."""
    entries = _readable(_letters(), cast(User, request.user))
    return render(request, "desk/mailbox.html", {"letters": list(islice(entries, MOST_LISTED))})


@require_safe
@never_cache
@login_required
def mailbox_message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one e-mail as text."""
    readable = next(_readable((entry for entry in _letters() if entry.name == name), cast(User, request.user)), None)
    if readable is None:
        raise Http404
    return render(request, "desk/letter.html", {"letter": readable})


def _readable(entries: Iterable[MailboxEntry], user: User) -> Iterator[MailboxEntry]:
    """Return the letters that a user may read, some at a time."""
    staff = bool(desks_of_user(user))
    shops = {part.seller_id for part in shops_of_user(user.pk)}
    rest = iter(entries)
    while some := list(islice(rest, MOST_LISTED)):
        with cross_seller("the mailbox: which shops the letters are of"):
            ids = [letter.mail_id for letter in some if letter.mail_id]
            sellers = dict(Mail.objects.filter(id__in=ids).values_list("id", "seller_id"))
        for letter in some:
            seller_id = sellers.get(letter.mail_id) if letter.mail_id else None
            if (seller_id in shops or staff) if seller_id else _is_to(letter, user):
                yield letter


def _is_to(letter: MailboxEntry, user: User) -> bool:
    addresses = [address.lower() for _name, address in getaddresses([letter.to])]
    return bool(user.email) and addresses == [user.email.lower()]


def _mail_id(written: str) -> UUID | None:
    """Return the id in the Message-ID of an e-mail that was sent from a row of ours."""
    try:
        return UUID(written.strip().strip("<>").partition("@")[0])
    except ValueError:
        return None


def _letters() -> Iterator[MailboxEntry]:
    """Read the folder, the newest first; in production there is none. Raises Http404."""
    if settings.PRODUCTION or "filebased" not in settings.EMAIL_BACKEND:
        raise Http404
    folder = Path(settings.EMAIL_FILE_PATH)
    for file in sorted(folder.glob("*.log"), reverse=True):
        parts = [part for part in file.read_bytes().split(_BETWEEN) if part.strip()]
        for place, part in reversed(list(enumerate(parts))):
            yield _letter(f"{file.stem}-{place}", message_from_bytes(part, policy=policy.default))


def _instant(written: str) -> datetime | None:
    """Return when an e-mail was sent; “-0000” means UTC."""
    try:
        at = parsedate_to_datetime(written)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _letter(name: str, message: EmailMessage) -> MailboxEntry:
    body = message.get_body(("plain", "html"))
    return MailboxEntry(
        name=name,
        to=str(message["To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=_instant(str(message["Date"] or "")),
        text=str(body.get_content()) if body else "",
        mail_id=_mail_id(str(message["Message-ID"] or "")),
    )

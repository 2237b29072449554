"""The e-mails that were sent while trying Lostpost out: they went to a folder, and this is where to read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

MOST_LISTED = 100
_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # What Django's file mailbox writes behind each e-mail.


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail of the folder."""

    name: str  # Its file and which of the file's e-mails it is.
    to: str
    sender: str
    subject: str
    sent_at: datetime | None
    text: str


@require_safe
@never_cache
@login_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest e-mails."""
    return render(request, "desk/mailbox.html", {"letters": list(_letters())[:MOST_LISTED]})


@require_safe
@never_cache
@login_required
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """Show one e-mail as text."""
    found = next((each for each in _letters() if each.name == name), None)
    if found is None:
        raise Http404
    return render(request, "desk/letter.html", {"letter": found})


def _letters() -> Iterator[Letter]:
    """Read the folder, the newest first; in production there is none. Raises Http404."""
    if settings.PRODUCTION or "filebased" not in settings.EMAIL_BACKEND:
        raise Http404
    folder = Path(settings.EMAIL_FILE_PATH)
    for file in sorted(folder.glob("*.log"), reverse=True):
        parts = [part for part in file.read_bytes().split(_BETWEEN) if part.strip()]
        for place, part in reversed(list(enumerate(parts))):
            yield _letter(f"{file.stem}-{place}", message_from_bytes(part, policy=policy.default))


def _instant(written: str) -> datetime | None:
    """Read when an e-mail was sent; “-0000” says UTC and nothing of where the sender is."""
    try:
        at = parsedate_to_datetime(written)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _letter(name: str, message: EmailMessage) -> Letter:
    body = message.get_body(("plain", "html"))
    return Letter(
        name=name,
        to=str(message["To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=_instant(str(message["Date"] or "")),
        text=str(body.get_content()) if body else "",
    )

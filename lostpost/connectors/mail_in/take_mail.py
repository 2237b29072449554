"""Take an e-mail for one recipient: all ways in end here."""

from __future__ import annotations

from django.utils import timezone

from lostpost.relay.addresses import Destination, NoSuchAddress, destination_of
from lostpost.relay.receive_mail import MailRefused, receive_mail


def take_mail(*, recipient: str, envelope_sender: str, raw: bytes) -> None:
    """Store an e-mail; whoever called may say that we have it once this returns.

    Raises: MailRefused, which has the status and the words for the sender's server.
    """
    destination = require_destination(recipient)
    receive_mail(destination=destination, envelope_sender=envelope_sender, raw=raw, now=timezone.now())


def require_destination(recipient: str) -> Destination:
    """Return who is written to. Raises MailRefused if it is nobody."""
    try:
        return destination_of(recipient)
    except NoSuchAddress as problem:
        raise MailRefused(550, str(problem)) from problem

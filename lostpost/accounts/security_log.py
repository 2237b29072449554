"""The security log: who did what, from where, with what outcome; as immutable rows and as log lines.

It holds ids, network addresses and names of logins and shops; no secrets, no links with a token, no customers' names.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from django.db import models
from django.db.models import Index
from django.db.models.functions import Now

from lostpost.accounts.origin import Origin, current_origin

logger = logging.getLogger("lostpost.security")

DONE, REFUSED = "done", "refused"
_LONGEST = 300


class SecurityEvent(models.Model):
    """An event that matters for the security of the installation."""

    at = models.DateTimeField(db_default=Now())  # The database's clock: one order for all servers.
    event = models.CharField(max_length=40)  # `noun.past-verb`; one that was used means the same for ever.
    outcome = models.CharField(max_length=10)
    user_id = models.BigIntegerField(null=True)  # No relation: the row is kept when the login is deleted.
    user_name = models.CharField(max_length=150, blank=True)
    client_id = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    about = models.CharField(max_length=_LONGEST, blank=True)

    class Meta:
        indexes = [
            Index(fields=["at"], name="security_event_at"),
            Index(fields=["user_id", "at"], name="security_event_by"),
        ]


def record_security_event(event: str, *, outcome: str = DONE, about: str = "", origin: Origin | None = None) -> None:
    """Add a row, in the caller's transaction if there is one, and a log line.

    Args: `event`: such as "client.revoked". `about`: the object, by id or code. `origin`: if it is not the sender of
    the request.
    """
    sender = origin or current_origin.get()()
    log_security_event(event, outcome=outcome, about=about, origin=sender)
    SecurityEvent.objects.create(event=event, outcome=outcome, about=about[:_LONGEST], **_fitting(sender))


def log_security_event(event: str, *, outcome: str, about: str = "", origin: Origin | None = None) -> None:
    """Write only the log line: for events that anybody can cause without limit."""
    sender = origin or current_origin.get()()
    logger.log(
        logging.INFO if outcome == DONE else logging.WARNING,
        *("%s %s%s", event, outcome, f": {about}" if about else ""),
        extra={"event": event, "outcome": outcome, "about": about, **_fitting(sender)},
    )


def _fitting(origin: Origin) -> dict[str, Any]:
    """Return the origin's values, cut to the lengths of their columns."""
    lengths = {"user_name": 150, "client_id": 100, "address": 60, "request_id": 64}
    return {name: value[: lengths[name]] if name in lengths else value for name, value in asdict(origin).items()}

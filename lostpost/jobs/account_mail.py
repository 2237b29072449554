"""The jobs about logins: their letters, and what is cleared away."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.accounts.account_mail import SEND_ACCOUNT_MAIL
from lostpost.accounts.attempts import FORGOTTEN_AFTER
from lostpost.accounts.models import AttemptCount
from lostpost.accounts.security_log import SecurityEvent
from lostpost.connectors.account_mail.letters import letters

logger = logging.getLogger("lostpost.mail")

SECURITY_LOG_DAYS = 400  # A year, and time to look into the last days of it.
TRIES = RetryStrategy(max_attempts=8, exponential_wait=4)  # For about a day; the user can ask again.


@app.task(name=SEND_ACCOUNT_MAIL, queue="mail", retry=TRIES)
def send_account_mail(kind: str, to: str, user: int | None, language: str, about: dict[str, str]) -> None:
    """Send an e-mail about a login, with a fresh link."""
    written = letters(kind=kind, to=to, user_id=user, language=language, about=about)
    for letter in written:
        letter.send()
    logger.info("letter “%s” to %d logins sent", kind, len(written))


@app.periodic(cron="37 3 * * *")
@app.task(name="account-mail.clear-away", queue="upkeep")
def delete_expired_account_rows(timestamp: int) -> None:
    """Delete expired sessions, expired counts of failed logins, and old rows of the security log."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    AttemptCount.objects.filter(failed_at__lt=now - FORGOTTEN_AFTER).delete()
    SecurityEvent.objects.filter(at__lt=now - timedelta(days=SECURITY_LOG_DAYS)).delete()

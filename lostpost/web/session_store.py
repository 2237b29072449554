"""The sessions of people, in the database: read with each page, so spelled as SQL once."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from lostpost.core.kept_query import KeptQuery

_SESSION = KeptQuery(
    lambda session_key, now: Session.objects.filter(session_key=session_key, expire_date__gt=now),
    session_key=str,
    now=datetime,
)


class SessionStore(db.SessionStore):
    """Django's own, but for how it looks a session up."""

    def _get_session_from_db(self) -> Session | None:
        for session in _SESSION(session_key=self.session_key or "", now=timezone.now()):
            return session
        self._session_key = None
        return None

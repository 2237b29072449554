"""Forget how many requests were sent in minutes that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from lostpost.accounts.models import RequestCount

KEPT_HOURS = 1  # Far longer than any server's clock is behind.


def forget_counts(*, now: datetime) -> int:
    """Delete the counts of who has sent nothing for an hour; return how many. The next request counts from 1."""
    return RequestCount.objects.filter(minute__lt=now - timedelta(hours=KEPT_HOURS)).delete()[0]

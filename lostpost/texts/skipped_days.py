"""The days that a clock leaves out, in words: weekends and holidays by their names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo

from babel.lists import format_list
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.customer_queries.clock_hours import SATURDAY, days_skipped
from lostpost.customer_queries.free_days import FreeDays
from lostpost.customer_queries.models import CustomerQuery


def skipped_text(query: CustomerQuery, free_days: FreeDays, *, zone: tzinfo) -> str:
    """Write what the clock of a query's answer leaves out, “Saturday, Sunday and Easter Monday”; empty for nothing.

    Args: `free_days`: of the version by which its deadline was reckoned.
    """
    since, until = query.unanswered_since, query.answer_due_at
    if since is None or until is None:
        return ""
    return days_text(days_skipped(since, until, free_days=free_days, zone=zone), free_days)


def days_text(days: Sequence[date], free_days: FreeDays) -> str:
    """Write days by their names, each name once; empty for none."""
    language = get_language() or "en"
    names = [
        date_format(day, "l") if day.weekday() >= SATURDAY else free_days.name_on(day, language) or _("a holiday")
        for day in days
    ]
    return format_list(list(dict.fromkeys(names)), locale=language.replace("-", "_")) if names else ""

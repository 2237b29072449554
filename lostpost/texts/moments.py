"""How sentences write moments and lengths of time: as people at work say them, in the current language and zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def instant_text(when: datetime) -> str:
    """Write an instant: “today 09:12”, “Tue 3 Mar 14:32”."""
    local, now = timezone.localtime(when), timezone.localtime(timezone.now())
    clock = date_format(local, "H:i")
    if local.date() == now.date():
        return _("today %(time)s") % {"time": clock}
    if local.date() == now.date() - DAY:
        return _("yesterday %(time)s") % {"time": clock}
    if local.date() == now.date() + DAY:
        return _("tomorrow %(time)s") % {"time": clock}
    return f"{day_text(local)} {clock}"


def at_text(when: datetime) -> str:
    """Write when something was done, to stand in a sentence: “at 09:12” for today, else “on Tue 3 Mar at 14:32”."""
    local = timezone.localtime(when)
    clock = date_format(local, "H:i")
    if local.date() == timezone.localtime(timezone.now()).date():
        return _("at %(time)s") % {"time": clock}
    return _("on %(day)s at %(time)s") % {"day": day_text(local), "time": clock}


def day_text(when: date | datetime) -> str:
    """Write a day: “Tue 3 Mar”, with the year where it is not this one."""
    day = timezone.localtime(when).date() if isinstance(when, datetime) else when
    return _day_text(day, get_language(), this_year=day.year == timezone.localtime(timezone.now()).year)


def long_day_text(day: date) -> str:
    """Write a day in full: “Tuesday 3 March 2026”."""
    return _long_day_text(day, get_language())


# Lists say the same few days over and over, and each is put together of several translations.
@lru_cache(maxsize=2000)
def _day_text(day: date, _language: str | None, *, this_year: bool) -> str:
    # Translators: Django's date format letters; D and M are the short names of day and month.
    of_this_year, of_other_year = pgettext("date format", "D j M"), pgettext("date format", "D j M Y")
    return date_format(day, of_this_year if this_year else of_other_year)


@lru_cache(maxsize=2000)
def _long_day_text(day: date, _language: str | None) -> str:
    return date_format(day, pgettext("date format", "l j F Y"))


def exact_instant_text(when: datetime) -> str:
    """Write an instant to the second, with its zone's abbreviation and name."""
    local, zone = timezone.localtime(when), timezone.get_current_timezone_name()
    return f"{long_day_text(local.date())} {date_format(local, 'H:i:s')} {date_format(local, 'T')} ({zone})"


def span_text(passed: timedelta, *, parts: int = 2, hours_until: timedelta = DAY) -> str:
    """Write a length of time in days and hours, or hours, or minutes; never longer than it was."""
    passed = max(passed, timedelta())
    if passed < HOUR:
        minutes = passed // MINUTE
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if passed < hours_until:
        return pgettext("hours, short", "%(n)d h") % {"n": passed // HOUR}
    days, rest = divmod(passed, DAY)
    text = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if parts > 1 and rest >= HOUR:
        text += " " + pgettext("hours, short", "%(n)d h") % {"n": rest // HOUR}
    return text


def silence_text(silent: timedelta) -> str:
    """Write how long nothing was heard, as people count it: “3 days 4 h silent”."""
    return _("%(span)s silent") % {"span": span_text(silent)}

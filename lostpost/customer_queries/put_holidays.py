"""Put in the public holidays of a country: another version of its list, which counts from then on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.core.errors import Rejected
from lostpost.core.sql import execute
from lostpost.core.text import is_blank
from lostpost.customer_queries.free_days import current_free_days
from lostpost.customer_queries.models import HolidayList

YEARS_MAX = 30
_LONGEST_NAME = 100


@transaction.atomic(durable=True)
def put_holidays(
    *, country: str, days: Mapping[date, Mapping[str, str]], source: str, by: str, now: datetime
) -> HolidayList:
    """Keep the holidays of whole years as the next version of a country's list; other years stay as they were.

    Deadlines that customers were given before keep the version that they have.

    Args: `country`: ISO 3166-1 alpha-2. `days`: all holidays of each year that one of them is in, with their names by
    language; "": in any. `source`: where they are from.
    Raises: Rejected for no days, days without a name, too many years, or if nothing would change.
    """
    execute("SELECT pg_advisory_xact_lock(hashtextextended('holidays', 0))", ())
    years = {day.year for day in days}
    if not years:
        raise Rejected(_("Give the days; a year without any is one that nobody has looked up."))
    nameless = next((day for day, names in days.items() if not names or any(map(is_blank, names.values()))), None)
    if nameless:
        raise Rejected(_("%(day)s has no name. It is said to sellers: give it one.") % {"day": nameless})
    before = current_free_days(country)
    kept = {day: names for day, names in before.listed.items() if day.year not in years}
    listed = {**kept, **days}
    if len({day.year for day in listed}) > YEARS_MAX:
        raise Rejected(_("A list has %(most)d years at most.") % {"most": YEARS_MAX})
    if listed == before.listed:
        raise Rejected(_("The list has these days already; nothing was changed."))
    return HolidayList.objects.create(
        country=country,
        version=before.version + 1,
        days={
            day.isoformat(): {language: name[:_LONGEST_NAME] for language, name in listed[day].items()}
            for day in sorted(listed)
        },
        source=source[:200],
        decided_by=by[:200],
        decided_at=now,
    )

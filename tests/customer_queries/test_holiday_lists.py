"""Holidays by numbered lists: which counts, what a deadline keeps, and what is said of the days that a clock skips."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from lostpost.core.errors import Rejected
from lostpost.customer_queries.clock_hours import days_skipped, is_working_hour, late_before, late_from
from lostpost.customer_queries.free_days import FreeDays, current_free_days, days_that_come_along
from lostpost.customer_queries.models import CustomerQuery, HolidayList
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.put_holidays import put_holidays
from lostpost.customer_queries.receive_message import receive_message
from lostpost.texts.skipped_days import days_text
from tests.cast import row_counts, silent_parcel
from tests.portal.pages import Site

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
THURSDAY = datetime(2026, 4, 2, 18, 0, tzinfo=UTC)  # 20:00 before Good Friday.
LIBERATION = {date(2026, 5, 5): {"nl": "Bevrijdingsdag", "en": "Liberation Day"}}


def put(days, *, country="NL"):
    return put_holidays(country=country, days=days, source="a test", by="Otto", now=THURSDAY)


def late(since, free_days):
    return late_from(since, country="NL", zone=AMSTERDAM, free_days=free_days).astimezone(AMSTERDAM)


def hour_before(now, free_days):
    return late_before(now, country="NL", zone=AMSTERDAM, promised=HOUR, free_days=free_days)


def test_the_days_that_come_along_count_until_a_list_is_put_in_for_their_year():
    assert current_free_days("NL") == FreeDays("NL")
    assert f"{late(THURSDAY, FreeDays('NL')):%d %H:%M}" == "07 14:00"  # Over Good Friday and Easter.

    row = put(LIBERATION)

    listed = current_free_days("NL")
    assert (row.version, listed.version, current_free_days("BE").version) == (1, 1, 0)
    assert date(2026, 5, 5) in listed
    assert date(2026, 4, 3) not in listed  # Of that year only what the list has.
    assert date(2027, 4, 27) in listed  # Another year has those that come along.
    assert f"{late(THURSDAY, listed):%d %H:%M}" == "03 14:00"
    fifth = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
    assert hour_before(fifth, FreeDays("NL")) == fifth - HOUR
    assert hour_before(fifth, listed) == datetime(2026, 5, 4, 21, 0, tzinfo=UTC)
    assert is_working_hour(fifth, free_days=FreeDays("NL"), zone=AMSTERDAM)
    assert not is_working_hour(fifth, free_days=listed, zone=AMSTERDAM)


def test_another_year_is_added_and_the_same_year_replaced():
    put(LIBERATION)
    put({date(2027, 5, 5): {"": "Bevrijdingsdag"}})
    put({date(2026, 12, 25): {"": "Kerst"}})
    assert sorted(current_free_days("NL").listed) == [date(2026, 12, 25), date(2027, 5, 5)]
    assert list(HolidayList.objects.order_by("version").values_list("version", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize(
    "days",
    [{}, {date(2026, 5, 5): {}}, {date(2026, 5, 5): {"nl": " "}}, {date(2000 + n, 1, 1): {"": "x"} for n in range(31)}],
)
def test_what_is_no_list_leaves_nothing(days):
    put(LIBERATION)
    before = row_counts()
    with pytest.raises(Rejected):
        put(days)
    with pytest.raises(Rejected, match="already"):
        put(LIBERATION)
    assert row_counts() == before


def test_a_deadline_keeps_the_list_by_which_it_was_set(anna):
    query = silent_parcel(anna, now=THURSDAY)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=THURSDAY)
    promised = CustomerQuery.objects.get(seller_id=anna.seller_id, id=query.id)
    put(LIBERATION)
    on = date(2026, 4, 9)
    put_aside(number=query.number, state="follow_up_later", follow_up_on=on, by=anna, now=THURSDAY + HOUR / 2)
    query.refresh_from_db()
    assert (query.answer_due_at, query.holidays_version) == (promised.answer_due_at, 0)

    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=THURSDAY + HOUR)

    query.refresh_from_db()
    assert query.holidays_version == 1
    assert query.answer_due_at == datetime(2026, 4, 3, 15, 0, tzinfo=AMSTERDAM)


def test_the_days_that_a_clock_skips_are_named():
    free = FreeDays("NL")
    days = days_skipped(THURSDAY, late(THURSDAY, free), free_days=free, zone=AMSTERDAM)
    assert [day.day for day in days] == [3, 4, 5, 6]
    with translation.override("en"):
        assert days_text(days, free) == "Good Friday, Saturday, Sunday, and Easter Monday"
        listed = FreeDays("NL", 1, {date(2026, 5, 5): {"": "Bevrijdingsdag"}})
        assert days_text([date(2026, 5, 5)], listed) == "Bevrijdingsdag"
        assert days_text(days, FreeDays("ZZ")) == "a holiday, Saturday, and Sunday"
    with translation.override("nl"):
        assert days_text(days, free) == "Goede vrijdag, zaterdag, zondag en Tweede paasdag"
    assert days_text([], free) == ""


def test_list_and_page_say_what_the_clock_skips(anna, client):
    query = silent_parcel(anna, now=THURSDAY)
    put(days_that_come_along("NL", 2026))
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=THURSDAY)
    site = Site(client, anna)
    skipped = "Good Friday, Saturday, Sunday, and Easter Monday"
    assert f"skips {skipped}" in site.get("/shops/lampenhuis/customer-queries/").text
    assert f"The clock skips {skipped}. List of holidays 1." in site.get(site.query(query)).text


def test_the_command_takes_years_and_files_and_shows_what_counts(tmp_path):
    def run(*words):
        out = StringIO()
        call_command("holidays", *words, stdout=out)
        return out.getvalue()

    assert "Nobody has put in a list" in run("NL")
    assert "List 1 of NL counts from now on: 10 days." in run("nl", "--take", "2026")
    assert "Easter Monday" in str(HolidayList.objects.get().days)
    file = tmp_path / "days.csv"
    file.write_text("2026-05-05,Bevrijdingsdag\n", "utf-8")
    assert "List 2 of NL" in run("NL", "--file", str(file))
    assert "List 2 of NL" in run("NL")
    before = row_counts()
    for text, problem in [
        ("5 mei,Bevrijdingsdag", "line 1"),
        ("2026-05-05", "line 1"),
        ("2026-05-05,a\n2026-05-05,b", "line 2"),
        ("2026-05-05, ", "no name"),
        ("", "Give the days"),
    ]:
        file.write_text(text, "utf-8")
        with pytest.raises(CommandError, match=problem):
            run("NL", "--file", str(file))
    for words, problem in [("NLD", "no country"), ("NL --take 1900", "no year"), ("ZZ --take 2026", "Give")]:
        with pytest.raises(CommandError, match=problem):
            run(*words.split())
    assert row_counts() == before

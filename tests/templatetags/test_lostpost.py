"""How pages write money and time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from lostpost.templatetags import lostpost as tags

NOW = datetime(2026, 3, 6, 17, 32, tzinfo=UTC)  # Friday, 18:32 in Amsterdam.


@pytest.fixture(autouse=True)
def friday_evening_in_amsterdam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with timezone.override("Europe/Amsterdam"), translation.override("en"):
        yield


def test_an_instant_is_said_as_people_say_it_and_told_exactly_on_hover():
    written = tags.instant(datetime(2026, 3, 3, 13, 32, 5, tzinfo=UTC))
    assert ">Tue 3 Mar 14:32<" in written
    assert 'datetime="2026-03-03T14:32:05+01:00"' in written
    assert 'title="Tuesday 3 March 2026 14:32:05 CET (Europe/Amsterdam)"' in written


@pytest.mark.parametrize(
    ("hours", "said"), [(-1, "today 17:32"), (-20, "yesterday 22:32"), (10, "tomorrow 04:32"), (-9000, "2025")]
)
def test_days_near_today_have_names_and_other_years_their_number(hours, said):
    assert said in tags.instant(NOW + timedelta(hours=hours))


def test_an_instant_that_a_decision_rests_on_is_reached_by_keyboard_and_says_when_we_learned_it():
    written = tags.exact(NOW - timedelta(days=1), learned=NOW)
    assert 'tabindex="0"' in written
    assert "we heard of it Friday 6 March 2026 18:32:00 CET" in written


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(days=3, hours=4, minutes=59), "3 days 4 h silent"),
        (timedelta(days=1), "1 day silent"),
        (timedelta(hours=5), "5 h silent"),
        (timedelta(minutes=1), "1 minute silent"),
        (timedelta(minutes=-5), "0 minutes silent"),
    ],
)
def test_silence_is_counted_in_days_and_hours_and_never_said_longer_than_it_was(passed, said):
    assert tags.silence(passed) == said
    assert f">{said}<" in str(tags.silence(NOW - passed))


def test_waiting_is_counted_in_hours_until_the_second_day_is_over():
    assert tags.waited(timedelta(hours=26)) == "26 h"
    assert tags.waited(timedelta(hours=50)) == "2 days"


def test_a_day_needs_no_clock():
    assert ">Sun 8 Mar<" in tags.day(date(2026, 3, 8))


def test_money_is_written_as_the_reader_writes_it():
    assert "€39.95" in tags.money(3995, "EUR")
    with translation.override("nl"):
        assert "€\N{NO-BREAK SPACE}39,95" in tags.money(3995, "EUR")
    assert "¥400" in tags.money(400, "JPY")


def test_a_change_of_money_shows_its_sign_both_ways():
    assert "\N{MINUS SIGN}\N{NO-BREAK SPACE}€39.95" in tags.money_change(-3995, "EUR")
    assert "+\N{NO-BREAK SPACE}€4.79" in tags.money_change(479, "EUR")
    assert ">€0.00<" in tags.money_change(0, "EUR")


def test_a_bank_account_is_written_as_banks_do():
    assert tags.in_fours("NL91ABNA0417164300") == "NL91 ABNA 0417 1643 00"
    assert tags.in_fours("") == ""


@pytest.mark.parametrize("filter_", [tags.instant, tags.day, tags.ago, tags.silence, tags.waited])
def test_what_is_not_known_is_not_written(filter_):
    assert filter_(None) == filter_("") == ""
    assert tags.money(None, "EUR") == tags.money("", "EUR") == ""


def test_people_are_named_in_the_readers_language_and_unknown_codes_stay_as_they_are():
    assert tags.language_name("nl") == "Dutch"
    assert tags.country_name("BE") == "Belgium"
    assert tags.country_name("??") == "??"
    with translation.override("nl"):
        assert tags.country_name("BE") == "België"

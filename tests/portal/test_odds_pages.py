"""Arrival odds where a seller decides: on the radar and on the write-off screen."""

from __future__ import annotations

import pytest
from django.utils import timezone

from lostpost.jobs.silences import mark_silent_parcels_of_all
from lostpost.tracking.refresh_silences import counted_silences, keep_silence_counts
from tests.cast import silent_parcel, user_of
from tests.insight.test_arrival_odds import many


@pytest.mark.django_db
def test_the_radar_links_each_parcel_to_its_odds_which_stand_there_once(client, anna):
    now = timezone.now()
    for quiet_days in (3.2, 3.4):
        silent_parcel(anna, quiet_days=quiet_days, now=now, number=f"R-{quiet_days}")
    many(anna, country="NL", delivered=20, still_open=40, now=now)
    keep_silence_counts(counts=counted_silences(until=now))
    mark_silent_parcels_of_all(0)
    client.force_login(user_of(anna))
    page = client.get("/shops/lampenhuis/silent-parcels/").content.decode()
    assert page.count('href="#odds-1"') == 2
    assert page.count('id="odds-1"') == page.count('<svg class="odds"') == 1


@pytest.mark.django_db
def test_the_write_off_screen_says_the_odds_with_a_curve_and_its_table(client, anna):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=3.5, now=now)
    many(anna, country="NL", delivered=20, still_open=40, now=now)
    keep_silence_counts(counts=counted_silences(until=now))
    client.force_login(user_of(anna))
    page = client.get(f"/shops/lampenhuis/customer-queries/{query.number}/write-off/").content.decode()
    assert "Of 60 DPD parcels (destination: Netherlands) that were silent for 3 days, 33% still came" in page
    assert '<svg class="odds"' in page
    assert "23% – 47%" in page

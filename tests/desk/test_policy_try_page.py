"""The desk tries other values of the policy: in sentences, in a picture that says what it shows, and in a table."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, row_counts, silent_parcel, user_of
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db


def test_the_page_shows_what_values_would_have_changed_and_changes_nothing(anna, pia):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=4, now=now)
    write_off(query=query.number, selection=all_of(query), by=anna, key="for-the-page", now=now)
    client = Client()
    client.force_login(user_of(pia))
    today = now.date().isoformat()
    tried = {"since": "2026-01-01", "until": today, "carrier": ""}
    before = row_counts()

    page = Read(client.get("/desk/policy/try/", {**tried, "quiet_days": "9"}))
    same = Read(client.get("/desk/policy/try/", {**tried, "quiet_days": "3"}))
    wrong = Read(client.get("/desk/policy/try/", {**tried, "order_age_days_max": "9", "carrier": "DPD"}))

    asked = Read(client.get("/desk/policy/try/", headers={"accept-language": "nl"}))

    assert f'type="date" name="until" value="{timezone.localdate()}"' in asked.html
    assert "1 of 1 written-off parcels would not have been written off then." in page.text
    assert 'role="img" aria-label="Customers by the days that they would have waited longer. Half of them' in page.html
    assert "Days longer Parcels 5 1" in page.text
    assert (same.status, wrong.status) == (422, 422)
    assert "cannot be tried for a carrier" in wrong.text
    assert row_counts() == before

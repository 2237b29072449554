"""The desk sees the policy in force, what holds for some parcels only, and how it came about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.accounts.policy import change_policy
from tests.cast import NOW, user_of
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db


def test_the_desk_sees_the_policy_its_windows_and_its_history(client, pia):
    client.force_login(user_of(pia))
    assert "The defaults are in force" in Read(client.get("/desk/policy/")).text
    peak = {"name": "quiet_days", "value": 7, "country": "DE", "first_on": "2026-11-15", "last_on": "2027-01-10"}
    change_policy(values={"windows": [peak]}, reason="Peak season", by="Olga", now=NOW)
    change_policy(values={"pickup_days": 21}, reason="Lockers", by="Otto", now=NOW + timedelta(days=1))
    text = Read(client.get("/desk/policy/")).text
    assert "Version 2 is in force" in text
    assert "quiet_days = 7 days of 24 hours since the last update of a tracked parcel all DE 15 Nov 2026" in text
    for line in ("Version 2, Otto", "Lockers pickup_days: 14 → 21", "Version 1, Olga", "Peak season quiet_days=7"):
        assert line in text

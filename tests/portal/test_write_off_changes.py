"""The write-off screen and what changed since it was shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor
from tests.cast import (
    row_counts,
    silent_parcel,
)
from tests.portal.pages import Site
from tests.portal.write_off_pages import checked, policy_changes, return_comes, scan_comes, screen, somebody_was_faster


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


@pytest.mark.parametrize("change", [scan_comes, somebody_was_faster, return_comes, policy_changes])
def test_changes_since_the_screen_are_shown_before_the_last_page(site, anna, change):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    page = screen(site, query)
    sentence = change(query, anna)
    before = row_counts()

    shown = checked(site, page, {f"{query.order.number}-P1/1": "1"})

    assert shown.status == 409
    assert sentence in shown.text
    own = change is somebody_was_faster
    heading = "You wrote this off already" if own else "Something changed in the meantime; nothing was written off"
    assert heading in shown.text
    assert ("unit" in shown.form("/check/").filled()) == (change not in (somebody_was_faster, scan_comes))
    assert row_counts() == before
    assert checked(site, screen(site, query), {}).status == 422  # Looked at again, it goes on from the new state.


def test_time_alone_is_no_change(site, anna, monkeypatch):
    query = silent_parcel(anna, now=timezone.now())
    page = screen(site, query)
    later = timezone.now() + timedelta(hours=5)
    monkeypatch.setattr("lostpost.portal.write_offs.timezone.now", lambda: later)
    assert checked(site, page, {f"{query.order.number}-P1/1": "1"}).status == 200


def test_an_invented_state_of_the_screen_is_no_error(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = screen(site, query).form("/check/")
    for made_up in ("", "nonsense", "a:b:c", "\x00", "x" * 10_000):
        sent = form.filled(unit=f"{query.order.number}-P1/1", step="continue", token=made_up)
        assert site.post(form.action, sent).status == 200


def test_a_get_of_the_check_redirects_to_the_screen(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    for part in ("check/", "confirm/"):
        assert site.client.get(site.query(query, f"write-off/{part}")).headers["Location"] == site.query(
            query, "write-off/"
        )

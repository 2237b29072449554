"""An owner tells a partner's program of events: by keyboard, on a phone, without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lostpost.accounts.actor import Actor
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import newest_secret
from tests.journeys.conftest import PHONE, OpenAs


@pytest.mark.parametrize("script", [True, False])
def test_an_address_is_registered_and_removed(anna: Actor, open_as: OpenAs, script: bool) -> None:
    page = open_as(anna, size=PHONE, script=script)
    page.goto("/shops/lampenhuis/")
    page.get_by_text("Anna").locator("xpath=ancestor::summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Webhooks").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your events are sent nowhere")).to_be_visible()

    page.get_by_label("Name").focus()
    page.keyboard.type("bookkeeping")
    page.keyboard.press("Tab")
    page.keyboard.type("https://1.1.1.1/hook")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="“bookkeeping” is registered")).to_be_visible()
    expect(page.get_by_text(newest_secret(Webhook.objects.get()), exact=True)).to_be_visible()
    page.get_by_role("link", name="bookkeeping").press("Enter")
    page.get_by_role("link", name="Remove this webhook").press("Enter")
    expect(page.get_by_role("heading", name="This action cannot be undone.")).to_be_visible()
    page.get_by_role("button", name="Remove").press("Enter")
    expect(page.get_by_text("“bookkeeping” is removed")).to_be_visible()
    assert not Webhook.objects.exists()

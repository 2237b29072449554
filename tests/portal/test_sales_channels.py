"""An owner connects a platform, sees how it fares and what was refused, and takes it away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lostpost.sales_channels.models import RefusedRecord, SalesChannel
from lostpost.sales_channels.put_sales_channel import channel_credentials
from lostpost.sales_channels.runs import RecordRefusal, StepOutcome, claim_run, fail_run, keep_step
from tests.connectors.sales_channels.bol_server import BolServer, bol_server
from tests.portal.pages import Site

pytestmark = pytest.mark.django_db
URL = "/shops/lampenhuis/sales-channels/"
SENT = {"platform": "bol", "client_id": "id-1", "client_secret": "secret-1", "prefix": ""}


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


@pytest.fixture(scope="module")
def server():
    with bol_server(BolServer()) as answering:
        yield answering


@pytest.fixture
def bol(server, settings):
    settings.LOSTPOST_BOL_URL, settings.LOSTPOST_BOL_LOGIN_URL = server.url, f"{server.url}/token"
    return server


def page_of(channel):
    return f"{URL}{channel.id}/"


def test_a_platform_is_connected_tested_paused_and_removed(site, bol):
    assert "Nothing is fetched yet" in site.get(URL).text
    page = site.post(URL, SENT)
    assert "bol is connected; the first run begins within minutes." in page.text
    row = SalesChannel.objects.get()
    assert channel_credentials(row)["client_secret"] == "secret-1"
    assert "secret-1" not in page.text

    assert "bol answers, and accepts the credentials." in site.post(page_of(row), {"step": "test"}).text
    bol.secret, known = "Basic another", bol.secret
    SalesChannel.objects.update(token="")
    assert "The key is refused" in site.post(page_of(row), {"step": "test"}).text
    bol.secret = known

    assert "Nothing is fetched until it is resumed" in site.post(page_of(row), {"step": "pause"}).text
    assert claim_run(seller_id=row.seller_id, channel_id=row.id, now=timezone.now(), early=True) is None
    assert "Pause" in site.post(page_of(row), {"step": "resume"}).text

    assert "This action cannot be undone." in site.get(f"{page_of(row)}remove/").text
    assert "bol is removed" in site.post(f"{page_of(row)}remove/", {}).text
    assert not SalesChannel.objects.exists()


def test_what_is_missing_is_said_and_changes_nothing(site):
    page = site.post(URL, {**SENT, "client_secret": ""})
    assert "Copy it from the platform." in page.text
    assert "Choose a platform." in site.post(URL, {}).text
    assert "A prefix has up to 16 letters" in site.post(URL, {**SENT, "prefix": "-"}).text
    assert not SalesChannel.objects.exists()


def test_it_shows_what_fails_and_what_was_refused_and_fetches_it_again(site):
    site.post(URL, SENT)
    now = timezone.now()
    row = claim_run(seller_id=SalesChannel.objects.get().seller_id, channel_id=SalesChannel.objects.get().id, now=now)
    assert row
    refusal = RecordRefusal("order", "123", "123", "geen prijs van regel 2")
    keep_step(channel=row, progress={}, outcome=StepOutcome(refusals=[refusal]), now=now)
    fail_run(channel=row, problem="unreachable", detail="HTTP 503", now=now)

    assert "It cannot be reached" in site.get(URL).text
    page = site.get(page_of(row))
    assert "geen prijs van regel 2" in page.text
    assert "HTTP 503" in page.text
    assert RefusedRecord.objects.get().retry_at > now + timedelta(hours=5)
    assert "fetched again within minutes" in site.post(page_of(row), {"step": "retry"}).text
    assert RefusedRecord.objects.get().retry_at < now + timedelta(minutes=5)


def test_other_credentials_are_of_the_same_account(site):
    site.post(URL, SENT)
    row = SalesChannel.objects.get()
    new = {"step": "credentials", "client_id": "id-1", "client_secret": "secret-2"}
    assert "another account" in site.post(page_of(row), {**new, "client_id": "id-2"}).text
    site.post(page_of(row), new)
    assert channel_credentials(SalesChannel.objects.get())["client_secret"] == "secret-2"

"""The desk sees whether the scans of each carrier reach us, and lets write-offs through with a reason."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from lostpost.carrier_feeds.models import CarrierFeed, SilentFeed
from tests.api.machine import a_machine_of, a_platform
from tests.cast import a_silent_feed, user_of
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db
PAGE = "/desk/carrier-feeds/"


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


def test_the_desk_sees_each_carrier_and_lets_a_silent_one_through(desk):
    now = timezone.now()
    a_silent_feed("DPD", now=now)
    for carrier, state in (("PostNL", "steady"), ("GLS", "too-few"), ("UPS", "learning"), ("DHL", "fewer")):
        CarrierFeed.objects.create(
            carrier_normalised=carrier.lower(), carrier=carrier, state=state, usual_week=900, checked_at=now
        )
    page = Read(desk.get(PAGE))
    places = [page.text.index(carrier) for carrier in ("DPD", "DHL", "PostNL", "UPS", "GLS")]
    assert places == sorted(places), "what needs somebody first"
    assert "in 4 hours 1 came, and some 80 were to be expected" in page.text
    assert "less than once in 1,000,000,000 times" in page.text
    assert "Fewer than 200 scans a week" in page.text
    assert "Scans are missing: DPD" in Read(desk.get("/desk/requests/")).text

    (form,) = [form for form in page.forms if "reason" in form.filled()]
    refused = Read(desk.post(PAGE, form.filled(reason=" ")))
    assert refused.response.status_code == 422
    assert "Give a reason" in refused.text
    lifted = Read(desk.post(PAGE, form.filled(reason="They are on strike.", days="3"), follow=True))

    assert "lets write-offs through until" in lifted.text
    assert "“They are on strike.”" in lifted.text
    silent = SilentFeed.objects.get()
    assert silent.lifted_until
    assert timedelta(days=3) - timedelta(minutes=1) < silent.lifted_until - now < timedelta(days=3, minutes=1)


def test_a_platform_and_the_operator_are_told(anna):
    now = timezone.now()
    a_silent_feed("DPD", now=now)
    (item,) = a_platform().call("get", "/carrier-feeds").json()["items"]
    assert (item["carrier"], item["state"], item["silence"]["expected"]) == ("DPD", "silent", 80)
    assert a_machine_of("lampenhuis").call("get", "/carrier-feeds").status_code == 403
    SilentFeed.objects.update(lifted_until=now + timedelta(days=1), lifts=[{"by": "Otto", "reason": "A strike"}])
    (item,) = a_platform().call("get", "/carrier-feeds").json()["items"]
    assert (item["state"], item["silence"]["lifted_by"]) == ("lifted", "Otto")
    output = StringIO()
    call_command("check", stdout=output)
    assert "1 with scans; SCANS MISSING: DPD since " in output.getvalue()

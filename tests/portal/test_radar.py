"""The silent parcels as their shop, the desk and programs see them."""

from __future__ import annotations

import csv
import re
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from lostpost.jobs.silences import mark_silent_parcels_of_all
from tests.api.machine import a_machine_of, a_platform
from tests.cast import a_parcel, a_query, a_scan, an_item, an_order, user_of
from tests.portal.pages import Read, Site

RADAR = "/shops/lampenhuis/silent-parcels/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def marketplace(anna, carla, now):
    """Three silent parcels of Anna's, about one of which there is a query, one of Carla's, and one still too recent."""
    for number, days, title in (("S-1", 5.0, "Lamp"), ("S-2", 4.0, "=1+1"), ("S-3", 6.0, "Shade")):
        order = an_order(anna.seller, an_item(title=title), number=number, placed_days=12, now=now)
        a_scan(a_parcel(order, shipped_days=9, now=now), days=days, now=now)
        if number == "S-3":
            a_query(order, anna, now=now)
    a_parcel(an_order(carla.seller, number="C-1", now=now), shipped_days=9, now=now)
    a_parcel(an_order(anna.seller, number="N-1", now=now), shipped_days=2, now=now)
    mark_silent_parcels_of_all(0)


def numbers(page):
    return list(dict.fromkeys(re.findall(r"\b[SCN]-\d\b(?!-)", page.text)))


def shown(client, path, **filters):
    return Read(client.get(f"{path}?{urlencode(filters)}"))


@pytest.mark.usefixtures("marketplace")
def test_a_shop_sees_its_silent_parcels_and_writes_to_the_customer_with_one_press(client, anna):
    page = Site(client, anna).get(RADAR)
    assert numbers(page) == ["S-2", "S-1", "S-3"]
    assert "Eligible 5 days silent" in page.text
    assert "€25.00" in page.text
    assert "claim at the carrier by" in page.text
    assert "the first 10000 parcels at most" in page.text
    contact = "/shops/lampenhuis/orders/S-2/contact/?template=silent"
    assert next(link for link in page.links if link.endswith("?template=silent")) == contact
    assert any(re.fullmatch(r"/shops/lampenhuis/customer-queries/\d+/", link) for link in page.links)

    letter = Site(client, anna).get(contact)
    form = next(form for form in letter.forms if "message" in form.filled())
    assert form.filled()["message"][0]


@pytest.mark.usefixtures("marketplace")
def test_filters_and_states_are_links_and_fields(client, anna):
    client.force_login(user_of(anna))
    assert numbers(shown(client, RADAR, state="not-yet")) == ["N-1"]
    assert numbers(shown(client, RADAR, query="open")) == ["S-3"]
    assert numbers(shown(client, RADAR, carrier="dpd", query="none")) == ["S-2", "S-1"]
    none = shown(client, RADAR, carrier="GLS")
    assert "No silent parcel is of this kind" in none.text
    assert "?state=eligible" in none.links


@pytest.mark.usefixtures("marketplace")
def test_pages_of_the_list_follow_each_other(client, anna, monkeypatch):
    monkeypatch.setattr("lostpost.portal.radar.PAGE_SIZE", 2)
    site = Site(client, anna)
    first = site.get(RADAR)
    (following,) = [link for link in first.links if "after=" in link]
    assert numbers(first) == ["S-2", "S-1"]
    assert numbers(site.get(RADAR + following)) == ["S-3"]


@pytest.mark.usefixtures("marketplace")
def test_the_file_has_what_the_filters_leave_and_no_formula(client, anna):
    client.force_login(user_of(anna))
    answer = client.get(f"{RADAR}file/", {"query": "none"})
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert [(row["order_number"], row["value"], row["titles"]) for row in rows] == [
        ("S-2", "25.00", "'=1+1"),
        ("S-1", "25.00", "Lamp"),
    ]


def test_a_shop_with_no_silent_parcel_reads_why(client, anna):
    assert "No silent parcels" in Site(client, anna).get(RADAR).text


@pytest.mark.usefixtures("marketplace")
def test_the_desk_sees_all_shops_or_one(client, pia):
    client.force_login(user_of(pia))
    assert sorted(numbers(shown(client, "/desk/silent-parcels/"))) == ["C-1", "S-1", "S-2", "S-3"]
    page = shown(client, "/desk/silent-parcels/", seller="carlas-keramiek")
    assert numbers(page) == ["C-1"]
    assert "Of Carla's Keramiek only." in page.text
    assert shown(client, "/desk/silent-parcels/", seller="nobody").status == 404
    file = client.get("/desk/silent-parcels/file/", {"seller": "carlas-keramiek"})
    assert b"carlas-keramiek,C-1," in b"".join(file.streaming_content)


@pytest.mark.usefixtures("marketplace")
def test_programs_read_their_shops_parcels_and_the_platform_those_of_all():
    shop, platform = a_machine_of("lampenhuis"), a_platform()

    def orders(machine, **given):
        answer = machine.call("get", f"/radar?{urlencode(given)}")
        assert answer.status_code == 200, answer.content
        return [item["order_number"] for item in answer.json()["items"]]

    assert orders(shop) == ["S-2", "S-1", "S-3"]
    assert sorted(orders(platform)) == ["C-1", "S-1", "S-2", "S-3"]
    assert orders(platform, seller="carlas-keramiek") == ["C-1"]
    assert orders(shop, state="not-yet") == ["N-1"]
    assert orders(shop, customer_query="open") == ["S-3"]
    first = shop.call("get", "/radar?size=1").json()
    assert (first["items"][0]["value_minor"], first["items"][0]["claim_on"] is None) == (25_00, False)
    assert orders(shop, after=first["next"], size=1) == ["S-1"]
    assert shop.call("get", "/radar?seller=carlas-keramiek").status_code == 404

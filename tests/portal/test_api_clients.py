"""An owner lets programs act for the shop, and stops them."""

from __future__ import annotations

import base64

import pytest
from django.utils import timezone

from lostpost.accounts.make_client import create_client
from lostpost.accounts.models import ApiClient
from tests.portal.pages import Read, Site

pytestmark = pytest.mark.django_db

URL = "/shops/lampenhuis/api-clients/"


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


def make(site, name="Bookkeeping", may="read"):
    return site.post(URL, {"step": "make", "name": name, "may": may})


def signs_in(client, client_id, secret):
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    return client.post("/oauth/token", {"grant_type": "client_credentials"}, headers=headers)


def shown(page):
    """Read the id and the secret off the page."""
    facts = page.text.partition("Client id ")[2].split()
    return facts[0], facts[3]


def test_without_programs_the_page_says_what_they_are_for(site):
    page = site.get(URL)
    assert "No program acts for your shop" in page.text
    assert page.form(URL).filled(name="x")["may"] == ["read"]
    assert URL in site.get("/shops/lampenhuis/").links


def test_a_new_program_signs_in_with_the_secret_that_is_shown_once(site):
    page = make(site, "  Book   keeping ")
    client_id, secret = shown(page)

    token = signs_in(site.client, client_id, secret).json()
    assert token["scope"] == "seller:read"
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert site.client.get("/api/v1/orders", headers=bearer).status_code == 200
    row = ApiClient.objects.get()
    assert (row.name, row.read_only, row.made_by) == ("Book keeping", True, "Anna")
    again = site.get(URL)
    assert client_id in again.text
    assert secret not in again.html


def test_a_program_that_may_write_has_both_scopes(site):
    client_id, secret = shown(make(site, may="write"))
    assert set(signs_in(site.client, client_id, secret).json()["scope"].split()) == {"seller:read", "seller:write"}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": "", "may": "read"}, "Give the program a name"),
        ({"name": "x" * 201, "may": "read"}, "200 fit. Shorten it."),
        ({"name": "Mine", "may": ""}, "Choose what the program may do."),
        ({"name": "Mine", "may": "platform"}, "Choose what the program may do."),
        ({"name": "Mi\udcffne".encode("utf-8", "surrogatepass"), "may": "read"}, ""),
    ],
)
def test_missing_fields_are_named_and_nothing_is_created(site, sent, sentence):
    page = site.post(URL, {"step": "make", **sent})
    if sentence:
        assert page.status == 422
        assert sentence in page.text
        assert not ApiClient.objects.exists()
    assert page.status in (200, 422)


def test_the_same_form_again_creates_no_second_client(site):
    make(site)
    page = make(site)
    assert page.status == 422
    assert "There is a program “Bookkeeping” already" in page.text
    assert ApiClient.objects.count() == 1


def test_a_revoked_program_is_refused_at_once_and_its_name_is_free(site):
    client_id, secret = shown(make(site))
    token = signs_in(site.client, client_id, secret).json()["access_token"]

    page = site.post(URL, {"step": "revoke", "client_id": client_id})

    assert "“Bookkeeping” is let in no longer." in page.text
    assert "Revoked" in page.text
    answer = site.client.get("/api/v1/orders", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert signs_in(site.client, client_id, secret).status_code == 401
    assert make(site).status == 200


def test_another_shops_client_is_not_found(site, carla):
    credentials = create_client(name="Hers", seller=carla.seller, read_only=False, by="Carla", now=timezone.now())
    platform = create_client(name="Platform", seller=None, read_only=False, by="operator", now=timezone.now())

    page = site.get(URL)
    assert "Hers" not in page.text
    assert "Platform" not in page.text
    for client_id in (credentials.client_id, platform.client_id, "nobody", ""):
        assert site.post(URL, {"step": "revoke", "client_id": client_id}).status == 404
    assert not ApiClient.objects.exclude(revoked_at=None).exists()


@pytest.mark.parametrize("step", ["revoke", "rotate"])
def test_an_id_that_nobody_types_is_not_found(site, step):
    page = site.post(URL, {"step": step, "client_id": "\0" + "9" * 400})

    assert page.status == 404
    assert "There is no client" in page.text


def test_an_agent_has_no_link_to_it(client, bram):
    assert URL not in Site(client, bram).get("/shops/lampenhuis/").links


def test_a_programs_name_is_text(site):
    page = make(site, "<script>alert(1)</script>")
    assert "<script>alert" not in page.html
    assert "“<script>alert(1)</script>” can sign in now" in page.text
    assert isinstance(page, Read)

"""Where somebody who signed in goes: the one shop or desk that is theirs, or a choice."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import translation

from lostpost.accounts.models import Member
from lostpost.accounts.put_seller import SellerData, put_seller
from tests.cast import NOW, a_user, user_of
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db


def start(client, user):
    client.force_login(user)
    return client.get("/")


def test_a_user_with_one_shop_is_redirected_to_it(client, anna):
    assert start(client, user_of(anna)).headers["Location"] == "/shops/lampenhuis/"


def test_a_user_with_several_shops_chooses_and_sees_the_role(client, anna, carla):
    Member.objects.create(seller=carla.seller, user_id=anna.user_id, name="Anna", role=Member.Role.VIEWER)

    page = Read(start(client, user_of(anna)))

    assert page.status == 200
    assert "Choose a shop" in page.text
    assert "Lampenhuis you are owner" in page.text
    assert "Carla's Keramiek you are viewer" in page.text
    assert {"/shops/lampenhuis/", "/shops/carlas-keramiek/"} <= set(page.links)


@pytest.mark.parametrize(("who", "desk"), [("pia", "/desk/requests/"), ("fien", "/desk/refunds/")])
def test_staff_without_a_shop_are_at_their_desk_at_once(client, request, who, desk):
    assert start(client, user_of(request.getfixturevalue(who))).headers["Location"] == desk


def test_a_user_with_two_desks_or_a_shop_as_well_chooses(client, anna, pia):
    user_of(pia).groups.add(Group.objects.create(name="finance"))
    page = Read(start(client, user_of(pia)))
    assert {"/desk/requests/", "/desk/refunds/"} <= set(page.links)

    user_of(anna).groups.add(Group.objects.get(name="finance"))
    page = Read(start(client, user_of(anna)))
    assert {"/shops/lampenhuis/", "/desk/refunds/"} <= set(page.links)
    assert "/desk/requests/" not in page.links


def test_a_user_without_shop_or_desk_sees_whom_to_ask(client, db):
    page = Read(start(client, a_user("Nora")))
    assert page.status == 200
    assert "You belong to no shop yet" in page.text


def test_an_anonymous_user_is_asked_to_sign_in(client, db):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_a_shops_name_is_text(client, anna):
    put_seller(seller=SellerData("lampenhuis", "<script>alert(1)</script>"), now=NOW)
    page = Read(client.get("/") if client.force_login(user_of(anna)) else client.get("/shops/lampenhuis/"))
    assert "<script>alert" not in page.html
    assert "<script>alert(1)</script>" in page.text


def test_the_marketplaces_time_is_the_pages_time_and_no_others(client, anna):
    before = translation.get_language()
    client.force_login(user_of(anna))
    page = Read(client.get("/shops/lampenhuis/"))
    assert "All times are of Europe/Amsterdam." in page.text
    assert translation.get_language() == before

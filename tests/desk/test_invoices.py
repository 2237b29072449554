"""Finance sees what has to be paid out, what sellers owe and what was restored, and records what happened."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.restorations.models import Restoration
from tests.cast import row_counts, silent_parcel, user_of
from tests.portal.pages import Read
from tests.repo.money import a_found_parcel, invoices_until

pytestmark = pytest.mark.django_db
INVOICES, RESTORATIONS, CHECKS = "/desk/invoices/", "/desk/restorations/", "/desk/self-check/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk(client, fien):
    client.force_login(user_of(fien))
    return client


def get(client, path):
    return Read(client.get(path))


def invoiced(member, *, now, **values):
    silent_parcel(member, quiet_days=5, now=now, **values)
    return invoices_until(member, now=now, currency=values.get("currency", "EUR"))[-1]


def at(member, invoice):
    return f"{INVOICES}{member.seller.code}/{invoice.number}/"


def test_an_empty_list_says_so(desk):
    assert "Nothing to pay out" in get(desk, INVOICES).text
    assert "No seller owes anything" in get(desk, f"{INVOICES}?show=debts").text
    assert "Nothing was paid yet" in get(desk, f"{INVOICES}?show=paid").text
    assert "Nothing to pay out" in get(desk, f"{INVOICES}?show=nonsense").text
    assert "Nothing in this state" in get(desk, RESTORATIONS).text


def test_invoices_of_all_sellers_are_listed_with_sums(desk, anna, carla, now):
    hers = invoiced(anna, now=now, paid_minor=25_00, commission_minor=0)
    others = invoiced(carla, now=now, paid_minor=10_00, commission_minor=0)
    debt = invoiced(carla, now=now, paid_minor=0, commission_minor=100_00, currency="BRL")
    page = get(desk, INVOICES)
    assert {at(anna, hers), at(carla, others)} <= set(page.links)
    assert "€35.00 2 invoices" in page.text
    assert "To pay out 2 Debts of sellers 1 Paid" in page.text
    owed = get(desk, f"{INVOICES}?show=debts")
    assert at(carla, debt) in owed.links
    assert "The next invoice takes such a debt over by itself" in owed.text


def test_marking_one_paid_books_it_once(desk, anna, now):
    invoice = invoiced(anna, now=now)
    for _ in range(2):  # A double click.
        page = Read(desk.post(at(anna, invoice), {"reference": " BANK  7 "}, follow=True))
    assert page.response.redirect_chain == [(f"{INVOICES}?show=pay-out", 302)]
    assert "is marked as paid" in page.text
    invoice.refresh_from_db()
    assert (invoice.state, invoice.reference) == ("paid", "BANK 7")
    assert "Reference BANK 7" in get(desk, f"{INVOICES}?show=paid").text
    assert not get(desk, at(anna, invoice)).has_form(at(anna, invoice))
    before = row_counts()
    refused = Read(desk.post(at(anna, invoice), {"reference": "BANK 8"}))
    assert (refused.status, "is paid already" in refused.text) == (409, True)
    assert row_counts() == before


def test_without_a_reference_nothing_is_booked(desk, anna, now):
    invoice = invoiced(anna, now=now)
    before = row_counts()
    page = Read(desk.post(at(anna, invoice), {"reference": "  "}))
    assert (page.status, "Write down the reference of the payment" in page.text) == (422, True)
    assert row_counts() == before


def test_a_restoration_is_marked_paid_or_withdrawn(desk, anna, now):
    paid, given_up = a_found_parcel(anna, now=now), a_found_parcel(anna, now=now)
    page = get(desk, RESTORATIONS)
    url = f"{RESTORATIONS}lampenhuis/"
    assert {f"{url}{paid.number}/", f"{url}{given_up.number}/"} <= set(page.links)
    assert "I have it after all." in get(desk, f"{url}{paid.number}/").text

    page = Read(desk.post(f"{url}{paid.number}/", {"step": "paid", "reference": "tr_1"}, follow=True))
    assert "is marked as paid" in page.text
    page = Read(desk.post(f"{url}{given_up.number}/", {"step": "withdraw", "reason": "Sent back"}, follow=True))
    assert "is withdrawn" in page.text
    states = {restoration.number: restoration.state for restoration in Restoration.objects.all()}
    assert states == {paid.number: "received", given_up.number: "withdrawn"}
    assert paid.number in get(desk, f"{RESTORATIONS}?state=received").text
    before = row_counts()
    for sent in ({}, {"step": "paid", "reference": ""}, {"step": "withdraw", "reason": ""}):
        assert desk.post(f"{url}{given_up.number}/", sent).status_code in (409, 422)
    assert row_counts() == before


def test_any_shop_can_be_checked(desk, anna, carla, now):
    a_found_parcel(anna, now=now)
    page = get(desk, CHECKS)
    assert {f"{CHECKS}lampenhuis/", f"{CHECKS}carlas-keramiek/"} <= set(page.links)
    assert f"{CHECKS}lampenhuis/" not in get(desk, f"{CHECKS}?q=Keramiek").links
    assert "No shop matches" in get(desk, f"{CHECKS}?q=nobody").text
    assert get(desk, f"{CHECKS}?q=%00&after=%00").status == 200
    assert "Everything agrees" in get(desk, f"{CHECKS}lampenhuis/").text
    assert get(desk, f"{CHECKS}no-such-shop/").status == 404


def test_partnerservice_may_compare_too_and_has_no_way_to_the_invoices(client, pia, anna, now):
    a_found_parcel(anna, now=now)
    client.force_login(user_of(pia))
    page = get(client, CHECKS)
    assert CHECKS in page.links  # In the navigation.
    page = get(client, f"{CHECKS}lampenhuis/")
    assert "Everything agrees" in page.text
    assert not [link for link in page.links if link.startswith(INVOICES)]


@pytest.mark.parametrize("path", [INVOICES, RESTORATIONS])
def test_partnerservice_has_nothing_to_do_here(client, pia, path):
    client.force_login(user_of(pia))
    assert client.get(path).status_code == 404


def test_lists_need_as_many_statements_for_many_rows_as_for_one(desk, anna, carla, now):
    def queries(path):
        with CaptureQueriesContext(connection) as counted:
            assert get(desk, path).status == 200
        return len(counted)

    invoiced(anna, now=now)
    a_found_parcel(anna, now=now)
    few = {path: queries(path) for path in (INVOICES, RESTORATIONS, CHECKS)}
    invoiced(carla, now=now)
    a_found_parcel(anna, now=now)
    assert {path: queries(path) for path in few} == few
    assert max(few.values()) <= 12

"""The last word: given once, on what was shown, or not at all; and whatever a browser sends, an answer in words."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.eligibility.assess import Assessment, assess
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    a_parcel,
    a_query,
    a_scan,
    an_item,
    an_order,
    mails_about,
    refunds_of,
    row_counts,
    silent_parcel,
    user_of,
)
from tests.portal.pages import Form, Read, Site
from tests.portal.write_off_pages import (
    checked,
    policy_changes,
    return_comes,
    scan_comes,
    screen,
    somebody_was_faster,
)


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


def last_page(site: Site, query: CustomerQuery, quantity: str = "1") -> Form:
    """Go to the last page with units of the query's only parcel; return the form with Confirm in it."""
    page = checked(site, screen(site, query), {value_of(query): quantity})
    assert page.status == 200, page.text
    return page.form("/confirm/")


def value_of(query: CustomerQuery) -> str:
    return f"{query.order.number}-P1/1"


def confirmed(site: Site, form: Form, **changed: Any) -> Read:
    return site.post(form.action, form.filled(**changed))


def test_confirming_writes_off_once_and_adds_a_timeline_entry(site, anna):
    query = silent_parcel(anna, quantity=2, paid_minor=39_90, now=timezone.now())

    page = confirmed(site, last_page(site, query, "2"))

    assert page.response.redirect_chain == [(site.query(query), 302)]
    assert "Written off. The customer receives €39.90 and an e-mail about it" in page.text
    assert "The item has been successfully written off" in page.text
    assert f"Write-off {query.number}-1, confirmed by Anna." in page.text
    assert "2 × Desk lamp Aurora €39.90" in page.text
    assert "Refund of €39.90 requested" in page.text
    assert "Refund requested" in page.text  # Beside it, too.
    assert "Written off" in page.text
    assert page.has_form("/answer/")  # The query stays open.
    assert [refund.minor for refund in refunds_of(anna)] == [39_90]
    assert len(mails_about(query)) == 1


def test_part_of_the_units_first_and_the_rest_later(site, anna):
    query = silent_parcel(anna, quantity=3, paid_minor=10_00, now=timezone.now())
    confirmed(site, last_page(site, query, "1"))
    page = screen(site, query)
    assert "2 left" in page.text
    assert "1 written off" in page.text
    confirmed(site, last_page(site, query, "2"))
    assert [refund.minor for refund in refunds_of(anna)] == [3_33, 6_67]
    assert "Everything in this parcel that could be written off has been written off." in screen(site, query).text


def test_a_double_click_and_the_back_button_confirm_once(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = last_page(site, query)
    first = confirmed(site, form)
    before = row_counts(but=["lostpost_member"])
    for again in (confirmed(site, form), confirmed(site, form)):
        assert again.status == 200
        assert again.response.redirect_chain == first.response.redirect_chain
        assert "The customer receives €25.00" in again.text
    assert row_counts(but=["lostpost_member"]) == before
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() == 1


def test_two_tabs_confirm_once(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    first, second = last_page(site, query), last_page(site, query)
    confirmed(site, first)
    page = confirmed(site, second)
    assert page.status == 409
    assert "You wrote off 1 × Desk lamp Aurora at " in page.text
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() == 1


@pytest.mark.parametrize("change", [scan_comes, somebody_was_faster, return_comes, policy_changes])
def test_a_change_since_the_last_page_refuses_with_the_new_state(site, anna, change):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    form = last_page(site, query)
    sentence = change(query, anna)
    before = row_counts()

    page = confirmed(site, form)

    assert page.status == 409
    assert sentence in page.text
    assert "Below is how it stands now" in page.text
    assert page.has_form("/check/")
    assert row_counts() == before


def test_a_scan_that_leaves_it_eligible_is_shown_before_it_counts(site, anna):
    query = silent_parcel(anna, quiet_days=30, now=timezone.now())
    form = last_page(site, query)
    a_scan(query.order.parcels.get(seller_id=anna.seller_id), days=10, text="Depot", now=timezone.now())
    page = confirmed(site, form)
    assert page.status == 409
    assert "“Depot, Utrecht”" in page.text
    assert page.form("/check/").filled()["unit"] == [value_of(query)]  # Still ticked: it may go on.
    assert not WriteOff.objects.filter(seller_id=anna.seller_id).exists()


def test_a_query_closed_meanwhile_refuses_it(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = last_page(site, query)
    close_query(number=query.number, by=anna, now=timezone.now())
    page = confirmed(site, form)
    assert page.status == 409
    assert "This customer query is handled. Reopen it first" in page.text
    assert not WriteOff.objects.filter(seller_id=anna.seller_id).exists()


def test_a_query_that_went_to_partnerservice_meanwhile_refuses_it(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = last_page(site, query)
    CustomerQuery.objects.filter(seller_id=anna.seller_id, id=query.id).update(
        state="with_partnerservice", back_from_partnerservice_at=timezone.now() + timedelta(days=2)
    )
    page = confirmed(site, form)
    assert page.status == 409
    assert "Partnerservice has this customer query. Wait for its answer." in page.text


def test_time_that_ran_out_meanwhile_refuses_it_with_the_reason(site, anna, monkeypatch):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=30, placed_days=60, now=now)
    form = last_page(site, query)
    monkeypatch.setattr("lostpost.portal.write_offs.timezone.now", lambda: now + timedelta(days=2))
    site.client.force_login(user_of(anna))  # The session has ended by then, too.
    page = confirmed(site, form)
    assert page.status == 422
    assert "“Desk lamp Aurora”: This cannot be written off now; see why." in page.text
    assert "Partnerservice decides about older orders." in page.text
    assert not WriteOff.objects.filter(seller_id=anna.seller_id).exists()


MISSING = "Something was missing from what your browser sent. Look at the items again, then continue."


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"token": None}, 422, MISSING),
        ({"token": ""}, 422, MISSING),
        ({"token": "made up"}, 422, MISSING),
        ({"token": "\x00"}, 422, MISSING),
        ({"token": f"{'0' * 64}.{'0' * 64}"}, 409, "Something changed since you looked"),
        ({"key": None}, 422, MISSING),
        ({"key": "short"}, 422, MISSING),
        ({"key": "k" * 65}, 422, MISSING),
        ({"key": "\x00" * 20}, 422, MISSING),
        ({"unit": None}, 422, "Tick at least one item to write off."),
        ({"unit": "P-OTHER/1"}, 422, "This order has no item “1” in a parcel “P-OTHER”. Tick items of the list."),
        ({"unit": "\x00/\x00"}, 422, "Tick items of the list."),
        ({"quantity": "0"}, 422, "Choose a quantity from 1 to 2; that many are left."),
        ({"quantity": "-1"}, 422, "Choose a quantity from 1 to 2; that many are left."),
        ({"quantity": "1000000000"}, 422, "Choose a quantity from 1 to 2; that many are left."),
        ({"quantity": "999999999"}, 422, "Choose a quantity from 1 to 2; that many are left."),
        ({"quantity": "two"}, 422, "Choose a quantity from 1 to 2; that many are left."),
        ({"quantity": None}, 422, "Choose a quantity from 1 to 2; that many are left."),
        ({"quantity": "2"}, 409, "Something changed since you looked"),  # Another amount than the last page showed.
        ({"quantity": "3"}, 422, "Choose a quantity from 1 to 2; that many are left."),
    ],
)
def test_a_manipulated_form_gets_a_sentence_and_writes_nothing(site, anna, changed, status, sentence):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    form = last_page(site, query)
    if "quantity" in changed:
        changed = {f"quantity-{value_of(query)}" if name == "quantity" else name: changed[name] for name in changed}
    before = row_counts()

    page = confirmed(site, form, **changed)

    assert page.status == status
    assert sentence in page.text
    assert page.has_form("/check/")  # The screen, to look again.
    assert row_counts() == before


def test_a_confirm_of_another_query_of_the_same_shop_is_refused(site, anna):
    query, other = silent_parcel(anna, now=timezone.now()), silent_parcel(anna, now=timezone.now())
    form = last_page(site, query)
    page = site.post(site.query(other, "write-off/confirm/"), form.filled())
    assert page.status == 409
    assert not WriteOff.objects.filter(seller_id=anna.seller_id).exists()


def test_two_queries_of_one_order_do_not_write_off_twice(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    second = a_query(query.order, anna, now=timezone.now())
    first_form, second_form = last_page(site, query), last_page(site, second)
    assert confirmed(site, first_form).status == 200
    assert confirmed(site, second_form).status == 409
    assert Refund.objects.filter(seller_id=anna.seller_id).count() == 1


def test_a_used_key_with_other_content_is_refused(site, anna):
    query = silent_parcel(anna, quantity=3, now=timezone.now())
    first = last_page(site, query)
    confirmed(site, first)
    page = confirmed(site, last_page(site, query), key=first.filled()["key"][0])
    # The same content under the same key is the same wish: it was granted already.
    assert page.status == 200
    changed = confirmed(
        site, last_page(site, query), key=first.filled()["key"][0], **{f"quantity-{value_of(query)}": "2"}
    )
    assert changed.status == 422
    assert "This request was sent before with other content." in changed.text
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() == 1


def test_another_shop_confirms_nothing(client, carla, anna):
    carlas_client = Client()
    query = silent_parcel(anna, now=timezone.now())
    form = last_page(Site(carlas_client, anna), query)
    Site(client, carla)
    before = row_counts()
    assert client.post(form.action, form.filled()).status_code == 404
    assert client.post(form.action.replace("lampenhuis", "carlas-keramiek"), form.filled()).status_code == 404
    assert row_counts() == before


def test_an_anonymous_user_is_asked_to_sign_in_and_nothing_happens(client, anna):
    query = silent_parcel(anna, now=timezone.now())
    form = last_page(Site(Client(), anna), query)
    before = row_counts()
    answer = client.post(form.action, form.filled())
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["Location"]
    assert "next=/shops/lampenhuis/" in answer.headers["Location"]  # And back to what was shown.
    assert row_counts() == before


def test_without_the_csrf_token_nothing_happens(anna):
    strict = Client(enforce_csrf_checks=True)
    query = silent_parcel(anna, now=timezone.now())
    form = last_page(Site(Client(), anna), query)
    Site(strict, anna)
    before = row_counts()
    assert strict.post(form.action, form.filled(csrfmiddlewaretoken=None)).status_code == 403
    assert row_counts() == before


def test_the_mail_that_waits_is_marked_on_the_timeline(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    page = confirmed(site, last_page(site, query))
    assert page.text.count("E-mail to the customer: Not sent yet") == 2  # The first message, and that of the write-off.
    Mail.objects.filter(seller_id=anna.seller_id).update(state="sent", sent_at=timezone.now())
    assert "Not sent yet" not in site.get(site.query(query)).text


def test_the_last_page_has_an_address_that_can_be_loaded_again(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    page = checked(site, screen(site, query), {value_of(query): "1"})
    ((address, _status),) = page.response.redirect_chain
    again = site.get(address)
    assert again.status == 200
    assert "This action cannot be undone." in again.text
    assert again.form("/confirm/").filled()["token"] == page.form("/confirm/").filled()["token"]


def test_the_way_back_to_the_last_page_after_confirming_shows_how_it_stands_now(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    page = checked(site, screen(site, query), {value_of(query): "1"})
    ((address, _status),) = page.response.redirect_chain
    confirmed(site, page.form("/confirm/"))
    before = row_counts()
    again = site.get(address)
    assert again.status == 409
    assert "You wrote this off already" in again.text
    assert f"(write-off {query.number}-1). The customer gets €25.00." in again.text
    assert site.query(query) in again.links
    assert not again.has_form("/confirm/")
    assert row_counts() == before


@pytest.mark.parametrize("part", ["", "confirm/"])
def test_ticks_in_an_address_from_before_a_write_off_are_not_there_any_more(site, anna, part):
    query = silent_parcel(anna, quantity=2, paid_minor=8_98, now=timezone.now())
    page = checked(site, screen(site, query), {value_of(query): "1"})
    ((address, _status),) = page.response.redirect_chain
    (back,) = [link for link in page.links if "write-off/?" in link]
    confirmed(site, page.form("/confirm/"))

    again = site.get(address if part else back)

    assert again.status == 409
    assert "You wrote off 1 × Desk lamp Aurora at" in again.text
    assert "The customer gets €4.49. " in again.text
    assert "unit" not in again.form("/check/").filled()
    assert "Nothing is ticked yet." in again.text


def test_a_write_off_by_the_api_or_a_colleague_is_shown_with_its_name(site, anna, bram):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    form = last_page(site, query)
    program = Actor("Bookkeeping", ActorRole.AGENT, shop=anna.seller, client_id="bookkeeping")
    for by, key in ((bram, "a-colleague"), (program, "a-program-1")):
        units = SelectedUnits(f"{query.order.number}-P1", "1", 1)
        write_off(query=query.number, selection=[units], by=by, key=key, now=timezone.now())

    page = confirmed(site, form)

    assert "Something was written off in the meantime" in page.text
    assert page.text.index("Bram wrote off 1 × Desk lamp Aurora") < page.text.index("Bookkeeping wrote off 1 ×")
    assert "unit" not in page.form("/check/").filled()


def test_more_ticks_than_an_address_holds_reach_the_last_page_too(site, anna):
    now = timezone.now()
    names = [f"{'long-item-name-' * 3}{n}" for n in range(30)]
    order = an_order(anna.seller, *[an_item(name, title=name, paid_minor=1_00) for name in names], now=now)
    a_scan(a_parcel(order, now=now), now=now)
    query = a_query(order, anna, now=now)
    page = checked(site, screen(site, query), {f"{order.number}-P1/{name}": "1" for name in names})
    assert page.status == 200
    assert page.response.redirect_chain == []
    assert "The customer receives €30.00" in confirmed(site, page.form("/confirm/")).text


@pytest.mark.parametrize(
    "ticks", ["", "?unit=", "?unit=%00/%00&state=x", "?unit=P/1&quantity-P/1=-1", "?state=y&unit=a"]
)
def test_an_invented_url_of_the_last_page_is_no_error(site, anna, ticks):
    query = silent_parcel(anna, now=timezone.now())
    assert site.get(site.query(query, f"write-off/confirm/{ticks}")).status in (200, 409, 422)
    assert not WriteOff.objects.exists()


def test_an_order_is_assessed_once_for_the_last_page_and_once_for_its_confirmation(site, anna, monkeypatch):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    assessed = Counter[str]()

    def counted(*args: Any, **kwargs: Any) -> Assessment:
        assessed["units"] += 1
        return assess(*args, **kwargs)

    monkeypatch.setattr("lostpost.orders.reads.assess", counted)
    page = screen(site, query)
    form = checked(site, page, {value_of(query): "1"}).form("/confirm/")
    assert assessed.total() == 2  # The screen, and the last page.
    site.client.post(form.action, form.filled())
    assert assessed.total() == 3


def test_the_token_of_the_screen_confirms_nothing(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    token = screen(site, query).form("/check/").filled()["token"]
    page = confirmed(site, last_page(site, query), token=token)
    assert page.status == 409
    assert not WriteOff.objects.exists()


def test_a_viewer_is_redirected_from_the_last_page_to_the_screen(client, vera, anna):
    query = silent_parcel(anna, now=timezone.now())
    site = Site(client, vera)
    address = site.query(query, f"write-off/confirm/?unit={value_of(query)}&quantity-{value_of(query)}=1")
    assert client.get(address).headers["Location"] == site.query(query, "write-off/")

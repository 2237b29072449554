"""The write-off screen: every unit of the order, what may be done about it, why, and what it would come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.customer_queries.close_query import close_query
from lostpost.portal.selection import Selection
from lostpost.texts.moments import instant_text
from lostpost.web.body_limits import body_limit
from lostpost.writeoffs.assess_order import assess_order
from tests.cast import (
    a_parcel,
    a_query,
    a_return,
    a_scan,
    an_item,
    an_order,
    row_counts,
    silent_parcel,
)
from tests.portal.pages import Site
from tests.portal.write_off_pages import checked, screen

MINUTE = 1 / 24 / 60


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


# What it shows -----------------------------------------------------------------------------------------------------


def test_every_unit_is_shown_with_each_rule_and_its_fact(site, anna):
    now = timezone.now()
    items = [an_item(name, title=f"Item {name}", quantity=2 if name == "a" else 1) for name in "abcdef"]
    order = an_order(anna.seller, *items, placed_days=8, now=now)
    silent = a_parcel(order, units={"a": 2, "b": 1}, tracking_number="SILENT", shipped_days=7, now=now)
    a_scan(silent, days=4, text="Sorted", location="Zwolle", now=now)
    fresh = a_parcel(order, units={"c": 1}, tracking_number="FRESH", shipped_days=7, now=now)
    a_scan(fresh, days=1, now=now)
    label = a_parcel(order, units={"d": 1}, shipping_method="label_via_platform", shipped_days=7, now=now)
    a_scan(label, days=5, status="delivered", now=now)
    a_parcel(order, units={"e": 1}, tracking_number="", shipped_days=5, now=now)
    a_return(order, {(silent.code, "b"): 1}, code="R-77", now=now)

    page = screen(site, a_query(order, anna, now=now))

    for sentence in (
        "Tip: wait at least 3 days after the last Track & Trace update; the parcel may still come.",
        "Parcel SILENT DPD · your own shipping method",
        "“Sorted, Zwolle”",
        "4 days silent",
        "day 8 of 60",
        "2 left",
        "with return R-77. The refund comes with the return. See the return",
        "1 day silent",
        "It went with a shipping label via the platform, not by your own shipping method.",
        "The carrier says that it was delivered",
        "This parcel has no Track & Trace.",
        "Not shipped yet",
        "It has not been shipped yet. Ship it, or cancel it.",
        "Go back",
        "Continue",
    ):
        assert sentence in page.text, sentence
    tickable = [value for name, value in page.form("/check/").fields if name.startswith("quantity-")]
    assert tickable == ["2", "1"]  # Items a and e; the rest has a reason instead of a tick box.


def test_a_unit_not_yet_eligible_shows_since_and_from_when(site, anna):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=1, now=now)
    text = screen(site, query).text
    scanned = now - timedelta(days=1)
    assert f"Not yet: {instant_text(scanned + timedelta(days=3))}" in text.replace(" : ", ": ")
    assert f"The last update was {instant_text(scanned)} ; the parcel may still come." in text
    assert "Nothing of this order can be written off now" in text
    assert not any(form.buttons == [("step", "continue")] for form in screen(site, query).forms)


@pytest.mark.parametrize(("quiet_days", "eligible"), [(3 + MINUTE, True), (3 - MINUTE, False)])
def test_it_becomes_eligible_on_the_minute(site, anna, quiet_days, eligible):
    query = silent_parcel(anna, quiet_days=quiet_days, now=timezone.now())
    assert ("Eligible" in screen(site, query).text) == eligible


def test_no_day_is_promised_on_which_the_order_is_too_old(site, anna):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=0.5, placed_days=59, now=now)

    text = screen(site, query).text

    assert "By then the order is too old: its last day is" in text
    assert "ask Partnerservice" in text
    assert "Not yet" not in text.replace("Not yet: 12 h silent", "")  # The small fact beneath may say so.
    assert "You can write it off from" not in text
    assert "Not possible" in text


def test_a_reason_that_passes_promises_nothing_beside_one_that_stays(site, anna):
    query = silent_parcel(anna, quiet_days=0.5, placed_days=70, now=timezone.now())
    text = screen(site, query).text
    assert "the parcel may still come." in text
    assert "You can write it off from" not in text
    assert "Partnerservice decides about older orders." in text


def test_unsent_and_cancelled_units_are_shown_too(site, anna):
    now = timezone.now()
    items = [an_item("1", title="Cable", quantity=3), an_item("2", title="Ribbon", quantity_cancelled=1)]
    order = an_order(anna.seller, *items, now=now)
    a_parcel(order, units={"1": 1}, now=now)
    text = screen(site, a_query(order, anna, now=now)).text
    assert "Cable – of 2 Not possible" in text
    assert "It was cancelled, so nothing of it was sent." in text


def test_the_tip_counts_the_days_of_the_policy(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    change_policy(values={"quiet_days": 1}, reason="try", by="Olga", now=timezone.now())
    assert "Tip: wait at least one day after" in screen(site, query).text


def test_a_handled_query_shows_everything_and_nothing_to_tick(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    close_query(number=query.number, by=anna, now=timezone.now())
    page = screen(site, query)
    assert "This customer query is handled. Reopen it first." in page.text
    assert not [name for name, _ in page.form("/check/").fields if name.startswith("quantity-")]
    assert "Continue" not in page.text


def test_a_viewer_sees_the_screen_and_nothing_to_tick(client, vera, anna):
    query = silent_parcel(anna, now=timezone.now())
    site = Site(client, vera)
    page = screen(site, query)
    assert "Eligible" in page.text
    assert "You may look here and not write off, so there is nothing to tick." in page.text
    assert "Continue" not in page.text
    assert not [name for name, _ in page.form("/check/").fields if name.startswith("quantity-")]
    before = row_counts()
    for part in ("check/", "confirm/"):
        assert client.post(site.query(query, f"write-off/{part}"), {}).status_code == 403
    assert row_counts() == before


def test_times_and_amounts_are_written_as_the_reader_writes_them(site, anna):
    query = silent_parcel(anna, paid_minor=1_234_50, now=timezone.now())
    page = site.get(site.query(query, "write-off/"), headers={"accept-language": "nl"})
    assert "€ 1.234,50" in page.text.replace("\xa0", " ")


# What it costs -----------------------------------------------------------------------------------------------------


def test_an_assessment_takes_two_statements(anna):
    query = silent_parcel(anna, now=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        assess_order(query.order, now=timezone.now())
    assert len(queries) <= 4


def test_the_screen_needs_as_many_statements_for_five_parcels_as_for_two(site, anna):
    def statements(parcels: int) -> int:
        now = timezone.now()
        order = an_order(anna.seller, *[an_item(str(n)) for n in range(parcels)], now=now)
        for n in range(parcels):
            a_scan(a_parcel(order, units={str(n): 1}, now=now), now=now)
        query = a_query(order, anna, now=now)
        a_return(order, {(f"{order.number}-P1", "0"): 1}, code=f"R-{order.number}", now=now)
        screen(site, query)
        with CaptureQueriesContext(connection) as queries:
            screen(site, query)
        return len(queries)

    assert statements(2) == statements(5) <= 15  # One of each is in return, and has no odds.


# Amounts -----------------------------------------------------------------------------------------------------------


def test_the_vat_is_shown_at_the_rate_at_which_the_commission_was_booked(site, anna):
    query = silent_parcel(anna, paid_minor=10_00, commission_minor=1_00, now=timezone.now())
    change_policy(values={"commission_vat_rate_bp": 900}, reason="A new rate", by="Olga", now=timezone.now())

    page = checked(site, screen(site, query), {f"{query.order.number}-P1/1": "1"})

    assert "VAT on the commission, 21 % + €0.21" in page.text


def test_ticks_are_worked_out_without_script(site, anna):
    query = silent_parcel(anna, quantity=3, paid_minor=10_00, commission_minor=1_00, now=timezone.now())
    page = screen(site, query)
    (value,) = [
        name.removeprefix("quantity-") for name, _ in page.form("/check/").fields if name.startswith("quantity")
    ]
    before = row_counts()

    shown = checked(site, page, {value: "2"}, step="figures")

    assert shown.status == 200
    assert "The customer receives €6.66" in shown.text
    assert "Turnover − €6.66" in shown.text
    assert "Commission + €0.66" in shown.text
    assert "VAT on the commission, 21 % + €0.14" in shown.text
    assert shown.form("/check/").filled()["unit"] == [value]
    assert shown.form("/check/").filled()[f"quantity-{value}"] == ["2"]
    assert row_counts() == before


def test_htmx_gets_the_amounts_alone(site, anna):
    query = silent_parcel(anna, paid_minor=39_95, now=timezone.now())
    page = screen(site, query)
    part = checked(site, page, {f"{query.order.number}-P1/1": "1"}, step="figures", headers={"hx-request": "true"})
    assert part.status == 200
    assert "The customer receives €39.95" in part.text
    assert "<html" not in part.html


def test_the_running_total_names_problems_and_leaves_them_out(site, anna):
    query = silent_parcel(anna, quantity=2, paid_minor=20_00, now=timezone.now())
    page = screen(site, query)
    part = checked(site, page, {f"{query.order.number}-P1/1": "3"}, step="figures", headers={"hx-request": "true"})
    assert "Choose a quantity from 1 to 2; that many are left." in part.text
    assert "Nothing is ticked yet." not in part.text


def test_delivery_costs_are_refunded_with_the_last_unit(site, anna):
    query = silent_parcel(anna, quantity=2, paid_minor=20_00, delivery_costs_minor=4_95, now=timezone.now())
    page, value = screen(site, query), f"{query.order.number}-P1/1"
    assert "Delivery costs" not in checked(site, page, {value: "1"}).text
    checked_page = checked(site, page, {value: "2"})
    assert "Delivery costs, as the whole order is lost €4.95" in checked_page.text
    assert "The customer receives €24.95" in checked_page.text


# Go on, go back ----------------------------------------------------------------------------------------------------


def test_the_last_page_repeats_everything_and_warns(site, anna):
    query = silent_parcel(anna, quantity=2, paid_minor=39_90, commission_minor=4_00, now=timezone.now())
    before = row_counts()

    page = checked(site, screen(site, query), {f"{query.order.number}-P1/1": "1"})

    assert page.status == 200
    for sentence in (
        "This action cannot be undone.",
        "Klaas de Vries receives €19.95 back, also if the parcel comes after all. It is settled on your sales invoice.",
        "1 × Desk lamp Aurora",
        "Turnover − €19.95",
        "Commission + €2.00",
        "VAT on the commission, 21 % + €0.42",
        "− €17.53",
        "the customer query stays open",
    ):
        assert sentence in page.text, sentence
    assert page.text.index("Go back") < page.text.rindex("Confirm")
    form = page.form("/confirm/")
    assert {"unit", "token", "key"} <= form.filled().keys()
    assert row_counts() == before


def test_going_back_from_the_last_page_keeps_the_ticks_and_leaves_no_trace(site, anna):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    value = f"{query.order.number}-P1/1"
    before = row_counts()
    page = checked(site, screen(site, query), {value: "1"})
    (back,) = [link for link in page.links if "write-off/?" in link]
    again = site.get(back).form("/check/").filled()
    assert again["unit"] == [value]
    assert again[f"quantity-{value}"] == ["1"]
    assert row_counts() == before


def test_an_empty_selection_gets_a_message(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    page = checked(site, screen(site, query), {})
    assert page.status == 422
    assert "Tick at least one item to write off." in page.text


@pytest.mark.parametrize("quantity", ["0", "-1", "3", "1e9", "1000000000", "9" * 40, "two", "", "1.5", "١", "\x00"])
def test_an_invalid_quantity_is_marked_in_its_row_and_kept(site, anna, quantity):
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    value = f"{query.order.number}-P1/1"
    page = checked(site, screen(site, query), {value: quantity})
    assert page.status == 422
    assert "“Desk lamp Aurora”: Choose a quantity from 1 to 2; that many are left." in page.text
    assert [link for link in page.links if link.startswith("#unit-") and link[1:] in page.ids]
    sent = page.form("/check/").filled()
    assert sent["unit"] == [value]


@pytest.mark.parametrize("unit", ["P-OTHER/1", "/", "", "nonsense", "a/b/c", "\x00/\x00", "<script>/1", "x" * 900])
def test_a_unit_of_another_order_is_refused_with_a_sentence(site, anna, unit):
    query = silent_parcel(anna, now=timezone.now())
    page = checked(site, screen(site, query), {unit: "1"})
    assert page.status == 422
    assert "Tick items of the list." in page.text
    assert "<script>/1" not in page.html


def test_a_row_that_cannot_be_written_off_is_refused_with_its_reason(site, anna):
    query = silent_parcel(anna, quiet_days=1, now=timezone.now())
    page = checked(site, screen(site, query), {f"{query.order.number}-P1/1": "1"})
    assert page.status == 422
    assert "“Desk lamp Aurora”: This cannot be written off now; see why." in page.text


def test_several_wrong_rows_are_all_pointed_out_at_once(site, anna):
    now = timezone.now()
    order = an_order(anna.seller, an_item("1", title="Lamp", quantity=2), an_item("2", title="Bulb"), now=now)
    a_scan(a_parcel(order, now=now), now=now)
    page = screen(site, a_query(order, anna, now=now))
    shown = checked(site, page, {f"{order.number}-P1/1": "7", f"{order.number}-P1/2": "0"})
    assert "“Lamp”: Choose a quantity from 1 to 2; that many are left." in shown.text
    assert "“Bulb”: Choose a quantity of 1; no more is left of it." in shown.text


def test_the_largest_selection_fits_into_a_form(rf):
    units = [f"A-1001-P{number}/8718469568543" for number in range(1_000)]  # Of an order of several parcels.
    request = rf.post("/", {"unit": units, **{f"quantity-{unit}": "1" for unit in units}, "key": "k", "token": "t"})

    assert len(Selection.of(request.POST).units) == len(units)
    assert int(request.META["CONTENT_LENGTH"]) < body_limit("/shops/lampenhuis/customer-queries/1/write-off/")

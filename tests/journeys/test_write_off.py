"""The whole journey from a lost parcel to its write-off, in the words that sellers know, in a browser."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order
from tests.cast import (
    a_parcel,
    a_scan,
    an_item,
    an_order,
    mails_about,
    refunds_of,
    row_counts,
    silent_parcel,
    user_of,
)
from tests.journeys.conftest import DESK, PHONE, OpenAs
from tests.journeys.walk import focused, look_over, tab_to, timeline

NO = "No, the customer query has not yet been resolved. I will leave the customer query open."
YES = "Yes, the customer query has been resolved. Close the customer query."
BUTTON = "Write off item/order"
SCREEN = "Write off items lost in the mail"
PASSWORD = "a lamp in every room"


def lost_lamps(anna: Actor) -> Order:
    """Two lamps and a bulb in a parcel that fell silent, a shade in one that is on its way."""
    now = timezone.now()
    order = an_order(
        anna.seller,
        an_item("1", title="Ceramic lamp, white", quantity=2, paid_minor=79_90, commission_minor=9_58),
        an_item("2", title="Bulb E27", paid_minor=8_99, commission_minor=1_08),
        an_item("3", title="Shade, linen", paid_minor=24_50, commission_minor=2_94),
        number="2398-4471",
        placed_days=8,
        now=now,
    )
    silent = a_parcel(order, units={"1": 2, "2": 1}, tracking_number="3SABC123", shipped_days=7, now=now)
    a_scan(silent, days=3.2, text="Sorted", location="Utrecht", now=now)
    moving = a_parcel(order, units={"3": 1}, carrier="PostNL", tracking_number="3SABC124", shipped_days=5, now=now)
    a_scan(moving, days=0.3, text="With the driver", location="Utrecht", now=now)
    return order


def sign_in(page: Page, anna: Actor) -> None:
    user = user_of(anna)
    user.set_password(PASSWORD)
    user.save()
    page.goto("/")
    look_over(page, "Sign in")
    page.get_by_label("E-mail or user name").fill("anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def to_screen(page: Page, query: CustomerQuery) -> None:
    page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/")
    page.get_by_role("link", name=BUTTON).click()


def to_last_page(page: Page, query: CustomerQuery) -> None:
    to_screen(page, query)
    page.get_by_label("Desk lamp Aurora", exact=True).check()
    if page.context.script:  # type: ignore[attr-defined]
        # The amounts push the button down; at a moving one nobody aims.
        expect(page.locator("#figures").get_by_text("× Desk lamp Aurora").first).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="This action cannot be undone.")).to_be_visible()


def written_off(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/customer-queries/[0-9]+/$"))
    assert "successfully written off" in timeline(page)


# The whole of it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("script", "size"), [(True, DESK), (False, PHONE)])
def test_from_an_order_number_to_the_money_and_back_to_the_customer(
    open_as: OpenAs, anna: Actor, script: bool, size: tuple[int, int]
) -> None:
    order = lost_lamps(anna)
    page = open_as(script=script, size=size)
    sign_in(page, anna)

    # Step 1: there is no customer query yet, so Anna starts customer contact from the order number
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Orders").click()
    look_over(page, "Orders")
    page.get_by_label("Order number or customer").fill(order.number)
    page.get_by_label("Order number or customer").press("Enter")
    page.get_by_role("link", name=order.number).click()
    look_over(page, "Order 2398-4471")
    page.get_by_role("link", name="Start customer contact").click()
    look_over(page, "Start customer contact")
    page.get_by_label("Subject").fill("Your parcel 3SABC123")
    page.get_by_label("What it is about").select_option("Ceramic lamp, white")
    page.get_by_label("Message").fill("We fear that your parcel is lost.\n\nWe look into it.")
    page.get_by_label(NO).check()
    page.get_by_role("button", name="Continue to the preview").click()
    look_over(page, "This is what the customer gets")
    expect(page.get_by_text("klaas@example.com")).to_be_visible()
    expect(page.get_by_text("We look into it.")).to_be_visible()
    page.get_by_role("button", name="Send").click()

    # Then the query opens by itself
    look_over(page, "Your parcel 3SABC123")
    assert "We fear that your parcel is lost." in timeline(page)
    query = CustomerQuery.objects.get(seller_id=anna.seller_id)

    # Step 2: the write-off screen shows, item by item, whether it is eligible and why
    page.get_by_role("link", name=BUTTON).click()
    look_over(page, SCREEN)
    expect(page.get_by_text("Tip: wait at least 3 days after the last Track & Trace update")).to_be_visible()
    expect(page.get_by_text("Eligible", exact=True)).to_have_count(2)
    expect(page.get_by_text("Not yet:").first).to_be_visible()
    expect(page.get_by_label("Shade, linen")).to_have_count(0)  # Nothing to tick.

    # Step 3: Anna selects one of two lamps and the bulb, sees the amounts, goes back, and comes again
    before = row_counts(but=["lostpost_mail"])
    page.get_by_label("Ceramic lamp, white", exact=True).check()
    page.get_by_role("link", name="Go back").click()
    expect(page.get_by_role("link", name=BUTTON)).to_be_visible()
    assert row_counts(but=["lostpost_mail"]) == before
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_label("Ceramic lamp, white", exact=True).check()
    page.get_by_label("Quantity of Ceramic lamp, white").fill("1")
    page.get_by_label("Bulb E27", exact=True).check()
    if not script:
        page.get_by_role("button", name="Work out the amounts").click()
    expect(page.get_by_text("€48.94", exact=True)).to_be_visible()  # 39.95 and 8.99, before anything happened.
    expect(page.get_by_text("− €48.94")).to_be_visible()
    look_over(page, SCREEN)

    # Step 4: the last page says that it is final; Go back leads to the ticks, Confirm does it
    page.get_by_role("button", name="Continue").click()
    look_over(page, "Confirm the write-off")
    expect(page.get_by_role("heading", name="This action cannot be undone.")).to_be_visible()
    page.get_by_role("link", name="Go back").click()
    expect(page.get_by_label("Quantity of Ceramic lamp, white")).to_have_value("1")
    expect(page.get_by_label("Bulb E27", exact=True)).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    assert row_counts(but=["lostpost_mail"]) == before
    page.get_by_role("button", name="Confirm").click()

    # Then the timeline says that it was written off, the money is on its way, and the query stays open
    look_over(page, "Your parcel 3SABC123")
    expect(page.get_by_text("Written off. The customer receives €48.94")).to_be_visible()
    entries = timeline(page)
    assert "The items have been successfully written off" in entries
    assert "Refund of €48.94 requested" in entries
    assert [refund.minor for refund in refunds_of(anna)] == [48_94]
    assert len(mails_about(query)) == 1

    # And it is handled in the usual way: by an e-mail to the customer
    page.get_by_label("Message").fill("You get 48.94 back.")
    page.get_by_label(YES).check()
    page.get_by_role("button", name="Preview").click()
    look_over(page, "This is what the customer gets")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. The customer query is closed.")).to_be_visible()
    expect(page.get_by_role("link", name=BUTTON)).to_have_count(0)
    expect(page.get_by_role("button", name="Reopen customer query")).to_be_visible()
    look_over(page, "Your parcel 3SABC123")


def test_by_keyboard_alone(open_as: OpenAs, anna: Actor) -> None:
    query = silent_parcel(anna, quantity=2, paid_minor=50_00, now=timezone.now())
    page = open_as(anna)
    page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/")
    page.keyboard.press("Tab")
    first = focused(page)
    assert first
    assert first["name"] == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, BUTTON)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=SCREEN)).to_be_visible()

    # Nothing ticked: the summary takes the focus and leads on
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    page.watched.complaints.clear()  # type: ignore[attr-defined]  # The refusal was asked for.

    tab_to(page, "Desk lamp Aurora", tag="input")
    page.keyboard.press("Space")
    tab_to(page, "Quantity of Desk lamp Aurora")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("The customer receives").locator("..")).to_contain_text("€25.00")
    passed = tab_to(page, "Continue")
    assert "Go back" in passed
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name="Confirm the write-off")).to_be_visible()
    passed = tab_to(page, "Confirm", tag="button")
    assert passed[-1] == "Go back"
    page.keyboard.press("Enter")
    written_off(page)
    assert [refund.minor for refund in refunds_of(anna)] == [25_00]

    # And the answer, with the choice made by arrow key
    tab_to(page, "Message", tag="textarea")
    page.keyboard.type("You get your money back.")
    tab_to(page, YES, tag="input")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label(NO)).to_be_checked()
    tab_to(page, "Send", tag="button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sent. The customer query stays open.")).to_be_visible()


# What goes wrong on the way ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_a_double_click_on_confirm_writes_off_once(open_as: OpenAs, anna: Actor, script: bool) -> None:
    query = silent_parcel(anna, now=timezone.now())
    page = open_as(anna, script=script)
    to_last_page(page, query)
    page.get_by_role("button", name="Confirm").dblclick()
    written_off(page)
    assert timeline(page).count("successfully written off") == 1
    assert len(refunds_of(anna)) == len(mails_about(query)) == 1


def test_a_double_click_on_send_sends_one_message(open_as: OpenAs, anna: Actor) -> None:
    query = silent_parcel(anna, now=timezone.now())
    page = open_as(anna)
    page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/")
    page.get_by_label("Message").fill("Just this once.")
    page.get_by_label(NO).check()
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_text("Sent. The customer query stays open.")).to_be_visible()
    assert timeline(page).count("Just this once.") == 1


def test_the_slower_of_two_tabs_gets_a_message(open_as: OpenAs, anna: Actor) -> None:
    query = silent_parcel(anna, now=timezone.now())
    page = open_as(anna)
    page.watched.expected_statuses.add(409)  # type: ignore[attr-defined]
    slower = page.context.new_page()
    to_last_page(page, query)
    to_last_page(slower, query)
    page.get_by_role("button", name="Confirm").click()
    written_off(page)

    slower.get_by_role("button", name="Confirm").click()

    expect(slower.get_by_role("alert")).to_contain_text("You wrote off 1 × Desk lamp Aurora at")
    expect(slower.get_by_role("button", name="Continue")).to_have_count(0)
    look_over(slower, SCREEN)
    assert len(refunds_of(anna)) == 1


@pytest.mark.parametrize("script", [True, False])
def test_a_scan_between_the_screen_and_confirm_refuses_it_and_is_shown(
    open_as: OpenAs, anna: Actor, script: bool
) -> None:
    query = silent_parcel(anna, now=timezone.now())
    page = open_as(anna, script=script, size=PHONE)
    page.watched.expected_statuses.add(409)  # type: ignore[attr-defined]
    to_last_page(page, query)
    parcel = query.order.parcels.get(seller_id=anna.seller_id)
    a_scan(parcel, days=0.01, text="Found behind the sorter", location="Zwolle", now=timezone.now())

    page.get_by_role("button", name="Confirm").click()

    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("nothing was written off")
    expect(alert).to_contain_text("“Found behind the sorter, Zwolle”")
    expect(page.get_by_text("Not yet:").first).to_be_visible()
    look_over(page, SCREEN)
    assert refunds_of(anna) == []
    assert "successfully written off" not in visit_timeline(page, query)


def test_the_back_button_after_confirming_shows_the_current_state(open_as: OpenAs, anna: Actor) -> None:
    query = silent_parcel(anna, now=timezone.now())
    page = open_as(anna)
    page.watched.expected_statuses.add(409)  # type: ignore[attr-defined]
    to_last_page(page, query)
    page.get_by_role("button", name="Confirm").click()
    written_off(page)

    page.go_back()

    expect(page.get_by_role("alert")).to_contain_text("You wrote off 1 × Desk lamp Aurora at")
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1, name=SCREEN)).to_be_visible()
    assert len(refunds_of(anna)) == 1


def test_a_form_sent_again_after_confirming_has_the_same_result(open_as: OpenAs, anna: Actor) -> None:
    query = silent_parcel(anna, now=timezone.now())
    page = open_as(anna)
    to_last_page(page, query)
    form = page.locator("form[action$='/write-off/confirm/']")
    sent = form.evaluate("form => ({action: form.action, fields: Object.fromEntries(new FormData(form))})")
    page.get_by_role("button", name="Confirm").click()
    written_off(page)

    again = page.request.post(sent["action"], form=sent["fields"])

    assert again.ok
    assert again.url == page.url
    assert "successfully written off" in again.text()
    assert len(refunds_of(anna)) == len(mails_about(query)) == 1


@pytest.mark.parametrize("script", [True, False])
def test_an_invalid_quantity_is_marked_in_its_row(open_as: OpenAs, anna: Actor, script: bool) -> None:
    query = silent_parcel(anna, quantity=2, now=timezone.now())
    page = open_as(anna, script=script, size=PHONE)
    page.watched.expected_statuses.add(422)  # type: ignore[attr-defined]
    to_screen(page, query)
    page.get_by_label("Desk lamp Aurora", exact=True).check()
    page.get_by_label("Quantity of Desk lamp Aurora").fill("7")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1, name=SCREEN)).to_be_visible()  # No further.

    page.locator("form.write-off").evaluate("form => { form.noValidate = true; }")  # As a form changed by hand.
    page.get_by_role("button", name="Continue").click()

    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    look_over(page, SCREEN)
    summary.get_by_role("link", name="Choose a quantity from 1 to 2").click()
    expect(page).to_have_url(re.compile("#unit-1$"))
    expect(page.get_by_label("Quantity of Desk lamp Aurora")).to_have_value("7")
    expect(page.get_by_label("Desk lamp Aurora", exact=True)).to_be_checked()


def test_partnerservice_is_asked_where_it_decides(open_as: OpenAs, anna: Actor) -> None:
    query = silent_parcel(anna, quiet_days=61, now=timezone.now())
    page = open_as(anna, size=PHONE)
    to_screen(page, query)
    look_over(page, SCREEN)
    page.get_by_role("link", name=re.compile("Ask Partnerservice.*Desk lamp Aurora")).click()
    look_over(page, "Ask Partnerservice")
    page.get_by_label("What should Partnerservice decide?").fill("The customer wrote only today.")
    page.get_by_role("button", name="Ask Partnerservice").dblclick()
    expect(page.get_by_text("Waiting for Partnerservice").first).to_be_visible()
    assert timeline(page).count("The customer wrote only today.") == 1
    look_over(page, "Where is my parcel?")


def test_in_dutch_nothing_scrolls_sideways_and_amounts_are_written_as_the_dutch_do(
    open_as: OpenAs, anna: Actor
) -> None:
    query = silent_parcel(anna, paid_minor=1_234_50, now=timezone.now())
    page = open_as(anna, size=PHONE, locale="nl-NL")
    for part in ("", "write-off/"):
        page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/{part}")
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        expect(page.get_by_text(re.compile(r"€\s1\.234,50")).first).to_be_visible()
        look_over(page)


def visit_timeline(page: Page, query: CustomerQuery) -> str:
    page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/")
    return timeline(page)

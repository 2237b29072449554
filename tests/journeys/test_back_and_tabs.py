"""Back, a second tab, a lost connection, an ended session: the page says what is true, and keeps what was typed."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, refunds_of, silent_parcel, user_of
from tests.journeys.conftest import OpenAs
from tests.journeys.test_write_off import BUTTON, NO, PASSWORD, SCREEN, to_last_page, to_screen, written_off
from tests.journeys.walk import look_over, timeline

LAMP = "Desk lamp Aurora"
OWN = re.compile(r"You wrote off 1 × Desk lamp Aurora at \d\d:\d\d \(write-off \d+-1\)\. The customer gets €4\.49\.")


def two_lamps(anna: Actor) -> CustomerQuery:
    return silent_parcel(anna, quantity=2, paid_minor=8_98, now=timezone.now())


def write_one_off(page: Page, query: CustomerQuery) -> None:
    to_screen(page, query)
    page.get_by_label(LAMP, exact=True).check()
    page.get_by_label(f"Quantity of {LAMP}").fill("1")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()
    written_off(page)


def nothing_is_ticked(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name=SCREEN)).to_be_visible()
    expect(page.get_by_label(LAMP, exact=True)).not_to_be_checked()


def end_sessions() -> None:
    """End every session, as time would."""
    Session.objects.all().delete()


@pytest.mark.parametrize("script", [True, False])
def test_back_after_ones_own_confirm_shows_the_result_and_ticks_nothing(
    open_as: OpenAs, anna: Actor, script: bool
) -> None:
    query = two_lamps(anna)
    page = open_as(anna, script=script)
    page.watched.expected_statuses |= {409, 422}  # type: ignore[attr-defined]
    write_one_off(page, query)

    page.go_back()

    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("You wrote this off already")
    expect(notice).to_contain_text(OWN)
    nothing_is_ticked(page)
    look_over(page, SCREEN)
    # And the screen before it, which the browser had filled in
    page.go_back()
    nothing_is_ticked(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Tick at least one item to write off.").first).to_be_visible()
    assert [refund.minor for refund in refunds_of(anna)] == [4_49]


def test_back_to_the_screen_after_the_last_page_ticks_nothing(open_as: OpenAs, anna: Actor) -> None:
    query = two_lamps(anna)
    page = open_as(anna)
    page.watched.expected_statuses.add(409)  # type: ignore[attr-defined]
    to_last_page(page, query)
    page.get_by_role("link", name="Go back").click()
    page.get_by_label(f"Quantity of {LAMP}").fill("1")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()
    written_off(page)

    for _step in ("the last page", "the screen with the ticks in its address"):
        page.go_back()
        nothing_is_ticked(page)
        expect(page.get_by_role("alert")).to_contain_text(OWN)
    page.get_by_role("link", name=f"To the customer query {query.number}").click()
    assert "successfully written off" in timeline(page)
    assert len(refunds_of(anna)) == 1


def test_a_page_from_the_browsers_cache_is_requested_again(open_as: OpenAs, anna: Actor) -> None:
    query = two_lamps(anna)
    page = open_as(anna)
    page.watched.expected_statuses.add(409)  # type: ignore[attr-defined]
    to_screen(page, query)
    page.get_by_label(LAMP, exact=True).check()
    expect(page).to_have_url(re.compile("unit="))
    write_off(query=query.number, selection=all_of(query), by=anna, key="elsewhere-1", now=timezone.now())

    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.get_by_role("alert")).to_contain_text("You wrote off 2 × Desk lamp Aurora")


@pytest.mark.parametrize("script", [True, False])
def test_a_second_tab_says_who_wrote_what_off_and_ticks_nothing(
    open_as: OpenAs, anna: Actor, bram: Actor, script: bool
) -> None:
    query = two_lamps(anna)
    slower = open_as(anna, script=script)
    slower.watched.expected_statuses.add(409)  # type: ignore[attr-defined]
    to_screen(slower, query)
    slower.get_by_label(LAMP, exact=True).check()
    selection = [SelectedUnits(f"{query.order.number}-P1", "1", 1)]
    write_off(query=query.number, selection=selection, by=bram, key="the-faster-tab", now=timezone.now())

    if script:  # The amounts would be those of another unit.
        slower.get_by_label(f"Quantity of {LAMP}").fill("1")
        slower.get_by_label(f"Quantity of {LAMP}").blur()
        alert = slower.locator("#figures").get_by_role("alert")
        expect(alert).to_contain_text("Bram wrote off 1 × Desk lamp Aurora at")
    slower.get_by_role("button", name="Continue").click()

    notice = slower.locator(".notice.changed")
    expect(notice).to_contain_text("Something was written off in the meantime")
    expect(notice).to_contain_text(re.compile(r"Bram wrote off 1 × Desk lamp Aurora at \d\d:\d\d \(write-off \d+-1\)"))
    nothing_is_ticked(slower)
    expect(slower.get_by_text("Nothing is ticked yet.")).to_be_visible()
    look_over(slower, SCREEN)
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() == 1


def test_failed_amounts_say_so_and_can_be_requested_again(open_as: OpenAs, anna: Actor) -> None:
    query = two_lamps(anna)
    page = open_as(anna)
    page.watched.expected_statuses.add(500)  # type: ignore[attr-defined]
    to_screen(page, query)

    for broken in (lambda route: route.fulfill(status=500, body="broken"), lambda route: route.abort()):
        page.route("**/write-off/check/", broken)
        page.get_by_label(LAMP, exact=True).set_checked(not page.get_by_label(LAMP, exact=True).is_checked())
        figures = page.locator("#figures")
        expect(figures.get_by_role("alert")).to_contain_text("The amounts could not be worked out.")
        expect(figures).not_to_contain_text("€0.00")
        page.unroute("**/write-off/check/")
    look_over(page, SCREEN)
    page.get_by_label(LAMP, exact=True).check()
    page.route("**/write-off/check/", lambda route: route.abort())
    page.get_by_label(f"Quantity of {LAMP}").fill("1")
    page.get_by_label(f"Quantity of {LAMP}").blur()
    expect(figures.get_by_role("alert")).to_be_visible()
    page.unroute("**/write-off/check/")
    page.get_by_role("button", name="Try again").click()
    expect(figures).to_contain_text("€4.49")
    page.watched.complaints.clear()  # type: ignore[attr-defined]  # The browser's own words about what was broken.


def test_ticks_are_kept_over_a_reload_and_a_change_of_language(open_as: OpenAs, anna: Actor) -> None:
    query = two_lamps(anna)
    page = open_as(anna)
    to_screen(page, query)
    page.get_by_label(LAMP, exact=True).check()
    page.get_by_label(f"Quantity of {LAMP}").fill("1")
    page.get_by_label(f"Quantity of {LAMP}").blur()
    expect(page.locator("#figures")).to_contain_text("€4.49")
    page.reload()
    expect(page.get_by_label(f"Quantity of {LAMP}")).to_have_value("1")

    page.locator("header .end summary").click()
    page.get_by_role("button", name="Nederlands").click()

    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.get_by_label(LAMP, exact=True)).to_be_checked()
    expect(page.locator("#figures")).to_contain_text("4,49")


def test_an_ended_session_leaves_a_notice_in_the_part_and_comes_back_to_the_ticks(open_as: OpenAs, anna: Actor) -> None:
    user = user_of(anna)
    user.set_password(PASSWORD)
    user.save()
    query = two_lamps(anna)
    page = open_as(anna)
    page.watched.expected_statuses.add(401)  # type: ignore[attr-defined]
    to_screen(page, query)
    page.get_by_label(LAMP, exact=True).check()
    expect(page.locator("#figures")).to_contain_text("€8.98")
    end_sessions()

    page.get_by_label(f"Quantity of {LAMP}").fill("1")
    page.get_by_label(f"Quantity of {LAMP}").blur()

    figures = page.locator("#figures")
    expect(figures.get_by_role("alert")).to_contain_text("Your session has ended.")
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)
    look_over(page, SCREEN)
    figures.get_by_role("link", name="Sign in").click()
    sign_in_again(page)
    expect(page.get_by_role("heading", level=1, name=SCREEN)).to_be_visible()
    expect(page.get_by_label(f"Quantity of {LAMP}")).to_have_value("1")
    expect(page.get_by_label(LAMP, exact=True)).to_be_checked()


def sign_in_again(page: Page) -> None:
    page.get_by_label("E-mail or user name").fill("anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("script", [True, False])
def test_a_reply_typed_when_the_session_ended_is_not_lost(open_as: OpenAs, anna: Actor, script: bool) -> None:
    user = user_of(anna)
    user.set_password(PASSWORD)
    user.save()
    query = two_lamps(anna)
    page = open_as(anna, script=script)
    page.watched.expected_statuses.add(401)  # type: ignore[attr-defined]
    page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/")
    page.get_by_label("Message").fill("We look for it.\nIt takes a day.")
    page.get_by_label(NO).check()
    end_sessions()

    page.get_by_role("button", name="Send").click()

    look_over(page, "Your session has ended")
    expect(page.get_by_text("It takes a day.")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    sign_in_again(page)
    expect(page).to_have_url(re.compile(rf"/customer-queries/{query.number}/$"))
    if script:
        expect(page.get_by_label("Message")).to_have_value("We look for it.\nIt takes a day.")
        expect(page.get_by_label(NO)).to_be_checked()
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Sent. The customer query stays open.")).to_be_visible()
        expect(page.get_by_label("Message")).to_have_value("")
        page.reload()
        expect(page.get_by_label("Message")).to_have_value("")


def test_a_reply_is_kept_on_a_detour_to_the_write_off_and_in_another_language(open_as: OpenAs, anna: Actor) -> None:
    query = two_lamps(anna)
    page = open_as(anna)
    page.goto(f"/shops/lampenhuis/customer-queries/{query.number}/")
    page.get_by_label("Message").fill("You get your money back.")

    page.get_by_role("link", name=BUTTON).click()
    page.get_by_role("link", name="Go back").click()
    expect(page.get_by_label("Message")).to_have_value("You get your money back.")
    page.locator("header .end summary").click()
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.locator("#id_message")).to_have_value("You get your money back.")

    # Nothing of it is left for whoever signs in next
    page.locator("header .end summary").click()
    page.get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_role("heading", level=1, name="Inloggen")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('draft'))") == []


def test_menus_close_on_escape_and_on_a_click_beside_them(open_as: OpenAs, anna: Actor) -> None:
    page = open_as(anna)
    page.goto("/shops/lampenhuis/")
    summary, button = page.locator("header .end summary"), page.get_by_role("button", name="Sign out")
    summary.click()
    expect(button).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("heading", level=1).click()
    expect(button).to_be_hidden()

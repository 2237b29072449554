"""A seller's day with 155 open customer queries, by the keyboard; and the same list on a phone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lostpost.accounts.actor import Actor
from lostpost.answering.start_contact import start_contact
from lostpost.customer_queries.models import CustomerQuery
from lostpost.intake.put_orders import put_orders
from lostpost.intake.put_parcels import put_parcels
from lostpost.orders.data import ItemData, OrderData, ParcelData, ScanData, UnitData
from lostpost.query_actions.models import QueryActionRun
from lostpost.query_actions.run_action import run_action
from lostpost.tracking.put_scans import put_scans
from lostpost.write_off_batches.models import WriteOffBatch
from lostpost.write_off_batches.run_batch import run_batch
from tests.journeys.conftest import PHONE, OpenAs
from tests.journeys.walk import look_over

pytestmark = pytest.mark.process
OPEN, LOST = 155, 12
State = CustomerQuery.State


def a_busy_shop(anna: Actor, now: datetime) -> None:
    """Lose twelve parcels that are dear and silent for long, and let as many more fall silent as make 155 queries."""
    orders, parcels, scans = [], [], []
    for n in range(OPEN):
        number, quiet_days = f"B-{1000 + n}", 9 if n < LOST else 1
        placed_at = now - timedelta(days=quiet_days + 2)
        items = [ItemData("1", "Desk lamp Aurora", 1, 60_00 - n * 20, 3_00)]
        language = ("nl", "fr", "en", "de")[n % 4]
        orders.append(OrderData(number, placed_at, "EUR", "Klaas de Vries", "klaas@example.com", items, 0, language))
        sent_at = placed_at + timedelta(days=1)
        parcels.append(ParcelData(f"P-{n}", number, "own", sent_at, [UnitData("1", 1)], "DPD", f"3S{n}"))
        scans.append(ScanData(f"P-{n}", now - timedelta(days=quiet_days), "in_transit", text="Sorted"))
    put_orders(seller=anna.seller, orders=orders, now=now)
    put_parcels(seller=anna.seller, parcels=parcels, now=now)
    put_scans(seller=anna.seller, scans=scans, now=now)
    for order in orders:
        start_contact(
            order_number=order.number,
            subject="Where is my parcel?",
            message="We look for it.",
            leave_open=True,
            by=anna,
            key=f"contact-{order.number}",
            now=now,
        )


def test_a_day_of_155_queries(open_as: OpenAs, anna: Actor) -> None:
    now = timezone.now()
    a_busy_shop(anna, now)

    # Given the list on a phone: nothing runs out of its box, and what can be done with the chosen ones is there
    page = open_as(anna, size=PHONE, locale="nl-NL")
    page.goto("/shops/lampenhuis/customer-queries/")
    look_over(page)
    expect(page.get_by_text("1–25 van 155")).to_be_visible()
    expect(page.get_by_role("button", name="Antwoorden met een sjabloon")).to_be_visible()

    # When Anna chooses the dearest twelve at her desk with the keyboard, and writes them off together
    page = open_as(anna)
    page.goto("/shops/lampenhuis/customer-queries/?sort=age")
    choose(page, LOST)
    press_button(page, "Write off together")
    expect(page.get_by_role("heading", level=1)).to_have_text("Write off several orders")
    press_button(page, "Confirm: write off 12 orders")
    batch = WriteOffBatch.objects.get()
    run_batch(seller_id=batch.seller_id, batch_id=batch.id, clock=timezone.now)
    page.reload()
    expect(page.get_by_text("12 written off")).to_be_visible()

    # Then the way back is to the same list, where she answers and closes them with a template
    page.get_by_role("link", name="Back to the list").press("Enter")
    expect(page).to_have_url(re.compile(r"/customer-queries/\?sort=age$"))
    choose(page, LOST)
    press_button(page, "Answer with a template")
    page.get_by_label("Template", exact=True).select_option("written-off")
    page.get_by_label("They are closed.").press("Space")
    press_button(page, "Continue")
    look_over(page)
    press_button(page, "Confirm: answer 12 customers")
    done(page, "12 done")
    page.get_by_role("link", name="Back to the list").press("Enter")
    expect(page.get_by_text("1–25 of 143")).to_be_visible()

    # And puts a page of them aside, then the rest, as many at once as the marketplace lets her
    page.wait_for_load_state()
    page.keyboard.press("*")
    expect(page.locator("input[name=query]:checked")).to_have_count(25)
    press_button(page, "Follow up later")
    put_aside(page, 25)
    page.get_by_role("link", name="Back to the list").press("Enter")
    expect(page.get_by_text("1–25 of 118")).to_be_visible()
    for most in (100, 18):
        page.wait_for_load_state()
        if most == 100:
            page.get_by_label("All of this list, not only this page").press("Space")
        else:
            page.keyboard.press("*")
        press_button(page, "Follow up later")
        put_aside(page, most)
        page.get_by_role("link", name="Back to the list").press("Enter")
    expect(page.get_by_text("No open customer queries")).to_be_visible()
    states = CustomerQuery.objects.filter(seller_id=anna.seller_id).values_list("state", flat=True)
    assert sorted(states) == [State.FOLLOW_UP_LATER] * (OPEN - LOST) + [State.HANDLED] * LOST


def choose(page: Page, count: int) -> None:
    """Go down the list and choose rows, as somebody does whose hands stay on the keyboard."""
    page.wait_for_load_state()  # The page's script listens to keys from then on.
    for _row in range(count):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.locator("input[name=query]:checked")).to_have_count(count)


def press_button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).press("Enter")


def put_aside(page: Page, count: int) -> None:
    press_button(page, "Continue")
    press_button(page, f"Confirm: put {count} customer queries aside")
    done(page, f"{count} done")


def done(page: Page, words: str) -> None:
    """Let the job do what was confirmed, and look at what came of it."""
    run = QueryActionRun.objects.get(ended_at=None)
    run_action(seller_id=run.seller_id, run_id=run.id, clock=timezone.now)
    page.reload()  # The page looks by itself, too; its link to do so goes when all is done.
    expect(page.get_by_text(words, exact=True)).to_be_visible()

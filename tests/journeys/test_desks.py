"""What is typed at a desk is not lost when its session ends, or on a way round."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from lostpost.accounts.actor import Actor
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.refunds.models import Refund
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, silent_parcel, user_of
from tests.journeys.conftest import OpenAs
from tests.journeys.walk import look_over
from tests.repo.money import a_found_parcel, invoices_until

PASSWORD = "a desk with a view"
WORDS = "Refund it once the carrier says so.\nWe ask them."
DRAFTS = "Object.keys(sessionStorage).filter((name) => name.startsWith('draft'))"


def give_password(person: Actor) -> None:
    user = user_of(person)
    user.set_password(PASSWORD)
    user.save()


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("E-mail or user name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_an_answer_typed_when_the_session_ended_is_not_lost(open_as: OpenAs, anna: Actor, pia: Actor) -> None:
    now = timezone.now()
    denied = silent_parcel(anna, quiet_days=9, now=now, status="delivered")
    about = {"parcel": f"{denied.order.number}-P1", "item": "1", "sentence": "Nobody rang."}
    request = ask_partnerservice(query=denied.number, by=anna, now=now, **about)
    give_password(pia)
    page = open_as(pia)
    page.watched.expected_statuses.add(401)  # type: ignore[attr-defined]
    page.goto(f"/desk/requests/lampenhuis/{request.id}/")
    page.get_by_label("Your answer").fill(WORDS)
    Session.objects.all().delete()

    page.get_by_role("button", name="Send the answer").click()

    look_over(page, "Your session has ended")
    expect(page.get_by_text("We ask them.")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, "pia")
    expect(page.get_by_label("Your answer")).to_have_value(WORDS)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Your answer is on the timeline")).to_be_visible()
    assert page.evaluate(DRAFTS) == []


def test_finances_typed_text_is_kept_until_it_is_recorded(open_as: OpenAs, anna: Actor, fien: Actor) -> None:
    now = timezone.now()
    lost = silent_parcel(anna, quiet_days=9, now=now)
    write_off(query=lost.number, selection=all_of(lost), by=anna, key="lost-at-a-desk", now=now)
    refund = Refund.objects.get(seller_id=anna.seller_id, order_id=lost.order_id)
    restored = a_found_parcel(anna, now=now)
    silent_parcel(anna, quiet_days=5, now=now)  # Sold, and to be paid out.
    invoice = invoices_until(anna, now=now)[-1]
    give_password(fien)
    page = open_as(fien)

    # Given a reason in each of finance's forms, and then another page
    for path, label in (
        (f"refunds/lampenhuis/{refund.number}/", "Why it failed"),
        (f"restorations/lampenhuis/{restored.number}/", "Why the customer does not pay after all"),
        (f"invoices/lampenhuis/{invoice.number}/", "Reference of the payment"),
    ):
        page.goto(f"/desk/{path}")
        page.get_by_label(label).fill("The account is closed.")
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Self-check").click()
        look_over(page)
        page.goto(f"/desk/{path}")
        expect(page.get_by_label(label)).to_have_value("The account is closed.")

    # When one of them is recorded, from the list and after the password was typed again
    page.goto("/desk/refunds/")
    expect(page.get_by_label("Why it failed")).to_have_value("The account is closed.")
    page.get_by_role("button", name="Mark as failed").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    # Then that one is kept no longer
    expect(page.get_by_text(f"Refund {refund.number} is marked as failed")).to_be_visible()
    left = page.evaluate(DRAFTS)
    assert len(left) == 2
    assert not any("refunds" in name for name in left)

"""A customer on a phone by the link in an e-mail, without script; and a day at Partnerservice's desk, by two agents."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import Page, expect

from lostpost.accounts.actor import Actor
from lostpost.customer_links.links import link_in_mail
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.models import FoundCase
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.models import Restoration
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_staff_member, all_of, silent_parcel
from tests.journeys.conftest import PHONE, OpenAs
from tests.journeys.test_desks import PASSWORD, give_password
from tests.journeys.walk import look_over

QUESTION = "When do I get my money?"


def test_a_customer_signs_asks_and_pays_again_on_a_phone_without_script(
    open_as: OpenAs, anna: Actor, fien: Actor
) -> None:
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=9, now=now, customer_language="en", paid_minor=39_95)
    ask_for_declaration(number=query.number, parcel=f"{query.order.number}-P1", by=anna, now=now)
    page = open_as(size=PHONE, script=False)

    # Given the link in the newest e-mail, which leads to a page without it in its address
    page.goto(link_in_mail(query=query, now=now).removeprefix("http://localhost:8000"))
    expect(page).to_have_url(re.compile("/c/$"))
    look_over(page, f"Your order {query.order.number}")

    # When she reads it in Dutch, signs that the parcel did not come, and asks a question
    page.get_by_role("button", name="Nederlands").click()
    look_over(page, f"Je bestelling {query.order.number}")
    page.get_by_role("button", name="English").click()
    page.get_by_label("Your first and last name").fill("Klaas Vaak")
    page.locator("section", has_text="Did the parcel not come?").get_by_role("button", name="Continue").click()
    look_over(page, "Sign this?")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed by Klaas Vaak")).to_be_visible()
    say(page, QUESTION, "I have a question")

    # And once the money is hers, says that it came after all, and pays again
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="lost-for-good", now=timezone.now())
    mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=timezone.now())
    page.reload()
    look_over(page, f"Your order {query.order.number}")
    expect(page.get_by_text("The money is on the means of payment with which you paid.")).to_be_visible()
    say(page, "It is here.", "The parcel came after all; I would like to keep it and pay again")
    case = FoundCase.objects.get(seller_id=anna.seller_id)
    decide_found_parcel(
        number=case.number, kind="pay-again", quantities={}, by=anna, key="pay-it-again", now=timezone.now()
    )
    page.reload()
    page.get_by_role("button", name="I have it, and pay again").click()
    look_over(page, "Agree to pay again?")
    assert not Restoration.objects.exists()
    page.get_by_role("button", name="I agree to pay").click()

    # Then all of it is the shop's to read, and asks for exactly what was refunded
    expect(page.get_by_text("has your answer")).to_be_visible()
    assert Restoration.objects.get().amount_minor == 39_95
    entries = TimelineEntry.objects.filter(seller_id=anna.seller_id, query_id=query.id, kind="message.received")
    assert list(entries.order_by("at", "id").values_list("text", flat=True)) == [
        "When do I get my money?",
        "It is here.",
    ]
    assert CustomerQuery.objects.get(seller_id=anna.seller_id, id=query.id).unanswered_since


def say(page: Page, words: str, about: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_label(about, exact=True).check()
    page.locator("#write").get_by_role("button", name="Continue").click()
    look_over(page, "Send this?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("reads it and answers by e-mail")).to_be_visible()


def test_a_day_at_the_desk_of_two_agents(open_as: OpenAs, anna: Actor, pia: Actor) -> None:
    now, quint = timezone.now(), a_staff_member("Quint", "partnerservice")
    give_password(quint)

    def asked() -> PartnerserviceRequest:
        denied = silent_parcel(anna, quiet_days=9, now=now, status="delivered")
        return ask_partnerservice(
            query=denied.number,
            parcel=f"{denied.order.number}-P1",
            item="1",
            sentence=f"Nobody rang for {denied.order.number}.",
            by=anna,
            now=timezone.now(),
        )

    first, second = asked(), asked()
    page, other = open_as(pia), open_as(quint)
    for each in (page, other):
        each.goto("/desk/requests/")
        look_over(each, "Partnerservice requests")

    # Given a third that comes in: the queue does not move, and says so
    third = asked()
    expect(page.get_by_text("1 new since you opened this list.")).to_be_visible()
    assert page.get_by_text(f"Nobody rang for {third.query.order.number}.").count() == 0
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_text(f"Nobody rang for {third.query.order.number}.")).to_be_visible()

    # When Pia finds the first by its order, takes it, asks back; proposes to approve the second; hands the third on
    page.get_by_role("searchbox").fill(first.query.order.number)
    page.get_by_role("button", name="Search").click()
    look_over(page, "Search in all shops")
    page.get_by_role("link", name="Delivered, but denied").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("heading", name="Pia has it")).to_be_visible()
    page.get_by_text("Ask back before you decide").click()
    page.get_by_label("Your question").fill("Is there a signature?")
    page.get_by_role("button", name="Ask the seller").click()
    expect(page.get_by_text("The seller was asked")).to_be_visible()
    look_over(page)

    page.goto(f"/desk/requests/lampenhuis/{second.id}/")
    page.get_by_text("Propose to approve it").click()
    page.get_by_label("Reason").fill("The driver's photo shows another door.")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_text("Another agent has to confirm it.")).to_be_visible()

    page.goto(f"/desk/requests/lampenhuis/{third.id}/")
    page.get_by_label("Hand it to").select_option("Quint")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Quint has this request now.")).to_be_visible()

    # Then the other agent confirms with his password, and declines what he was handed
    other.goto(f"/desk/requests/lampenhuis/{second.id}/")
    other.get_by_role("button", name="Confirm", exact=True).click()
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Go on").click()
    expect(other.get_by_text("The seller can write it off now, once.")).to_be_visible()
    other.goto("/desk/requests/?assignee=mine")
    other.get_by_role("link", name="Desk lamp Aurora").click()
    other.get_by_label("Your answer").fill("The neighbour has it.")
    other.get_by_role("button", name="Decline, with this reason").click()
    expect(other.get_by_text("Declined; the reason is on the timeline")).to_be_visible()

    states = PartnerserviceRequest.objects.values_list("id", "state", "outcome", "waiting_for")
    assert set(states) == {
        (first.id, "waiting", "", "seller"),
        (second.id, "answered", "approved", ""),
        (third.id, "answered", "declined", ""),
    }
    assert Override.objects.get().state == "confirmed"

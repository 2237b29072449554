"""The pages of a found parcel, and the customer's answer by their link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from lostpost.customer_links.links import link_in_mail
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.models import Restoration
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, silent_parcel, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(anna, fien, client):
    now = timezone.now()
    query = silent_parcel(anna, quantity=2, paid_minor=50_00, now=now)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=now)
    mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=now)
    client.force_login(user_of(anna))
    parcel = f"{query.order.number}-P1"
    return report_came_back(write_off=recorded.number, parcel=parcel, note="Wet", by=anna, now=now)


def page_of(case):
    return f"/shops/lampenhuis/found-parcels/{case.number}/"


def hidden_in(answer):
    """Return what the form of the last page sends."""
    names = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode())
    return {name: value for name, value in names if name != "csrfmiddlewaretoken"}


def confirmed(client, case, **wish):
    check = client.post(page_of(case), {"step": "check", "reason": "", **wish})
    assert check.status_code == 200, check.content.decode()
    return client.post(page_of(case), {"step": "confirm", **hidden_in(check)})


def test_a_shop_sees_what_says_so_and_asks_and_the_customer_agrees_by_link(client, case):
    query = case.query
    on_query = client.get(f"/shops/lampenhuis/customer-queries/{query.number}/").content.decode()
    assert case.number in on_query
    page = client.get(page_of(case)).content.decode()
    assert "It came back to you." in page
    assert "Ask the customer to pay again" in page

    answer = confirmed(client, case, kind="pay-again", **{"quantity-1": "1"})

    assert answer.status_code == 302
    assert "Withdraw the question" in client.get(page_of(case)).content.decode()
    question = FoundOutcome.objects.get()
    client.get(link_in_mail(query=query, now=timezone.now()).removeprefix("http://localhost:8000"))
    shown = client.get("/c/").content.decode()
    assert "Did the parcel come after all?" in shown
    form = {"query": query.number, "question": str(question.id), "act": "pay-again"}
    check = client.post("/c/", form)
    assert "I agree to pay" in check.content.decode()
    back = client.post("/c/", {**hidden_in(check), "step": "edit"})
    assert (back.status_code, back.headers["Location"]) == (302, "/c/")
    assert not Restoration.objects.exists()
    for _each in range(2):
        assert client.post("/c/", {**hidden_in(check), "step": "send"}).status_code == 302
    restoration = Restoration.objects.get()
    assert (restoration.amount_minor, restoration.state) == (25_00, "agreed")
    assert "Desk lamp Aurora" in restoration.consent
    assert "Did the parcel come after all?" not in client.get("/c/").content.decode()
    assert client.post("/c/", {**form, "question": "none"}).status_code == 409


def test_a_return_is_shown_before_it_is_confirmed_and_letting_go_needs_a_reason(client, case):
    wish = {"kind": "return", "quantity-1": "1"}
    check = client.post(page_of(case), {"step": "check", **wish})
    assert "Your books stay as they are" in check.content.decode()
    assert not FoundOutcome.objects.exists()
    assert confirmed(client, case, **wish).status_code == 302
    assert client.post(page_of(case), {"step": "check", "kind": "let-go", "quantity-1": "1"}).status_code == 422
    for quantity in ("2", "0", "x", "-1"):
        answer = client.post(page_of(case), {"step": "check", "kind": "return", "quantity-1": quantity})
        assert answer.status_code == 422
    changed = {"step": "confirm", "kind": "return", "quantity-1": "1", "shown_minor": "1", "key": "key-of-one-wish"}
    assert client.post(page_of(case), changed).status_code == 409
    assert client.post(page_of(case), {**changed, "key": ""}).status_code == 422

    assert confirmed(client, case, kind="let-go", reason="Broken", **{"quantity-1": "1"}).status_code == 302

    assert "All is settled" in client.get(page_of(case)).content.decode()


def test_a_customer_says_that_it_did_not_come(client, case):
    confirmed(client, case, kind="pay-again", **{"quantity-1": "2"})
    client.get(link_in_mail(query=case.query, now=timezone.now()).removeprefix("http://localhost:8000"))
    form = {"query": case.query.number, "question": str(FoundOutcome.objects.get().id), "act": "did-not-come"}
    check = client.post("/c/", form)
    client.post("/c/", {**hidden_in(check), "step": "send"})

    assert "Thank you" in client.get("/c/?answered").content.decode()
    assert FoundCase.objects.get().state == "open"
    assert (
        "They say that it did not come."
        in client.get(f"/shops/lampenhuis/customer-queries/{case.query.number}/").content.decode()
    )


def test_a_case_that_ended_without_an_answer_says_until_when_and_then_what_to_do(client, case):
    on_query = f"/shops/lampenhuis/customer-queries/{case.query.number}/"
    assert "The parcel came back" not in client.get(on_query).content.decode()
    for days, says in ((1, "You can still decide until"), (40, "You could decide until")):
        ended_at = timezone.now() - timedelta(days=days)
        FoundCase.objects.filter(id=case.id).update(state="unanswered", ended_at=ended_at)
        assert says in client.get(page_of(case)).content.decode()
    assert "The parcel came back" in client.get(on_query).content.decode()


def test_a_question_is_taken_back(client, case):
    confirmed(client, case, kind="pay-again", **{"quantity-1": "2"})

    assert client.post(f"{page_of(case)}withdraw-question/").status_code == 302

    assert FoundCase.objects.get().state == "open"
    assert client.post(f"{page_of(case)}withdraw-question/").status_code == 409
    assert client.get(page_of(case).replace("-F1", "-F9")).status_code == 404

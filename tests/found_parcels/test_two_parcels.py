"""Two parcels of one write-off that turn up: each has its case, its question and its part of the money."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from lostpost.accounts.actor import Actor
from lostpost.audit.verify import verify
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.found_parcels.answer_question import QuestionEnded, agree_to_pay_again, decline_to_pay_again
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel, withdraw_question
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.found_parcels.run_question_timers import run_question_timers
from lostpost.restorations.models import Restoration
from lostpost.restorations.settle_restoration import (
    mark_restoration_paid,
    waive_delivery_costs,
    withdraw_restoration,
)
from tests.found_parcels.scene import LATER, link_to, two_parcels_written_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(anna, fien) -> list[FoundOutcome]:
    """Ask the customer about both parcels, one after the other."""
    recorded, *parcels = two_parcels_written_off(anna, fien)
    cases = [
        report_came_back(write_off=recorded.number, parcel=parcel.code, by=anna, now=LATER).number for parcel in parcels
    ]
    return [
        decide_found_parcel(number=number, kind="pay-again", quantities={}, by=anna, key=f"outcome-{number}", now=LATER)
        for number in cases
    ]


def agree(question: FoundOutcome) -> None:
    link = link_to(question.case.query)
    agree_to_pay_again(link=link, outcome_id=question.id, sentence="I agree.", language="nl", now=LATER)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_delivery_costs_are_asked_for_once_with_what_is_asked_last(anna, questions, order):
    assert [question.amount_minor for question in questions] == [25_00, 29_95]

    for place in order:  # In whichever order the customer agrees.
        agree(questions[place])

    amounts = Restoration.objects.order_by("amount_minor").values_list("amount_minor", "delivery_minor")
    assert list(amounts) == [(25_00, 0), (29_95, 4_95)]
    assert set(FoundCase.objects.values_list("state", flat=True)) == {"settled"}
    assert [str(difference) for difference in verify(anna.seller)] == []


def test_no_delivery_costs_are_agreed_to_where_one_of_the_parcels_is_not_kept(anna, questions):
    first, second = questions
    decline_to_pay_again(link=link_to(first.case.query), outcome_id=first.id, answer="did-not-come", now=LATER)

    with pytest.raises(QuestionEnded):
        agree(second)

    assert not Restoration.objects.exists()
    assert set(FoundCase.objects.values_list("state", flat=True)) == {"open"}
    number = second.case.number
    again = decide_found_parcel(number=number, kind="pay-again", quantities={}, by=anna, key="once-more", now=LATER)
    assert again.amount_minor == 25_00
    agree(again)
    assert [str(difference) for difference in verify(anna.seller)] == []


def end_first(how: str, question: FoundOutcome, anna: Actor, fien: Actor) -> None:
    """End the question about the first parcel, or what was agreed about it, without a payment."""
    if how == "declined":
        decline_to_pay_again(link=link_to(question.case.query), outcome_id=question.id, answer="no", now=LATER)
    elif how == "withdrawn":
        withdraw_question(number=question.case.number, by=anna, now=LATER)
    elif how == "unanswered":
        late = LATER + timedelta(days=60)
        run_question_timers(seller_id=anna.seller_id, outcome_id=question.id, now=late)
    else:
        agree(question)
        number = Restoration.objects.latest("id").number
        withdraw_restoration(seller_id=anna.seller_id, number=number, reason="Card expired", by=fien, now=LATER)


@pytest.mark.parametrize("how", ["declined", "withdrawn", "unanswered", "agreed-and-not-paid"])
def test_delivery_costs_that_were_agreed_to_are_waived_when_the_other_parcel_is_not_kept(anna, fien, questions, how):
    first, second = questions
    agree(second)
    restoration = Restoration.objects.get()
    assert (restoration.amount_minor, restoration.delivery_minor) == (29_95, 4_95)

    end_first(how, first, anna, fien)

    restoration.refresh_from_db()
    assert (restoration.state, restoration.amount_minor, restoration.delivery_minor) == ("agreed", 25_00, 0)
    assert restoration.delivery_waived_minor == 4_95
    entry = TimelineEntry.objects.get(kind="restoration.delivery-waived")
    assert (entry.data["amount_minor"], entry.data["delivery_minor"]) == (25_00, 4_95)
    assert [str(difference) for difference in verify(anna.seller)] == []
    if how == "declined":  # Asked once more, and everything is kept after all: now with the delivery costs.
        wish = {"kind": "pay-again", "quantities": {}, "by": anna, "key": "once-more", "now": LATER}
        again = decide_found_parcel(number=first.case.number, **wish)
        assert again.amount_minor == 29_95
        agree(again)
        assert [str(difference) for difference in verify(anna.seller)] == []


def test_delivery_costs_that_were_paid_stay_booked_and_the_timeline_says_who_can_grant_them(anna, fien, questions):
    first, second = questions
    agree(second)
    number = Restoration.objects.get().number
    mark_restoration_paid(seller_id=anna.seller_id, number=number, reference="BANK-2", by=fien, now=LATER)

    end_first("declined", first, anna, fien)
    query = CustomerQuery.objects.get(id=first.case.query_id)
    with transaction.atomic():  # As where the rest is asked for once more, and declined once more.
        waive_delivery_costs(query, seller_id=query.seller_id, write_off_id=first.case.write_off_id, now=LATER)

    restoration = Restoration.objects.select_related("order").get()
    assert (restoration.amount_minor, restoration.order.delivery_refunded_minor) == (29_95, 0)  # They can be granted.
    assert TimelineEntry.objects.get(kind="restoration.delivery-paid").data["delivery_minor"] == 4_95
    assert [str(difference) for difference in verify(anna.seller)] == []

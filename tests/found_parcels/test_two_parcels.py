"""Two parcels of one write-off that turn up: each has its case, its question and its part of the money."""

from __future__ import annotations

import pytest

from lostpost.audit.verify import verify
from lostpost.found_parcels.answer_question import QuestionEnded, agree_to_pay_again, decline_to_pay_again
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.restorations.models import Restoration
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

"""Two parcels of one write-off that turn up: each has its case, its question and its part of the money."""

from __future__ import annotations

import pytest

from lostpost.audit.verify import verify
from lostpost.found_parcels.answer_question import agree_to_pay_again
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.restorations.models import Restoration
from tests.found_parcels.scene import LATER, link_to, query_of, two_parcels_written_off

pytestmark = pytest.mark.django_db


def test_the_customer_agrees_to_both_questions_for_what_each_asked(anna, fien):
    recorded, *parcels = two_parcels_written_off(anna, fien)
    questions = []
    for parcel in parcels:
        case = report_came_back(write_off=recorded.number, parcel=parcel.code, by=anna, now=LATER)
        key = f"outcome-{parcel.code}"
        questions.append(
            decide_found_parcel(number=case.number, kind="pay-again", quantities={}, by=anna, key=key, now=LATER)
        )
    assert [question.amount_minor for question in questions] == [25_00, 25_00]  # Neither has the delivery costs.

    link = link_to(query_of(recorded))
    for question in questions:  # After the first, the second would bring the delivery costs were they asked for now.
        agree_to_pay_again(link=link, outcome_id=question.id, sentence="I agree.", language="nl", now=LATER)

    amounts = Restoration.objects.order_by("number").values_list("amount_minor", "delivery_minor")
    assert list(amounts) == [(25_00, 0), (25_00, 0)]
    assert set(FoundCase.objects.values_list("state", flat=True)) == {"settled"}
    assert [str(difference) for difference in verify(anna.seller)] == []

"""Found parcels: whoever says so at once opens one case, and a question has one answer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from lostpost.audit.verify import verify
from lostpost.found_parcels.answer_question import agree_to_pay_again, decline_to_pay_again
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel, withdraw_question
from lostpost.found_parcels.look_at_scans import look_at_scans
from lostpost.found_parcels.models import FoundCase, FoundEvidence, FoundOutcome
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.found_parcels.run_question_timers import run_question_timers
from lostpost.restorations.models import Restoration
from tests.cast import a_scan
from tests.found_parcels.scene import (
    LATER,
    case_of,
    customer_says,
    link_to,
    parcel_of,
    query_of,
    scanned,
    written_off,
)
from tests.races.together import done, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_carrier_customer_and_shop_say_so_at_once_in_one_case(anna):
    recorded = written_off(anna)
    parcel = parcel_of(recorded)
    a_scan(parcel, status="delivered", days=0.1, now=LATER)
    looks = partial(look_at_scans, seller_id=anna.seller_id, parcel_id=parcel.id, now=LATER)
    reports = partial(report_came_back, write_off=recorded.number, parcel=parcel.code, by=anna, now=LATER)
    query = query_of(recorded)

    done(together(looks, looks, partial(customer_says, query), partial(customer_says, query), reports, reports))

    assert FoundCase.objects.get(seller_id=anna.seller_id).state == "open"
    assert sorted(FoundEvidence.objects.values_list("kind", flat=True)) == ["came-back", "customer", "scan"]
    assert query_of(recorded).found_cases_open == 1


def test_a_question_is_answered_withdrawn_or_ended_but_only_one_of_them(anna, fien):
    recorded = written_off(anna, fien=fien, delivery_costs_minor=4_95)
    scanned(recorded)
    case = case_of(recorded)
    asked = decide_found_parcel(
        number=case.number, kind="pay-again", quantities={}, by=anna, key="question-1", now=LATER
    )
    of_customer: dict[str, Any] = {"link": link_to(query_of(recorded)), "outcome_id": asked.id, "now": LATER}
    agrees = partial(agree_to_pay_again, sentence="I agree.", language="nl", **of_customer)
    ends = partial(run_question_timers, seller_id=anna.seller_id, outcome_id=asked.id, now=LATER + timedelta(days=30))

    together(
        agrees,
        agrees,
        partial(decline_to_pay_again, answer="no", **of_customer),
        partial(withdraw_question, number=case.number, by=anna, now=LATER),
        ends,
    )

    state = FoundOutcome.objects.get(id=asked.id).state
    assert Restoration.objects.count() == (state == "agreed")
    after = {"agreed": "settled", "declined": "open", "withdrawn": "open", "unanswered": "unanswered"}
    assert case_of(recorded).state == after[state]
    assert query_of(recorded).found_cases_open == (after[state] == "open")
    assert [str(difference) for difference in verify(anna.seller)] == []


def test_of_people_who_decide_at_once_while_a_scan_comes_in_one_does(anna, bram, fien):
    recorded = written_off(anna, fien=fien)
    parcel = parcel_of(recorded)
    case = report_came_back(write_off=recorded.number, parcel=parcel.code, by=anna, now=LATER)
    a_scan(parcel, status="delivered", days=0.1, now=LATER)
    decide = partial(decide_found_parcel, number=case.number, quantities={}, now=LATER)

    _looked, *decided = together(
        partial(look_at_scans, seller_id=anna.seller_id, parcel_id=parcel.id, now=LATER),
        partial(decide, kind="return", by=anna, key="annas-decision"),
        partial(decide, kind="let-go", reason="It is broken.", by=bram, key="brams-decision"),
        partial(decide, kind="pay-again", by=bram, key="brams-question"),
    )

    (outcome,) = done(decided)
    assert FoundOutcome.objects.get().id == outcome.id
    assert case_of(recorded).state == ("asked" if outcome.kind == "pay-again" else "settled")
    assert list(verify(anna.seller)) == []

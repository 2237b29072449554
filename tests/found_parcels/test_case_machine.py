"""Found cases, whatever comes in which order: units and money add up, and payments are restored by consent alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lostpost.accounts.actor import Actor
from lostpost.audit.verify import verify
from lostpost.core.errors import Refused
from lostpost.found_parcels.answer_question import agree_to_pay_again, decline_to_pay_again
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel, withdraw_question
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.found_parcels.run_question_timers import due_questions, run_question_timers
from lostpost.found_parcels.units_left import FoundLine, units_left
from lostpost.restorations.models import Restoration
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from tests.found_parcels.scene import (
    LATER,
    case_of,
    customer_says,
    link_to,
    parcel_of,
    query_of,
    scanned,
    two_parcels_written_off,
    written_off,
)
from tests.searching import examples

pytestmark = pytest.mark.django_db

UNITS, PAID_MINOR, DELIVERY_MINOR = 3, 100_00, 4_95
ACTS = (
    *("pay-again", "pay-again", "return", "let-go", "withdraw", "agree", "agree", "no", "did-not-come"),
    *("paid", "not-paid", "a-week", "the-end", "customer-says", "came-back", "scan"),
)


class Play:
    """One parcel of three units that turned up, and everybody who may do something about it."""

    def __init__(self, seller: Actor, finance: Actor) -> None:
        self.seller, self.finance = seller, finance
        money: dict[str, Any] = {"quantity": UNITS, "paid_minor": PAID_MINOR, "delivery_costs_minor": DELIVERY_MINOR}
        self.recorded = written_off(seller, fien=finance, **money)
        self.now, self.keys = LATER, 0
        scanned(self.recorded)

    def do(self, act: str, count: int) -> None:
        """Do it, or be refused: a refusal must have changed nothing."""
        self.now += timedelta(minutes=1)
        self.keys += 1
        number, key = case_of(self.recorded).number, f"step-number-{self.keys}"
        parcel = parcel_of(self.recorded).code
        acts: dict[str, Callable[[], Any]] = {
            "withdraw": lambda: withdraw_question(number=number, by=self.seller, now=self.now),
            "agree": lambda: agree_to_pay_again(sentence="I agree.", language="nl", **self.question(count)),
            "no": lambda: decline_to_pay_again(answer="no", **self.question(count)),
            "did-not-come": lambda: decline_to_pay_again(answer="did-not-come", **self.question(count)),
            "paid": lambda: mark_restoration_paid(reference=key, **self.restoration()),
            "not-paid": lambda: withdraw_restoration(reason="Card expired", **self.restoration()),
            "a-week": lambda: self.wait(7),
            "the-end": lambda: self.wait(21),
            "customer-says": lambda: customer_says(query_of(self.recorded), key=key, now=self.now),
            "came-back": lambda: report_came_back(
                write_off=self.recorded.number, parcel=parcel, by=self.seller, now=self.now
            ),
            "scan": lambda: scanned(self.recorded, days=0, now=self.now),
        }
        if act in acts:
            acts[act]()
            return
        wish: dict[str, Any] = {
            "quantities": {"1": count} if count else {},
            "reason": "Because",
            "by": self.seller,
            "now": self.now,
        }
        decide_found_parcel(number=number, kind=act, key=key, **wish)

    def question(self, at: int) -> dict[str, Any]:
        """Name one of the questions so far, the newest first; none where there are not so many."""
        ids = list(FoundOutcome.objects.filter(kind="pay-again").order_by("-decided_at").values_list("id", flat=True))
        outcome_id = ids[at] if at < len(ids) else self.recorded.id
        link = link_to(query_of(self.recorded), now=self.now)
        return {"link": link, "outcome_id": outcome_id, "now": self.now}

    def restoration(self) -> dict[str, Any]:
        agreed = Restoration.objects.filter(state="agreed").values_list("number", flat=True).first()
        return {"seller_id": self.seller.seller_id, "number": agreed or "1-1-R1", "by": self.finance, "now": self.now}

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        for seller_id, outcome_id in due_questions(now=self.now, most=10):
            run_question_timers(seller_id=seller_id, outcome_id=outcome_id, now=self.now)

    def check(self) -> None:
        """Hold what must be true after every act."""
        (case,) = FoundCase.objects.all()
        (line,) = units_left(case.seller_id, case.write_off_id, case.parcel_id)
        outcomes = list(FoundOutcome.objects.select_related("restoration"))
        assert line.left >= 0
        assert [each.state for each in outcomes].count("asked") == (case.state == "asked")
        assert query_of(self.recorded).found_cases_open == (case.state == "open")
        standing = Restoration.objects.exclude(state="withdrawn").aggregate(minor=Sum("amount_minor"))["minor"] or 0
        assert standing <= PAID_MINOR + DELIVERY_MINOR
        consented = {each.restoration_id for each in outcomes if each.state in ("agreed", "not-paid")}
        assert consented == set(Restoration.objects.values_list("id", flat=True))
        still_agreed = [each for each in outcomes if each.state == "agreed" and each.restoration.state == "withdrawn"]
        if case.state == "settled" and not still_agreed:
            assert line.left == 0


def as_of_a_test() -> transaction.Atomic:
    """Open a savepoint inside which durable commands run."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    return around


@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, UNITS)), min_size=3, max_size=12))
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_units_and_money_add_up_whatever_is_done(anna, fien, acts):
    with as_of_a_test():
        play = Play(anna, fien)
        for act, count in acts:
            with suppress(Refused), as_of_a_test():
                play.do(act, count)
            play.check()
        assert [str(each) for each in verify(anna.seller)] == []
        transaction.set_rollback(True)


ACTS_OF_TWO = ("pay-again", "pay-again", "agree", "agree", "no", "withdraw", "paid", "not-paid", "the-end")


class TwoParcels(Play):
    """Both parcels of one write-off turned up; an act is about one of them."""

    def __init__(self, seller: Actor, finance: Actor) -> None:
        self.seller, self.finance, self.now, self.keys = seller, finance, LATER, 0
        self.recorded, *parcels = two_parcels_written_off(seller, finance)
        for parcel in parcels:
            report_came_back(write_off=self.recorded.number, parcel=parcel.code, by=seller, now=LATER)

    def do(self, act: str, count: int) -> None:
        """Do it about the parcel in this place, or be refused."""
        self.now += timedelta(minutes=1)
        self.keys += 1
        case = FoundCase.objects.select_related("query").order_by("number")[count % 2]
        asked = FoundOutcome.objects.filter(case_id=case.id, kind="pay-again").order_by("-decided_at")
        outcome_id = asked.values_list("id", flat=True).first() or case.id
        answer: dict[str, Any] = {"link": link_to(case.query, now=self.now), "outcome_id": outcome_id, "now": self.now}
        wish: dict[str, Any] = {"number": case.number, "by": self.seller, "now": self.now}
        acts: dict[str, Callable[[], Any]] = {
            "pay-again": lambda: decide_found_parcel(kind=act, quantities={}, key=f"step-number-{self.keys}", **wish),
            "withdraw": lambda: withdraw_question(**wish),
            "agree": lambda: agree_to_pay_again(sentence="I agree.", language="nl", **answer),
            "no": lambda: decline_to_pay_again(answer="no", **answer),
            "paid": lambda: mark_restoration_paid(reference=f"BANK-{self.keys}", **self.restoration()),
            "not-paid": lambda: withdraw_restoration(reason="Card expired", **self.restoration()),
            "the-end": lambda: self.wait(21),
        }
        acts[act]()

    def check(self) -> None:
        """Hold that delivery costs are to be paid only where everything is kept, or asked about."""
        standing = Restoration.objects.exclude(state="withdrawn")
        paid_minor = sum(each.amount_minor for each in standing)
        assert paid_minor <= self.recorded.refund_minor
        if standing.filter(state="agreed", delivery_minor__gt=0).exists():
            assert not [line for case in FoundCase.objects.all() for line in of_case(case) if line.left]


def of_case(case: FoundCase) -> list[FoundLine]:
    return units_left(case.seller_id, case.write_off_id, case.parcel_id)


@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(
                ["pay-again", "pay-again", "agree", "agree", "no", "withdraw", "paid", "not-paid", "the-end"]
            ),
            st.integers(0, 1),
        ),
        min_size=4,
        max_size=12,
    )
)
@example(acts=[("pay-again", 0), ("pay-again", 1), ("agree", 1), ("no", 0), ("pay-again", 0), ("agree", 0)])
@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_delivery_costs_are_paid_again_only_with_all_of_a_write_off(anna, fien, acts):
    with as_of_a_test():
        play = TwoParcels(anna, fien)
        for act, place in acts:
            with suppress(Refused), as_of_a_test():
                play.do(act, place)
            play.check()
        assert [str(each) for each in verify(anna.seller)] == []
        transaction.set_rollback(True)

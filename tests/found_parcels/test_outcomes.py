"""What is decided about a found parcel: money moves only with the customer's consent, once, and to the cent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.accounts.actor import ReadOnly
from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import KeyReused
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import Mail
from lostpost.found_parcels.answer_question import QuestionEnded, agree_to_pay_again, decline_to_pay_again
from lostpost.found_parcels.decide_found_parcel import (
    FoundCaseNotFound,
    FoundParcelChanged,
    NothingAsked,
    decide_found_parcel,
    withdraw_question,
)
from lostpost.found_parcels.models import FoundOutcome
from lostpost.found_parcels.preview_outcome import (
    MOST_QUESTIONS,
    AlreadyAskedToPay,
    FoundCaseEnded,
    NoSuchUnits,
    preview_outcome,
)
from lostpost.found_parcels.reads import questions_of_query, written_off_parcels
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.found_parcels.run_question_timers import (
    cases_settled_elsewhere,
    cases_with_units_again,
    due_questions,
    end_as_settled,
    open_again,
    run_question_timers,
)
from lostpost.found_parcels.units_left import units_held
from lostpost.ledger.models import Transfer
from lostpost.restorations.models import Restoration
from lostpost.restorations.restore_payment import MoreThanRefunded, NothingToRestore, RefundNotPaid, restore_payment
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.writeoffs.selection import SelectedUnits
from tests.cast import row_counts
from tests.found_parcels.scene import LATER, case_of, entries, link_to, parcel_of, query_of, scanned, written_off

pytestmark = pytest.mark.django_db

SENTENCE = "I have it, and I agree to pay € 29.95 again."


def found(anna, fien=None, **parcel):
    recorded = written_off(anna, fien=fien, **parcel)
    scanned(recorded)
    return recorded


def decided(recorded, by, kind, quantities=None, *, key="outcome-1", now=LATER, **values):
    case = case_of(recorded)
    return decide_found_parcel(
        number=case.number, kind=kind, quantities=quantities or {}, by=by, key=key, now=now, **values
    )


def agreed(recorded, outcome, *, now=LATER):
    return agree_to_pay_again(
        link=link_to(query_of(recorded), now=now), outcome_id=outcome.id, sentence=SENTENCE, language="nl", now=now
    )


def differences(anna):
    return [str(difference) for difference in verify(anna.seller)]


def timers(now):
    for seller_id, outcome_id in due_questions(now=now, most=10):
        run_question_timers(seller_id=seller_id, outcome_id=outcome_id, now=now)
    for seller_id, number in cases_settled_elsewhere(most=10):
        end_as_settled(seller_id=seller_id, number=number, now=now)
    for seller_id, number in cases_with_units_again(now=now, most=10):
        open_again(seller_id=seller_id, number=number, now=now)


def test_a_customer_who_agrees_pays_again_once_with_the_consent_kept(anna, fien):
    recorded = found(anna, fien, paid_minor=25_00, delivery_costs_minor=4_95, customer_language="nl")
    question = decided(recorded, anna, "pay-again", shown_minor=29_95)
    assert (case_of(recorded).state, query_of(recorded).found_cases_open) == ("asked", 0)
    mail = Mail.objects.get(seller_id=anna.seller_id, kind="found.asked")
    letter = write_letter(mail_to_write(seller_id=anna.seller_id, mail_id=mail.id))
    assert "29,95" in letter.text
    assert "29,95" in letter.html

    answered = agreed(recorded, question)
    before = row_counts()
    assert agreed(recorded, question).restoration_id == answered.restoration_id
    assert row_counts() == before

    restoration = Restoration.objects.get(seller_id=anna.seller_id)
    assert (restoration.amount_minor, restoration.consent, restoration.consented_at) == (29_95, SENTENCE, LATER)
    stored = FoundOutcome.objects.get(id=question.id)
    assert (stored.state, stored.consent_language, stored.ended_at) == ("agreed", "nl", LATER)
    assert stored.link_id == link_to(query_of(recorded)).id
    assert case_of(recorded).state == "settled"
    paid = {"number": restoration.number, "reference": "tr_again", "by": fien, "now": LATER}
    mark_restoration_paid(seller_id=anna.seller_id, **paid)
    assert Transfer.objects.filter(seller_id=anna.seller_id, kind="restored_turnover").count() == 1
    assert differences(anna) == []
    assert entries(query_of(recorded)) == ["found.opened", "found.asked", "found.agreed"]
    with pytest.raises(FoundCaseEnded):
        decided(recorded, anna, "return", key="outcome-2")


def test_units_are_decided_about_one_by_one(anna, fien):
    recorded = found(anna, fien, quantity=3, paid_minor=100_00)
    question = decided(recorded, anna, "pay-again", {"1": 1})
    returned = decided(recorded, anna, "return", {"1": 1}, key="outcome-2")
    assert (question.amount_minor, returned.amount_minor, returned.state) == (33_33, 33_33, "done")
    with pytest.raises(NoSuchUnits):
        decided(recorded, anna, "let-go", {"1": 2}, reason="Too small", key="outcome-3")
    decided(recorded, anna, "let-go", {"1": 1}, reason="Too small", key="outcome-3")
    assert case_of(recorded).state == "asked"  # The customer's answer is still to come.

    agreed(recorded, question)

    assert case_of(recorded).state == "settled"
    assert Restoration.objects.get().amount_minor == 33_33
    assert differences(anna) == []
    FoundOutcome.objects.filter(id=question.id).update(amount_minor=1)
    assert any("consent of the customer" in difference for difference in differences(anna))


def test_a_return_and_what_is_let_go_leave_the_books(anna, fien):
    recorded = found(anna, fien, quantity=2)
    transfers = Transfer.objects.count()

    decided(recorded, anna, "return", {"1": 1})
    with pytest.raises(Rejected):
        decided(recorded, anna, "let-go", key="outcome-2")
    decided(recorded, anna, "let-go", reason="Not worth it", key="outcome-2")

    assert Transfer.objects.count() == transfers
    assert (case_of(recorded).state, query_of(recorded).found_cases_open) == ("settled", 0)
    assert entries(query_of(recorded))[1:] == ["found.returned", "found.let-go"]
    assert differences(anna) == []


def test_refusals_leave_nothing(anna, carla, vera, fien):
    recorded = found(anna)
    before = row_counts()
    with pytest.raises(RefundNotPaid):
        decided(recorded, anna, "pay-again")
    for wrong in ({"1": 2}, {"nothing": 1}, {"1": 0}):
        with pytest.raises(NoSuchUnits):
            decided(recorded, anna, "return", wrong)
    with pytest.raises(FoundParcelChanged):
        decided(recorded, anna, "return", shown_minor=1)
    with pytest.raises(Rejected):
        decided(recorded, anna, "burn")
    with pytest.raises(ReadOnly):
        decided(recorded, vera, "return")
    with pytest.raises(FoundCaseNotFound):
        decided(recorded, carla, "return")
    with pytest.raises(NothingAsked):
        withdraw_question(number=case_of(recorded).number, by=anna, now=LATER)
    assert row_counts() == before

    outcome = decided(recorded, anna, "return")
    assert decided(recorded, anna, "return").id == outcome.id  # A retry.
    with pytest.raises(KeyReused):
        decided(recorded, anna, "let-go", reason="Other")


def test_who_declines_gives_it_back_to_the_shop_and_is_not_asked_for_ever(anna, fien):
    recorded = found(anna, fien)
    for n, answer in enumerate(("no", "did-not-come", "no")):
        question = decided(recorded, anna, "pay-again", key=f"outcome-{n}")
        with pytest.raises(AlreadyAskedToPay):
            decided(recorded, anna, "pay-again", key="outcome-again")
        link = link_to(query_of(recorded))
        for _each in range(2):
            decline_to_pay_again(link=link, outcome_id=question.id, answer=answer, now=LATER)
        assert (case_of(recorded).state, query_of(recorded).found_cases_open) == ("open", 1)
        with pytest.raises(QuestionEnded):
            agreed(recorded, question)

    with pytest.raises(AlreadyAskedToPay):
        decided(recorded, anna, "pay-again", key="outcome-4")
    assert not Restoration.objects.exists()


def test_only_questions_that_reached_the_customer_count(anna, fien):
    recorded = found(anna, fien)
    number = case_of(recorded).number
    for n in range(MOST_QUESTIONS + 1):
        question = decided(recorded, anna, "pay-again", key=f"outcome-{n}")
        if n % 2:
            Mail.objects.filter(about_id=question.id).update(
                state="sent", sent_at=LATER, delivery="bounced", delivery_at=LATER
            )
        withdraw_question(number=number, by=anna, now=LATER)
    for n in range(MOST_QUESTIONS):
        question = decided(recorded, anna, "pay-again", key=f"arrived-{n}")
        Mail.objects.filter(about_id=question.id).update(state="sent", sent_at=LATER)
        withdraw_question(number=number, by=anna, now=LATER)

    with pytest.raises(AlreadyAskedToPay):
        decided(recorded, anna, "pay-again", key="outcome-last")


def test_a_question_that_was_taken_back_or_is_another_query_s_cannot_be_answered(anna, fien):
    recorded, other = found(anna, fien), found(anna, key="write-off-2")
    question = decided(recorded, anna, "pay-again")
    with pytest.raises(QuestionEnded):
        agreed(other, question)
    close_query(number=query_of(recorded).number, by=anna, now=LATER)

    withdraw_question(number=case_of(recorded).number, by=anna, now=LATER)

    with pytest.raises(QuestionEnded):
        agreed(recorded, question)
    assert case_of(recorded).state == "open"
    assert query_of(recorded).state == "open"  # An open case in a handled query is in nobody's list.
    assert Mail.objects.get(seller_id=anna.seller_id, about_id=question.id).state == "failed", "it had not gone out yet"
    assert not Restoration.objects.exists()


def test_finance_restores_no_unit_that_was_sent_back_or_that_the_customer_is_asked_about(anna, pia, fien):
    recorded = found(anna, fien, quantity=4, paid_minor=100_00)
    decided(recorded, anna, "return", {"1": 1})
    decided(recorded, anna, "let-go", {"1": 1}, reason="Broken", key="outcome-2")
    decided(recorded, anna, "pay-again", {"1": 1}, key="outcome-3")
    request = {"consent": "By telephone", "consented_at": LATER, "units_held": units_held, "by": pia, "now": LATER}
    of_shop = {"seller_id": anna.seller_id, "write_off": recorded.number, **request}
    with pytest.raises(MoreThanRefunded) as refused:
        restore_payment(selection=[SelectedUnits(parcel_of(recorded).code, "1", 2)], key="restore-1", **of_shop)
    assert refused.value.available == 1

    restored = restore_payment(key="restore-2", **of_shop)

    assert restored.amount_minor == 25_00
    with pytest.raises(NothingToRestore):
        restore_payment(key="restore-3", **of_shop)
    withdraw_question(number=case_of(recorded).number, by=anna, now=LATER)
    decided(recorded, anna, "return", key="outcome-4")
    assert case_of(recorded).state == "settled"
    assert differences(anna) == []
    close_query(number=query_of(recorded).number, by=anna, now=LATER)


def test_a_line_of_which_too_much_was_decided_has_nothing_left(anna, pia, fien):
    recorded = found(anna, fien, quantity=2)
    decided(recorded, anna, "return", {"1": 1})
    consent = {"consent": "By telephone", "consented_at": LATER, "by": pia, "key": "restore-1", "now": LATER}
    restore_payment(seller_id=anna.seller_id, write_off=recorded.number, **consent)  # As was done before it knew.

    timers(LATER)

    assert (case_of(recorded).state, query_of(recorded).found_cases_open) == ("settled", 0)


def test_what_finance_restored_meanwhile_is_not_paid_twice_and_the_question_ends(anna, pia, fien):
    recorded = found(anna, fien, quantity=2)
    question = decided(recorded, anna, "pay-again")
    close_query(number=query_of(recorded).number, by=anna, now=LATER)
    consent = {"consent": "By telephone", "consented_at": LATER, "by": pia, "now": LATER}
    of_shop = {"seller_id": anna.seller_id, "write_off": recorded.number, **consent}
    one = SelectedUnits(parcel_of(recorded).code, "1", 1)
    restore_payment(selection=[one], key="restore-1", **of_shop)

    for _each in range(2):
        with pytest.raises(QuestionEnded):
            agreed(recorded, question)
    assert FoundOutcome.objects.get(id=question.id).state == "withdrawn"
    assert (case_of(recorded).state, query_of(recorded).state) == ("open", "open")
    assert entries(query_of(recorded))[2:] == ["found.withdrawn"]
    assert questions_of_query(anna.seller_id, recorded.query_id) == []
    restore_payment(selection=[one], key="restore-2", **of_shop)
    timers(LATER)

    assert case_of(recorded).state == "settled"
    assert query_of(recorded).found_cases_open == 0


def test_the_customer_is_reminded_once_and_then_it_ends_and_the_shop_may_still_act(anna, fien):
    recorded = found(anna, fien)
    question = decided(recorded, anna, "pay-again")

    timers(LATER + timedelta(days=7) - timedelta(seconds=1))
    assert entries(query_of(recorded))[2:] == []
    for days in (7, 8, 20):
        timers(LATER + timedelta(days=days))
    assert entries(query_of(recorded))[2:] == ["found.reminded"]
    assert Mail.objects.filter(kind="found.reminded").count() == 1
    ended = LATER + timedelta(days=21)
    for _each in range(2):
        timers(ended)

    assert entries(query_of(recorded))[3:] == ["found.unanswered"]
    assert (case_of(recorded).state, query_of(recorded).found_cases_open) == ("unanswered", 0)
    with pytest.raises(QuestionEnded):
        agreed(recorded, question, now=ended)
    with pytest.raises(FoundCaseEnded):
        decided(recorded, anna, "return", key="outcome-2", now=ended + timedelta(days=30))
    decided(recorded, anna, "return", key="outcome-2", now=ended + timedelta(days=29))
    assert case_of(recorded).state == "settled"


def test_what_comes_back_after_no_answer_is_to_be_decided_about_again(anna, fien):
    recorded = found(anna, fien)
    report = {"write_off": recorded.number, "parcel": parcel_of(recorded).code, "by": anna}
    report_came_back(**report, now=LATER)
    assert written_off_parcels(query_of(recorded)) == []
    decided(recorded, anna, "pay-again")
    close_query(number=query_of(recorded).number, by=anna, now=LATER)
    timers(LATER + timedelta(days=21))
    long_after = LATER + timedelta(days=52)
    with pytest.raises(FoundCaseEnded):
        decided(recorded, anna, "return", key="outcome-2", now=long_after)
    assert [parcel.parcel for parcel in written_off_parcels(query_of(recorded))] == [report["parcel"]]

    for _each in range(2):
        report_came_back(**report, now=long_after)

    assert (case_of(recorded).state, query_of(recorded).state) == ("open", "open")
    assert entries(query_of(recorded))[-2:] == ["found.unanswered", "found.seen-again"]
    decided(recorded, anna, "return", key="outcome-2", now=long_after)


def test_who_agreed_and_did_not_pay_leaves_it_to_the_shop_again(anna, fien):
    recorded = found(anna, fien)
    agreed(recorded, decided(recorded, anna, "pay-again"))
    restoration = Restoration.objects.get()
    timers(LATER)
    withdrawn = {"number": restoration.number, "reason": "Card expired", "by": fien, "now": LATER}
    withdraw_restoration(seller_id=anna.seller_id, **withdrawn)

    for _each in range(2):
        timers(LATER)

    assert entries(query_of(recorded))[3:] == ["found.not-paid"]
    assert (case_of(recorded).state, query_of(recorded).found_cases_open) == ("open", 1)
    assert differences(anna) == []


def test_what_finance_restored_and_withdrew_is_to_be_decided_about_again(anna, pia, fien):
    recorded = found(anna, fien)
    consent = {"consent": "By telephone", "consented_at": LATER, "by": pia, "key": "restore-1", "now": LATER}
    restoration = restore_payment(seller_id=anna.seller_id, write_off=recorded.number, **consent)
    timers(LATER)
    assert case_of(recorded).state == "settled"
    close_query(number=query_of(recorded).number, by=anna, now=LATER)
    timers(LATER)
    assert case_of(recorded).state == "settled"
    withdrawn = {"number": restoration.number, "reason": "Card expired", "by": fien, "now": LATER}
    withdraw_restoration(seller_id=anna.seller_id, **withdrawn)

    for _each in range(2):
        timers(LATER)

    assert (case_of(recorded).state, query_of(recorded).state) == ("open", "open")
    assert query_of(recorded).found_cases_open == 1
    decided(recorded, anna, "return")
    assert case_of(recorded).state == "settled"


def test_the_policy_says_how_long_a_question_waits(anna, fien):
    values = {"found_reminder_days": 2, "found_end_days": 3}
    change_policy(values=values, reason="Quick", by="operator", now=LATER)
    recorded = found(anna, fien)
    decided(recorded, anna, "pay-again")

    timers(LATER + timedelta(days=2))
    timers(LATER + timedelta(days=3))

    assert entries(query_of(recorded))[2:] == ["found.reminded", "found.unanswered"]


def test_a_preview_leaves_no_trace(anna, fien):
    recorded = found(anna, fien, quantity=3, paid_minor=100_00)
    before = row_counts()

    preview = preview_outcome(case_of(recorded), kind="return", quantities={"1": 2}, now=LATER)

    assert (preview.amount_minor, preview.units_left_after) == (66_66, 1)
    assert row_counts() == before

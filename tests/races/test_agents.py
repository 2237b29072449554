"""Several people at work on one query, one refund or one request concurrently: no deadlock, nothing twice."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from lostpost.accounts.models import PolicyVersion
from lostpost.accounts.policy import change_policy
from lostpost.answering.answer_query import answer_query
from lostpost.answering.start_contact import start_contact
from lostpost.audit.verify import verify
from lostpost.core.errors import Conflict, Refused
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.customer_queries.settle_mail import mark_mail_failed, mark_mail_sent
from lostpost.ledger.models import Transfer
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import AlreadyAsked, ask_partnerservice
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import RequestAnswered
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import RefundSettled, mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, an_order, mails_about, silent_parcel
from tests.races.together import done, together

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20


@pytest.fixture
def refund(anna) -> Refund:
    """Return a requested refund."""
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="the-write-off", now=NOW)
    return Refund.objects.get(seller_id=anna.seller_id)


# Money -------------------------------------------------------------------------------------------------------------


def test_a_refund_marked_paid_many_times_at_once_is_booked_once(anna, fien, refund):
    paid = partial(
        mark_refund_paid, seller_id=anna.seller_id, number=refund.number, reference="BANK-1", by=fien, now=NOW
    )

    ran = together(*[paid] * TIMES)

    assert len(done(ran)) == TIMES
    assert {(it.state, it.reference) for it in done(ran)} == {("confirmed", "BANK-1")}
    assert Transfer.objects.filter(seller_id=anna.seller_id, kind="refund_paid").count() == 1
    assert TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="refund.confirmed").count() == 1
    assert list(verify(anna.seller)) == []


def test_a_refund_paid_by_many_with_their_own_references_is_paid_by_one(anna, fien, refund):
    ran = together(
        *(
            partial(
                mark_refund_paid,
                seller_id=anna.seller_id,
                number=refund.number,
                reference=f"BANK-{n}",
                by=fien,
                now=NOW,
            )
            for n in range(TIMES)
        )
    )

    (paid,) = done(ran)
    assert all(isinstance(result.refusal, RefundSettled) for result in ran if not result.done)
    refund.refresh_from_db()
    assert refund.reference == paid.reference
    assert list(verify(anna.seller)) == []


def test_a_refund_is_paid_or_failed_but_not_both(anna, fien):
    for number in range(10):
        query = silent_parcel(anna)
        recorded = write_off(query=query.number, selection=all_of(query), by=anna, key=f"refund-{number}", now=NOW)
        of_it: dict[str, Any] = {"seller_id": anna.seller_id, "number": recorded.number, "by": fien, "now": NOW}

        paid, failed, again = together(
            partial(mark_refund_paid, reference="BANK", **of_it),
            partial(mark_refund_failed, problem="Account closed", **of_it),
            partial(retry_refund, **of_it),
            jitter_seconds=0.01,
        )

        state = Refund.objects.get(seller_id=anna.seller_id, number=recorded.number).state
        booked = Transfer.objects.filter(
            seller_id=anna.seller_id, kind="refund_paid", source_id=recorded.refund_id
        ).count()
        assert booked == int(paid.done) == int(state == "confirmed")
        assert paid.done or failed.done
        assert all(isinstance(it.refusal, RefundSettled) for it in (paid, failed, again) if not it.done)
    assert list(verify(anna.seller)) == []


# Words -------------------------------------------------------------------------------------------------------------


def test_a_message_sent_many_times_at_once_is_sent_once(anna):
    query = silent_parcel(anna)
    sent = partial(
        answer_query, number=query.number, message="We are looking.", leave_open=True, by=anna, key="send-me-1", now=NOW
    )

    ran = together(*[sent] * TIMES)

    assert len(done(ran)) == TIMES
    assert len(mails_about(query, "message")) == 2  # That of the start, and this one.


def test_contact_started_many_times_at_once_is_one_query(anna):
    order = an_order(anna.seller)
    words: dict[str, Any] = {"order_number": order.number, "subject": "Where is it?", "message": "We ask."}

    ran = together(
        *[partial(start_contact, by=anna, leave_open=True, key="only-once-please", now=NOW, **words)] * TIMES
    )

    assert len({query.number for query in done(ran)}) == 1
    assert len(done(ran)) == TIMES
    assert CustomerQuery.objects.filter(seller_id=anna.seller_id).count() == 1
    assert Mail.objects.filter(seller_id=anna.seller_id).count() == 1


def test_queries_started_at_once_have_numbers_of_their_own(anna):
    order = an_order(anna.seller)
    words: dict[str, Any] = {"order_number": order.number, "subject": "Where is it?", "message": "We ask."}

    ran = together(
        *(
            partial(start_contact, by=anna, leave_open=True, key=f"contact-{n:04}", now=NOW, **words)
            for n in range(TIMES)
        )
    )

    assert len({query.number for query in done(ran)}) == TIMES


def test_concurrent_commands_on_one_query_do_not_deadlock(anna, bram, fien):
    """Every command on one order at once, repeatedly; the outcome must fit some order of them."""
    query = silent_parcel(anna, quantity=12, paid_minor=120_05, delivery_costs_minor=4_95)
    (units,) = all_of(query)
    number, seller_id = query.number, anna.seller_id
    for turn in range(8):
        refund_numbers = list(Refund.objects.filter(seller_id=seller_id).values_list("number", flat=True))
        mails = list(Mail.objects.filter(seller_id=seller_id, state="queued").values_list("id", flat=True))
        one = [SelectedUnits(units.parcel, units.item, 1)]
        calls: list[Callable[[], Any]] = [
            partial(write_off, query=number, selection=one, by=anna, key=f"write-off-a{turn}", now=NOW),
            partial(write_off, query=number, selection=one, by=bram, key=f"write-off-b{turn}", now=NOW),
            partial(close_query, number=number, by=bram, now=NOW),
            partial(reopen_query, number=number, by=anna, now=NOW),
            partial(
                put_aside,
                number=number,
                state="follow_up_later",
                by=anna,
                now=NOW,
                follow_up_on=(NOW + timedelta(days=3)).date(),
            ),
            partial(
                answer_query,
                number=number,
                message=f"Word {turn}",
                leave_open=bool(turn % 2),
                by=bram,
                key=f"answer-{turn:04}",
                now=NOW,
            ),
            partial(receive_message, seller_id=seller_id, number=number, message="Where is it?", now=NOW),
            *(partial(mark_mail_failed, seller_id=seller_id, mail_id=it, problem="No", now=NOW) for it in mails[:2]),
            *(
                partial(mark_mail_sent, seller_id=seller_id, mail_id=it, subject="S", body="B", now=NOW)
                for it in mails[:2]
            ),
            *(
                partial(mark_refund_paid, seller_id=seller_id, number=it, reference=f"BANK-{it}", by=fien, now=NOW)
                for it in refund_numbers[-2:]
            ),
            *(
                partial(mark_refund_failed, seller_id=seller_id, number=it, problem="Closed", by=fien, now=NOW)
                for it in refund_numbers[-2:]
            ),
        ]

        ran = together(*calls, jitter_seconds=0.01)

        assert all(isinstance(result.refusal, Refused) for result in ran if not result.done)
        together(partial(reopen_query, number=number, by=anna, now=NOW))
    query.refresh_from_db()
    assert query.state == "open"
    assert list(verify(anna.seller)) == []
    assert_timeline_and_states_agree(seller_id)


def assert_timeline_and_states_agree(seller_id: UUID) -> None:
    """Every refund that was paid or failed, and every failed e-mail, has one entry that says so.

    A refund that failed may be paid after all, so it can have both entries; one that was paid cannot fail by hand.
    """
    entries = TimelineEntry.objects.filter(seller_id=seller_id, kind__in=["refund.confirmed", "refund.failed"])
    of_refund: dict[str, list[str]] = {}
    for number, kind in entries.values_list("data__number", "kind"):
        of_refund.setdefault(number, []).append(kind.removeprefix("refund."))
    refunds = Refund.objects.filter(seller_id=seller_id, state__in=["confirmed", "failed"])
    ends = {number: "confirmed" if "confirmed" in kinds else "failed" for number, kinds in of_refund.items()}
    assert ends == dict(refunds.values_list("number", "state"))
    assert all(len(kinds) == len(set(kinds)) for kinds in of_refund.values())
    failed = Mail.objects.filter(seller_id=seller_id, state="failed").count()
    assert TimelineEntry.objects.filter(seller_id=seller_id, kind="mail.failed").count() == failed


def test_a_query_is_closed_or_written_off_from_but_a_closed_one_never(anna, bram):
    for turn in range(12):
        query = silent_parcel(anna)

        lost, closed = together(
            partial(write_off, query=query.number, selection=all_of(query), by=anna, key=f"turn-{turn:04}", now=NOW),
            partial(close_query, number=query.number, by=bram, now=NOW),
            jitter_seconds=0.01,
        )

        assert closed.done
        kinds = list(
            TimelineEntry.objects.filter(seller_id=anna.seller_id, query_id=query.id)
            .order_by("id")
            .values_list("kind", flat=True)
        )
        if lost.done:
            assert kinds.index("write-off.confirmed") < kinds.index("query.closed")
        else:
            assert isinstance(lost.refusal, Conflict)
            assert lost.refusal.code == "query-not-open"


def test_a_failed_refund_and_the_closing_of_its_query_leave_it_open(anna, bram, fien):
    for turn in range(12):
        query = silent_parcel(anna)
        recorded = write_off(query=query.number, selection=all_of(query), by=anna, key=f"turn-{turn:04}", now=NOW)

        together(
            partial(close_query, number=query.number, by=bram, now=NOW),
            partial(
                mark_refund_failed, seller_id=anna.seller_id, number=recorded.number, problem="Closed", by=fien, now=NOW
            ),
            jitter_seconds=0.01,
        )

        query.refresh_from_db()
        assert query.state == "open", "the customer still has no money"


# Partnerservice ----------------------------------------------------------------------------------------------------


def test_concurrent_requests_and_answers_are_stored_once(anna, bram, pia):
    query = silent_parcel(anna, quiet_days=70)
    (units,) = all_of(query)
    ask: dict[str, Any] = {"query": query.number, "parcel": units.parcel, "item": units.item, "now": NOW}

    results = together(
        *(partial(ask_partnerservice, sentence=f"Please decide, {n}.", by=anna, **ask) for n in range(10))
    )

    (request,) = done(results)
    assert all(isinstance(result.refusal, AlreadyAsked) for result in results if not result.done)

    answered = together(
        *(
            partial(
                answer_request,
                seller_id=anna.seller_id,
                request_id=request.id,
                answer=f"Decided, {n}.",
                by=pia,
                now=NOW,
            )
            for n in range(10)
        )
    )

    (answer,) = done(answered)
    assert all(isinstance(result.refusal, RequestAnswered) for result in answered if not result.done)
    assert PartnerserviceRequest.objects.get(seller_id=anna.seller_id).answer == answer.answer


def test_policies_decided_at_once_come_one_after_the_other(db):
    ran = together(
        *(
            partial(change_policy, values={"quiet_days": n + 4}, reason="Another view", by="Olga", now=NOW)
            for n in range(10)
        )
    )

    assert len(done(ran)) == 10
    assert sorted(policy.version for policy in done(ran)) == list(range(1, 11))
    newest = PolicyVersion.objects.get(version=10)
    assert [policy.quiet_days for policy in done(ran) if policy.version == 10] == [newest.values["quiet_days"]]


def test_notes_of_two_agents_are_both_stored(anna, bram):
    query = silent_parcel(anna)

    ran = together(
        *(
            partial(add_note, number=query.number, text=f"Note {n}", by=by, key=f"note-{n:06}", now=NOW)
            for n, by in enumerate([anna, bram] * 5)
        )
    )

    assert len(done(ran)) == 10
    assert TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="note.added").count() == 10

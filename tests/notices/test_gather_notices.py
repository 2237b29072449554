"""Which events become whose notices, and how soon they are due: each event once for each person."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lostpost.accounts.actor import Actor
from lostpost.accounts.change_member import change_role, take_out_member
from lostpost.accounts.models import Seller
from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.assign_query import assign_query
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.run_timers import run_timers
from lostpost.customer_queries.settle_mail import mark_mail_failed
from lostpost.events.models import Event
from lostpost.events.record import record_events
from lostpost.jobs.notices import hand_over
from lostpost.notices import gather_notices as gathering
from lostpost.notices.choose_notices import choose_notices
from lostpost.notices.digest_time import next_digest_at
from lostpost.notices.gather_notices import TOO_OLD, gather_notices
from lostpost.notices.kinds import DESK_KINDS, MEMBER_KINDS
from lostpost.notices.models import Notice, NoticeCursor
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.assign_request import assign_request
from lostpost.partnerservice.models import PartnerserviceRequest, RequestStep
from lostpost.texts.notices import notice_kind_text, notice_text
from tests.cast import NOW, a_member, a_staff_member, annas_shop
from tests.partnerservice.cases import a_request

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DIGEST = datetime(2026, 3, 11, 7, tzinfo=AMSTERDAM)  # The next after NOW.


@dataclass
class People:
    """Anna's shop with a request that Bram made, and two agents; all events so far are gathered."""

    anna: Actor
    bram: Actor
    vera: Actor
    pia: Actor
    puck: Actor
    request: PartnerserviceRequest

    @property
    def number(self) -> str:
        return str(self.request.query.number)


@pytest.fixture(scope="module")
def written(written_once: Any) -> People:
    with written_once():
        anna = annas_shop()
        bram, vera = a_member(anna.seller, "Bram", "agent"), a_member(anna.seller, "Vera", "viewer")
        pia, puck = (a_staff_member(name, "partnerservice") for name in ("Pia", "Puck"))
        request = a_request(bram)
        people = People(anna, bram, vera, pia, puck, request)
        gathered(people)
        Notice.objects.filter(seller_id=anna.seller_id).delete()
        return people


@pytest.fixture
def people(written: People) -> People:
    return deepcopy(written)


def gathered(people: People, now: datetime = NOW) -> dict[tuple[str, str], datetime]:
    """Make notices of what is new; return when each is due, by person and kind."""
    while gather_notices(seller_id=people.anna.seller_id, now=now):
        pass
    names = dict(User.objects.values_list("pk", "first_name"))
    rows = Notice.objects.filter(seller_id=people.anna.seller_id)
    assert len({(row.user_id, row.at_desk, row.source) for row in rows}) == len(rows)
    return {(names[row.user_id], row.kind): row.due_at for row in rows}


def answered(people: People) -> None:
    answer_request(
        seller_id=people.anna.seller_id, request_id=people.request.id, answer="It is lost.", by=people.pia, now=NOW
    )


def chosen(by: Actor, **timings: str) -> None:
    choose_notices(timings=timings, digest_hour=7, language="en", off=False, by=by, now=NOW)


def test_the_answer_goes_to_whoever_asked_at_once_and_to_others_in_the_digest(people):
    answered(people)
    assert gathered(people) == {("Bram", "answer"): NOW, ("Anna", "decision"): DIGEST}
    assert {notice.data["order_number"] for notice in Notice.objects.filter(seller_id=people.anna.seller_id)} == {
        people.request.query.order.number
    }


def test_what_concerns_one_person_goes_to_that_person(people):
    add_note(number=people.number, text="@Vera and @Bram, who signed?", by=people.bram, key="note-for-vera", now=NOW)
    assign_query(number=people.number, user_id=people.bram.user_id, by=people.anna, now=NOW)
    assert gathered(people) == {("Vera", "mention"): NOW, ("Bram", "assigned"): NOW}


def test_whoever_wrote_what_did_not_arrive_hears_of_it_and_all_of_who_waits_for_too_long(people):
    answer = {"number": people.number, "message": "We look for it.", "leave_open": True}
    answer_query(**answer, by=people.bram, key="answer-of-bram", now=NOW)
    gathered(people)
    Notice.objects.filter(seller_id=people.anna.seller_id).delete()
    mail = Mail.objects.filter(seller_id=people.anna.seller_id, kind="message").latest("queued_at")
    mark_mail_failed(seller_id=mail.seller_id, mail_id=mail.id, problem="No such user", now=NOW)
    assert gathered(people) == {("Bram", "unsent"): NOW}
    run_timers(seller_id=mail.seller_id, number=people.number, now=NOW + timedelta(days=2))
    overdue = {notice for notice in gathered(people, NOW + timedelta(days=2)) if notice[1] == "overdue"}
    assert overdue == {("Anna", "overdue"), ("Bram", "overdue")}


def test_nobody_gets_what_they_did_or_may_not_see_and_no_customers_words(people):
    receive_message(seller_id=people.anna.seller_id, number=people.number, message="Where is it, Bram?", now=NOW)
    change_role(user_id=people.bram.user_id, role="agent", sections={"queries": "none"}, by=people.anna, now=NOW)
    # What Bram may see counts as of the gathering; Vera only looks, and chose nothing.
    assert gathered(people) == {("Anna", "message"): DIGEST, ("Bram", "people"): DIGEST}
    kept = str(list(Notice.objects.filter(seller_id=people.anna.seller_id).values_list("data", flat=True)))
    assert "Klaas" not in kept
    assert "Where is it" not in kept


def test_everybody_chooses_kind_by_kind(people):
    chosen(people.vera, message="at-once")
    chosen(people.anna, message="none")
    choose_notices(timings={"message": "at-once"}, digest_hour=9, language="nl", off=True, by=people.bram, now=NOW)
    receive_message(seller_id=people.anna.seller_id, number=people.number, message="Where is it?", now=NOW)
    assert gathered(people) == {("Vera", "message"): NOW}


def test_stopped_logins_and_former_members_get_none(people):
    User.objects.filter(pk=people.bram.user_id).update(is_active=False)
    take_out_member(user_id=people.vera.user_id, by=people.anna, now=NOW)
    answered(people)
    assert gathered(people) == {("Anna", "decision"): DIGEST}
    names = Notice.objects.filter(seller_id=people.anna.seller_id, kind="people")
    assert not names.exists()  # Anna did it herself.


def test_who_joins_and_leaves_is_said_by_name(people):
    take_out_member(user_id=people.vera.user_id, by=people.vera, now=NOW)
    assert gathered(people) == {("Anna", "people"): DIGEST, ("Bram", "people"): DIGEST}
    notice = Notice.objects.select_related("seller").filter(seller_id=people.anna.seller_id).first()
    assert notice
    assert notice_text(notice) == "Vera is in the shop no longer."


def test_the_desk_hears_of_new_requests_by_kind_and_of_what_is_handed_over(people):
    chosen(people.pia, **{"request-order-too-old": "at-once"})
    chosen(people.puck, **{"request-order-too-old": "none"})
    a_request(people.bram)
    assert gathered(people) == {("Pia", "request-order-too-old"): NOW}

    hand = {"seller_id": people.anna.seller_id, "request_id": people.request.id, "now": NOW}
    assign_request(to=people.puck, expected=None, by=people.pia, **hand)
    step = RequestStep.objects.get(seller_id=people.anna.seller_id, kind="handed-over")
    for _again in range(2):
        hand_over(seller=str(people.anna.seller_id), step=str(step.id))
    assert [each for each in gathered(people) if each[0] == "Puck"] == [("Puck", "handed-over")]
    notice = Notice.objects.select_related("seller").get(seller_id=people.anna.seller_id, kind="handed-over")
    assert notice_text(notice).startswith("The request of Lampenhuis about order ")

    assign_request(to=people.pia, expected=people.puck.user_id, by=people.pia, **hand)  # Pia takes it herself.
    assert RequestStep.objects.filter(seller_id=people.anna.seller_id, kind="handed-over").count() == 1


def test_a_crash_neither_doubles_nor_loses(people, monkeypatch):
    answered(people)
    after = NoticeCursor.objects.get(seller_id=people.anna.seller_id).last

    def dies(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError("the server went away")

    with monkeypatch.context() as patched:
        patched.setattr(NoticeCursor.objects, "filter", dies)  # After the rows, before the place in the feed.
        with pytest.raises(DatabaseError):
            gather_notices(seller_id=people.anna.seller_id, now=NOW)
    assert NoticeCursor.objects.get(seller_id=people.anna.seller_id).last == after
    assert not Notice.objects.filter(seller_id=people.anna.seller_id).exists()

    first = gathered(people)
    NoticeCursor.objects.filter(seller_id=people.anna.seller_id).update(last=after)  # As if it was not kept.
    assert gathered(people, NOW + timedelta(minutes=1)) == first


def test_old_events_are_no_news_and_pages_follow_each_other(people, monkeypatch):
    monkeypatch.setattr(gathering, "PAGE", 1)
    facts = {"order_number": "1", "customer_query": people.number}
    for at in (NOW - TOO_OLD - timedelta(seconds=1), NOW - timedelta(days=2), NOW):
        record_events(people.anna.seller_id, [("refund.failed", facts), ("refund.sent", facts)], at)
    gathered(people)
    assert Notice.objects.filter(seller_id=people.anna.seller_id, user_id=people.anna.user_id).count() == 2
    last = NoticeCursor.objects.get(seller_id=people.anna.seller_id).last
    assert last == Event.objects.filter(seller_id=people.anna.seller_id).latest("sequence").sequence


def test_an_event_without_a_sentence_is_called_by_its_kind(people):
    seller = Seller.objects.get(id=people.anna.seller_id)
    notice = Notice(seller=seller, kind="found", event="found-parcel.lost-again", data={"order_number": "2398-1"})
    assert notice_text(notice) == "A parcel that was written off is found (2398-1)"


def test_every_event_that_is_named_in_full_has_a_sentence_of_its_own():
    seller = Seller(name="Lampenhuis")
    for kind in (*MEMBER_KINDS, *DESK_KINDS):
        for event in kind.events:
            if not event.endswith("."):
                notice = Notice(seller=seller, kind=kind.code, event=event, data={"about": "found"})
                assert notice_text(notice) != notice_kind_text(kind.code), event


def test_every_kind_has_a_name_and_none_twice():
    codes = [kind.code for kind in (*MEMBER_KINDS, *DESK_KINDS)]
    assert len(codes) == len({notice_kind_text(code) for code in codes})


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("2026-03-10 06:59", 7, "2026-03-10 07:00"),
        ("2026-03-10 07:00", 7, "2026-03-11 07:00"),
        ("2026-03-28 20:00", 7, "2026-03-29 07:00"),  # Summer time begins in that night: 10 hours later.
        ("2026-03-28 20:00", 2, "2026-03-29 03:00"),  # There is no 2 o'clock.
        ("2026-10-24 20:00", 7, "2026-10-25 07:00"),
        ("2026-10-24 20:00", 2, "2026-10-25 02:00"),  # The first of two.
        ("2026-10-25 02:30", 2, "2026-10-26 02:00"),
    ],
)
def test_a_digest_comes_once_a_day_also_when_the_clock_changes(now, hour, expected):
    at = next_digest_at(datetime.fromisoformat(now).replace(tzinfo=AMSTERDAM), hour=hour, zone=AMSTERDAM)
    assert at.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M") == expected


@settings(max_examples=30)
@given(minutes=st.integers(0, 400 * 24 * 60), hour=st.integers(0, 23))
@example(minutes=86 * 24 * 60 + 60, hour=2)
def test_digests_are_a_day_apart_and_never_late(minutes, hour):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    first = next_digest_at(now, hour=hour, zone=AMSTERDAM)
    second = next_digest_at(first, hour=hour, zone=AMSTERDAM)
    assert now < first <= now + timedelta(hours=26)
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)
    assert second.astimezone(AMSTERDAM).date() > first.astimezone(AMSTERDAM).date()

"""Limits of what a shop may write off in a day, the holds that they place, and what becomes of these."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from lostpost.accounts.actor import Actor, ActorRole, ReadOnly
from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.core.errors import Rejected
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.events.models import Event
from lostpost.holds.limits import OnHold
from lostpost.holds.models import Hold, WriteOffDay
from lostpost.holds.place_hold import REQUEST_OF_HOLD, AlreadyHeld, place_hold
from lostpost.partnerservice.ask_partnerservice import AlreadyAsked
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.settle_hold import HoldNotFound, HoldReleased, appeal_hold, open_hold_request, settle_hold
from lostpost.partnerservice.write_off_overridden import write_off_overridden
from lostpost.refunds.models import Refund
from lostpost.texts.timeline import timeline_details
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_staff_member, all_of, row_counts, silent_parcel
from tests.partnerservice.cases import a_request, confirmed, proposed

pytestmark = pytest.mark.django_db
KEPT_OF_A_HOLD = ("lostpost_hold", "lostpost_timelineentry", "lostpost_event", "procrastinate_jobs")
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def puck(db):
    return a_staff_member("Puck", "partnerservice")


def limit(**values):
    named = {f"daily_write_off_{name}": value for name, value in values.items()}
    change_policy(values=named, reason="Careful", by="Olga", now=NOW)


def lose(member: Actor, *, now=NOW, query: CustomerQuery | None = None, **order) -> WriteOff:
    query = query or silent_parcel(member, now=NOW, **order)
    return write_off(query=query.number, selection=all_of(query), by=member, key=f"key-of-{query.number}", now=now)


def request_of(hold: Hold) -> PartnerserviceRequest:
    request = open_hold_request(seller_id=hold.seller_id, hold_id=hold.id, now=NOW)
    assert request
    return request


# Limits -------------------------------------------------------------------------------------------------------------


def test_each_write_off_is_counted_in_its_day_and_currency(anna):
    lose(anna)
    lose(anna, paid_minor=30_00)
    lose(anna, currency="JPY", paid_minor=5_000)
    lose(anna, now=NEXT_DAY)

    days = WriteOffDay.objects.filter(seller_id=anna.seller_id).order_by("day")
    assert [(day.day.isoformat(), day.write_offs, day.amounts) for day in days] == [
        ("2026-03-10", 3, {"EUR": 55_00, "JPY": 5_000}),
        ("2026-03-11", 1, {"EUR": 25_00}),
    ]


@pytest.mark.parametrize(
    ("at", "day"), [("2026-03-10T22:59:59Z", "2026-03-10"), ("2026-03-10T23:00:00Z", "2026-03-11")]
)
def test_a_day_is_one_of_the_marketplace(anna, at, day):
    lose(anna, now=datetime.fromisoformat(at))
    assert WriteOffDay.objects.get().day.isoformat() == day


def test_the_write_off_beyond_the_count_is_refused_and_leaves_nothing_but_the_hold(anna):
    limit(count_max=2)
    lose(anna)
    lose(anna)
    query = silent_parcel(anna)
    before = row_counts(but=KEPT_OF_A_HOLD)

    with pytest.raises(OnHold):
        lose(anna, query=query)

    assert row_counts(but=KEPT_OF_A_HOLD) == before
    hold = Hold.objects.get(seller_id=anna.seller_id)
    assert (hold.kind, hold.state, hold.by_user_id, hold.query_id) == ("daily-count", "held", None, query.id)
    assert (hold.figures["write_offs"], hold.figures["limit"], hold.figures["name"]) == (3, 2, "Anna")
    entry = TimelineEntry.objects.get(kind="hold.placed")
    assert timeline_details(entry).text == "Write-off 3 of the day would be more than the limit of 2."
    event = Event.objects.get(type="hold.placed")
    assert "name" not in event.data
    assert WriteOffDay.objects.get().write_offs == 2
    assert list(verify(anna.seller)) == []


def test_the_write_off_beyond_the_amount_is_refused(anna):
    limit(minor_max=60_00)
    lose(anna, paid_minor=35_00)
    lose(anna, paid_minor=25_00)

    with pytest.raises(OnHold):
        lose(anna, paid_minor=1)

    assert Hold.objects.get().kind == "daily-amount"
    assert timeline_details(TimelineEntry.objects.get(kind="hold.placed")).text == (
        "€60.01 in a day would be more than the limit of €60.00."
    )


def test_currencies_are_limited_each_by_itself(anna):
    limit(minor_max=60_00)
    lose(anna, paid_minor=60_00)
    lose(anna, paid_minor=60_00, currency="USD")


def test_no_limit_is_no_limit(anna):
    limit(count_max=0, minor_max=0)
    lose(anna, paid_minor=10**11)


def test_other_shops_and_the_next_day_are_free(anna, carla):
    limit(count_max=1)
    lose(anna)
    for _again in range(2):
        with pytest.raises(OnHold):
            lose(anna)

    lose(carla)
    lose(anna, now=NEXT_DAY)

    assert Hold.objects.count() == 1


def test_a_retry_of_what_was_written_off_is_answered_while_a_hold_stands(anna):
    limit(count_max=1)
    query = silent_parcel(anna)
    selection = all_of(query)
    send = {"query": query.number, "selection": selection, "by": anna, "key": "the-same-key", "now": NOW}
    first = write_off(**send)
    with pytest.raises(OnHold):
        lose(anna)

    assert write_off(**send) == first


def test_a_hijacked_agent_cannot_refund_a_whole_shop(anna, bram):
    """Somebody has Bram's session: whatever they send, in however small parts, a day's limit goes out and no more."""
    limit(count_max=5, minor_max=100_00)
    queries = [silent_parcel(anna, paid_minor=30_00) for _n in range(12)]
    for query in queries:
        for attempt in range(2):
            try:
                write_off(
                    query=query.number,
                    selection=all_of(query),
                    by=bram,
                    key=f"stolen-{query.number}-{attempt}",
                    now=NOW,
                )
            except (OnHold, Rejected):
                continue

    assert sum(refund.amount_minor for refund in Refund.objects.filter(seller_id=anna.seller_id)) == 90_00
    hold = Hold.objects.get()
    with pytest.raises(ReadOnly):
        appeal_hold(hold_id=hold.id, sentence="Let me.", by=Actor(bram.name, ActorRole.VIEWER, shop=bram.shop), now=NOW)
    appeal_hold(hold_id=hold.id, sentence="Let me.", by=bram, now=NOW)  # It is words; only the desk releases.
    with pytest.raises(OnHold):
        lose(bram)


# What Partnerservice does ---------------------------------------------------------------------------------------------


def held(member) -> Hold:
    limit(count_max=1)
    lose(member)
    with pytest.raises(OnHold):
        lose(member)
    return Hold.objects.get(seller_id=member.seller_id)


def test_a_job_brings_it_before_partnerservice_once(anna):
    hold = held(anna)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'hold' FROM procrastinate_jobs WHERE task_name = %s", [REQUEST_OF_HOLD])
        assert cursor.fetchall() == [(str(hold.id),)]

    request = request_of(hold)

    assert (request.kind, request.hold_id, request.at_stake_minor) == ("hold", hold.id, 50_00)
    assert open_hold_request(seller_id=hold.seller_id, hold_id=hold.id, now=NOW) is None


def test_what_an_agent_holds_has_at_stake_what_its_query_has(anna, pia):
    query = silent_parcel(anna)
    values = {"seller_id": anna.seller_id, "query": query.number, "reason": "Many losses.", "by": pia, "now": NOW}
    request = request_of(place_hold(kind=Hold.Kind.ORDER, **values))
    assert request.at_stake_minor == 25_00


def test_a_released_limit_allows_as_much_once_more(anna, pia):
    request = request_of(held(anna))

    settle_hold(
        seller_id=anna.seller_id, request_id=request.id, release=True, reason="A depot burnt down.", by=pia, now=NOW
    )

    lose(anna)
    with pytest.raises(OnHold):
        lose(anna)
    assert sorted(Hold.objects.values_list("state", flat=True)) == ["held", "released"]
    assert TimelineEntry.objects.get(kind="partnerservice.released").text == "A depot burnt down."


def test_an_upheld_hold_stands_and_an_appeal_may_release_it(anna, carla, pia):
    hold = held(anna)
    where = {"seller_id": anna.seller_id, "by": pia, "now": NOW}
    settle_hold(request_id=request_of(hold).id, release=False, reason="Ask the carrier first.", **where)
    with pytest.raises(OnHold):
        lose(anna)

    with pytest.raises(HoldNotFound):
        appeal_hold(hold_id=hold.id, sentence="Please.", by=carla, now=NOW)
    with pytest.raises(Rejected):
        appeal_hold(hold_id=hold.id, sentence=" ", by=anna, now=NOW)
    request = appeal_hold(hold_id=hold.id, sentence="The carrier has confirmed it.", by=anna, now=NOW)
    with pytest.raises(AlreadyAsked):
        appeal_hold(hold_id=hold.id, sentence="The carrier has confirmed it.", by=anna, now=NOW)
    settle_hold(request_id=request.id, release=True, reason="Good.", **where)

    lose(anna)
    with pytest.raises(HoldReleased):
        appeal_hold(hold_id=hold.id, sentence="Again.", by=anna, now=NOW)


def test_a_request_about_no_hold_settles_none(anna, pia):
    with pytest.raises(Rejected):
        settle_hold(
            seller_id=anna.seller_id, request_id=a_request(anna).id, release=True, reason="Yes.", by=pia, now=NOW
        )


# Holds by an agent ----------------------------------------------------------------------------------------------------


def test_an_agent_holds_an_order_or_a_shop(anna, carla, pia):
    query, other = silent_parcel(anna), silent_parcel(anna)
    place = {"seller_id": anna.seller_id, "reason": "Many losses to one address.", "by": pia, "now": NOW}
    place_hold(query=query.number, kind=Hold.Kind.ORDER, **place)

    with pytest.raises(OnHold, match="Many losses to one address"):
        lose(anna, query=query)
    lose(anna, query=other)
    with pytest.raises(AlreadyHeld):
        place_hold(query=query.number, kind=Hold.Kind.ORDER, **place)
    hold = place_hold(query=query.number, kind=Hold.Kind.SHOP, **place)
    with pytest.raises(OnHold):
        lose(anna)
    lose(carla)

    request = request_of(hold)
    assert request.asked_by_name == "Pia"
    settle_hold(seller_id=anna.seller_id, request_id=request.id, release=True, reason="All good.", by=pia, now=NOW)
    lose(anna)


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"reason": "x" * 1001}, {"kind": Hold.Kind.DAILY_COUNT}])
def test_a_hold_needs_a_reason_and_a_kind(anna, pia, wrong):
    query = silent_parcel(anna)
    before = row_counts()
    values = {"kind": Hold.Kind.ORDER, "reason": "Look at it.", **wrong}
    with pytest.raises(Rejected):
        place_hold(seller_id=anna.seller_id, query=query.number, by=pia, now=NOW, **values)
    assert row_counts() == before


def test_what_two_agents_decided_is_counted_and_not_stopped(anna, pia, puck):
    override = confirmed(proposed(a_request(anna), pia, writes_off=True), puck)
    held(anna)

    assert write_off_overridden(seller_id=anna.seller_id, override_id=override.id, now=NOW)
    assert WriteOffDay.objects.get().write_offs == 2


@pytest.mark.parametrize(
    "values", [{"day": None}, {"kind": "shop"}, {"kind": "nonsense"}, {"state": "released"}, {"settled_at": NOW}]
)
def test_constraints_refuse_a_hold_without_its_evidence(anna, values):
    hold = held(anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.filter(seller_id=anna.seller_id, id=hold.id).update(**values)

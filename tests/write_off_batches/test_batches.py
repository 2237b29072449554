"""Many orders at once: previewed, held by limits, confirmed once, and done line by line."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import ReadOnly
from lostpost.accounts.models import Member
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import KeyReused
from lostpost.core.queues import DOCUMENTS
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import Mail
from lostpost.holds.models import Hold
from lostpost.holds.place_hold import place_hold
from lostpost.refunds.models import Refund
from lostpost.write_off_batches import run_batch as running
from lostpost.write_off_batches.decide_batch import (
    approve_batch,
    cancel_batch,
)
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.preview_batch import BatchWish, preview_batch
from lostpost.write_off_batches.start_batch import RUN_BATCH
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, a_scan, all_of, an_item, an_order, silent_parcel
from tests.write_off_batches.batches import LATER, State, again, previewed, results, run, start, wishes

pytestmark = pytest.mark.django_db


# Preview ------------------------------------------------------------------------------------------------------------


def test_a_preview_selects_all_that_is_eligible_and_says_why_the_rest_is_not(anna):
    lost = silent_parcel(anna, quantity=2, paid_minor=50_00)
    recent = silent_parcel(anna, quiet_days=1)
    handled = silent_parcel(anna)
    close_query(number=handled.number, by=anna, now=NOW)

    preview = preview_batch([*wishes(lost, recent, handled), BatchWish("4711")], by=anna, now=NOW)

    assert [line.refusal.code if line.refusal else "" for line in preview.lines] == [
        *("", "not-eligible", "query-not-open", "not-found"),
    ]
    assert preview.lines[0].units == all_of(lost)
    assert [line.refund_minor for line in preview.lines] == [50_00, 0, 0, 0]
    assert (preview.refund_minor, preview.currency) == (50_00, "EUR")
    assert [line.order_number for line in preview.lines] == [
        *(lost.order.number, recent.order.number, handled.order.number, ""),
    ]
    assert not WriteOff.objects.exists()


def test_of_an_order_that_is_lost_in_part_the_lost_part_is_selected(anna):
    order = an_order(anna.seller, an_item("1", paid_minor=25_00), an_item("2", paid_minor=10_00))
    a_scan(a_parcel(order, units={"1": 1}), days=8)
    a_scan(a_parcel(order, units={"2": 1}), days=1)
    query = a_query(order, anna)

    (line,) = preview_batch(wishes(query), by=anna, now=NOW).lines

    assert [units.item for units in line.units] == ["1"]
    assert line.refund_minor == 25_00


def test_a_preview_needs_as_many_statements_for_forty_orders_as_for_two(anna, django_assert_num_queries):
    queries = [silent_parcel(anna) for _number in range(40)]

    for some in (queries[:2], queries):
        with django_assert_num_queries(5):
            preview_batch(wishes(*some), by=anna, now=NOW)


def test_two_queries_of_one_order_and_orders_in_two_currencies_are_refused(anna):
    first = silent_parcel(anna)
    second = a_query(first.order, anna)
    pounds = silent_parcel(anna, currency="GBP")

    preview = preview_batch(wishes(first, second, pounds), by=anna, now=NOW)

    assert [line.refusal.code if line.refusal else "" for line in preview.lines] == [
        *("", "order-twice-in-batch", "batch-other-currency"),
    ]


def test_what_is_on_hold_is_refused_before_it_is_started(anna, carla, pia):
    held, free = silent_parcel(anna), silent_parcel(anna)
    place = {"seller_id": anna.seller_id, "by": pia, "now": NOW}
    place_hold(query=held.number, kind=Hold.Kind.ORDER, reason="Look at it first", **place)

    ready, refused = preview_batch(wishes(free, held), by=anna, now=NOW).lines
    assert (ready.refund_minor, ready.refusal) == (25_00, None)
    assert refused.refusal
    assert refused.refusal.code == "on-hold"
    assert "Look at it first" in str(refused.refusal)
    assert run(start(anna, free, held)) == [("done", ""), ("refused", "on-hold")]

    hold = place_hold(query=held.number, kind=Hold.Kind.SHOP, reason="Too many at once", **place)
    with pytest.raises(Rejected, match="None of these orders"):
        start(anna, silent_parcel(anna), key="of-a-held-shop")
    assert preview_batch(wishes(silent_parcel(carla)), by=carla, now=NOW).ready
    Hold.objects.filter(id=hold.id).update(state=Hold.State.RELEASED, settled_at=NOW)
    assert start(anna, silent_parcel(anna), key="of-a-free-shop").refund_minor == 25_00


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "Choose at least one customer query."),
        ([BatchWish("1"), BatchWish("1")], "Customer query 1 stands in the batch twice."),
        ([BatchWish(str(number)) for number in range(501)], "A batch has 500 customer queries at most; these are 501."),
    ],
)
def test_a_list_that_is_no_batch_is_refused(anna, lines, sentence):
    with pytest.raises(Rejected, match=sentence):
        preview_batch(lines, by=anna, now=NOW)


def test_another_shops_query_is_not_found(anna, carla):
    (line,) = preview_batch(wishes(silent_parcel(carla)), by=anna, now=NOW).lines

    assert line.refusal
    assert (line.refusal.code, line.query) == ("not-found", None)


# Start and run ------------------------------------------------------------------------------------------------------


def test_a_batch_writes_off_each_order_once_to_the_cent(anna):
    queries = [silent_parcel(anna, paid_minor=10_00 + number) for number in range(12)]

    batch = start(anna, wishes=previewed(anna, *queries))

    assert (batch.state, batch.refund_minor, batch.needs_second) == (State.RUNNING, 120_66, False)
    assert ProcrastinateJob.objects.filter(task_name=RUN_BATCH, queue_name=DOCUMENTS).count() == 1
    assert not WriteOff.objects.exists()
    for _repeat in range(2):
        assert run(batch) == [("done", "")] * 12
        assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [10_00 + n for n in range(12)]
        assert set(WriteOff.objects.values_list("by_name", "confirmed_at")) == {("Anna", LATER)}
    assert (again(batch).state, again(batch).ended_at) == (State.FINISHED, LATER)
    assert Mail.objects.filter(kind="write-off.confirmed").count() == 12


def test_a_repeat_returns_the_first_batch_and_other_content_is_refused(anna):
    one, other = silent_parcel(anna), silent_parcel(anna)

    batch = start(anna, one)

    assert start(anna, one).id == batch.id
    assert WriteOffBatch.objects.count() == 1
    with pytest.raises(KeyReused):
        start(anna, other)


def test_what_changed_after_the_preview_is_refused_and_holds_no_other_up(anna):
    changed, same, scanned = silent_parcel(anna), silent_parcel(anna), silent_parcel(anna)
    shown = previewed(anna, changed, same, scanned)
    a_return(changed.order, {(all_of(changed)[0].parcel, "1"): 1})

    batch = start(anna, wishes=shown)
    parcel = scanned.order.parcels.get()
    a_scan(parcel, days=4, status="exception")

    assert batch.refund_minor == 50_00
    assert run(batch) == [("refused", "not-eligible"), ("done", ""), ("refused", "changed-since-preview")]
    assert WriteOff.objects.get().query_id == same.id


def test_a_selection_of_other_units_than_were_shown_is_refused(anna):
    query = silent_parcel(anna, quantity=2, paid_minor=50_00)
    (shown,) = previewed(anna, query)
    (units,) = shown.units
    fewer = BatchWish(shown.query, [SelectedUnits(units.parcel, units.item, 1)], shown.token)

    with pytest.raises(Rejected, match="None of these orders can be written off now"):
        start(anna, wishes=[fewer])
    assert not WriteOffBatch.objects.exists()


def test_an_order_that_was_written_off_meanwhile_is_refused(anna, bram):
    query = silent_parcel(anna)
    batch = start(anna, query)
    write_off(query=query.number, selection=all_of(query), by=bram, key="bram-was-faster", now=NOW)

    assert run(batch) == [("refused", "changed-since-preview")]
    assert WriteOff.objects.count() == 1


def test_what_was_written_off_is_done_though_whoever_started_it_may_not_write_off_any_more(anna, monkeypatch):
    batch = start(anna, silent_parcel(anna))

    def dies(**values: Any) -> WriteOff:
        write_off(**values)
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(running, "write_off", dies)
        with pytest.raises(MemoryError):
            run(batch)
    Member.objects.filter(user_id=anna.user_id).delete()

    assert run(batch) == [("done", "")]
    (line,) = WriteOffBatchLine.objects.filter(batch_id=batch.id)
    assert line.write_off_id == WriteOff.objects.get().id


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_process_that_dies_beside_a_write_off_leaves_nothing_out_and_nothing_twice(anna, monkeypatch, point):
    batch = start(anna, silent_parcel(anna), silent_parcel(anna))
    calls = []

    def dies(**values: Any) -> WriteOff:
        calls.append(values["query"])
        if len(calls) == 2:
            if point == "after":
                write_off(**values)
            raise MemoryError
        return write_off(**values)

    with monkeypatch.context() as patch:
        patch.setattr(running, "write_off", dies)
        with pytest.raises(MemoryError):
            run(batch)

    assert results(batch) == [("done", ""), ("claimed", "")]
    assert run(batch) == [("done", ""), ("done", "")]
    assert WriteOff.objects.count() == Refund.objects.count() == 2


def test_who_left_the_shop_or_only_looks_now_writes_nothing_off_any_more(anna, bram):
    batch = start(bram, silent_parcel(anna))
    Member.objects.filter(user_id=bram.user_id).update(role=Member.Role.VIEWER)
    gone = start(anna, silent_parcel(anna), key="batch-of-anna")
    Member.objects.filter(user_id=anna.user_id).delete()

    assert run(batch) == run(gone) == [("refused", "read-only")]
    assert not WriteOff.objects.exists()


def test_a_login_that_was_stopped_writes_nothing_off_any_more(anna):
    batch = start(anna, silent_parcel(anna))
    User.objects.filter(pk=anna.user_id).update(is_active=False)

    assert run(batch) == [("refused", "read-only")]


def test_a_refusal_is_written_in_the_language_of_who_started_it(anna):
    query = silent_parcel(anna)
    with translation.override("nl"):
        batch = start(anna, query)
    close_query(number=query.number, by=anna, now=NOW)

    assert run(batch) == [("refused", "query-not-open")]
    assert WriteOffBatchLine.objects.get().refusal.startswith("Deze klantvraag is afgehandeld")


def test_a_viewer_starts_decides_and_stops_nothing(anna, vera):
    query = silent_parcel(anna)
    with pytest.raises(ReadOnly):
        start(vera, query)
    batch = start(anna, query)
    for act in (approve_batch, cancel_batch):
        with pytest.raises(ReadOnly):
            act(batch_id=batch.id, by=vera, now=NOW)

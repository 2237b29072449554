"""Many orders at once: previewed, held by limits, confirmed once, and done line by line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import Actor, ActorRole, ReadOnly
from lostpost.accounts.models import Member
from lostpost.accounts.policy import change_policy
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import KeyReused
from lostpost.core.queues import DOCUMENTS
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import Mail
from lostpost.refunds.models import Refund
from lostpost.write_off_batches import run_batch as running
from lostpost.write_off_batches.decide_batch import (
    BatchDecided,
    BatchNotFound,
    SecondPersonNeeded,
    approve_batch,
    cancel_batch,
)
from lostpost.write_off_batches.limits import BatchDayLimit, BatchTooLarge
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.preview_batch import BatchWish, preview_batch
from lostpost.write_off_batches.run_batch import batches_left_running, run_batch
from lostpost.write_off_batches.start_batch import RUN_BATCH, start_batch
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, a_scan, all_of, an_item, an_order, silent_parcel

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)
State = WriteOffBatch.State


def wishes(*queries: Any) -> list[BatchWish]:
    return [BatchWish(query.number) for query in queries]


def previewed(by: Actor, *queries: Any) -> list[BatchWish]:
    """Preview queries, and return the wishes that confirm what was shown."""
    lines = preview_batch(wishes(*queries), by=by, now=NOW).ready
    return [BatchWish(line.wish.query, line.units, line.preview.token) for line in lines if line.preview]


def start(by: Actor, *queries: Any, key: str = "batch-of-today", **more: Any) -> WriteOffBatch:
    return start_batch(wishes=more.pop("wishes", wishes(*queries)), by=by, key=key, now=more.pop("now", NOW))


def run(batch: WriteOffBatch) -> list[tuple[str, str]]:
    """Do a batch; return the state and the refusal of each line."""
    run_batch(seller_id=batch.seller_id, batch_id=batch.id, clock=lambda: LATER)
    return results(batch)


def results(batch: WriteOffBatch) -> list[tuple[str, str]]:
    lines = WriteOffBatchLine.objects.filter(seller_id=batch.seller_id, batch_id=batch.id).order_by("position")
    return [(line.state, line.refusal_code) for line in lines]


def again(batch: WriteOffBatch) -> WriteOffBatch:
    return WriteOffBatch.objects.get(seller_id=batch.seller_id, id=batch.id)


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
        with django_assert_num_queries(4):
            preview_batch(wishes(*some), by=anna, now=NOW)


def test_two_queries_of_one_order_and_orders_in_two_currencies_are_refused(anna):
    first = silent_parcel(anna)
    second = a_query(first.order, anna)
    pounds = silent_parcel(anna, currency="GBP")

    preview = preview_batch(wishes(first, second, pounds), by=anna, now=NOW)

    assert [line.refusal.code if line.refusal else "" for line in preview.lines] == [
        *("", "order-twice-in-batch", "batch-other-currency"),
    ]


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


# Limits -------------------------------------------------------------------------------------------------------------


def limited(**values: int) -> None:
    change_policy(values=values, reason="the test", by="operator", now=NOW)


def test_more_orders_or_money_than_the_policy_allows_at_once_are_refused(anna):
    queries = [silent_parcel(anna) for _number in range(3)]
    limited(batch_lines_max=2)
    with pytest.raises(BatchTooLarge, match="At most 2 orders"):
        start(anna, *queries)
    limited(batch_lines_max=3, batch_minor_max=74_99)
    with pytest.raises(BatchTooLarge, match="more money"):
        start(anna, *queries)
    limited(batch_minor_max=75_00)

    assert start(anna, *queries).refund_minor == 75_00


def test_refused_lines_count_for_no_limit(anna):
    limited(batch_lines_max=1, batch_minor_max=25_00)

    assert start(anna, silent_parcel(anna), silent_parcel(anna, quiet_days=1)).refund_minor == 25_00


def test_the_limit_of_a_day_counts_everybodys_batches_until_midnight_of_the_marketplace(anna, bram):
    queries = [silent_parcel(anna) for _number in range(3)]
    limited(batch_day_minor_max=50_00)
    start(anna, queries[0], key="batch-number-1")
    start(bram, queries[1], key="batch-number-2")

    with pytest.raises(BatchDayLimit):
        start(anna, queries[2], key="batch-number-3", now=NOW.replace(hour=22, minute=59))
    assert start(anna, queries[2], key="batch-number-3", now=NOW.replace(hour=23)).state == State.RUNNING


def test_above_a_sum_a_second_person_decides(anna, bram):
    limited(batch_second_person_minor=49_99)
    batch = start(anna, silent_parcel(anna), silent_parcel(anna))

    assert (batch.state, batch.needs_second) == (State.WAITING, True)
    assert not ProcrastinateJob.objects.filter(task_name=RUN_BATCH).exists()
    assert run(batch) == [("pending", "")] * 2
    with pytest.raises(SecondPersonNeeded, match="You started this batch"):
        approve_batch(batch_id=batch.id, by=anna, now=LATER)
    with pytest.raises(SecondPersonNeeded, match="A person has to decide"):
        approve_batch(batch_id=batch.id, by=Actor("ERP", ActorRole.OWNER, anna.shop, client_id="erp"), now=LATER)
    for _repeat in range(2):
        assert approve_batch(batch_id=batch.id, by=bram, now=LATER).second_name == "Bram"
    assert ProcrastinateJob.objects.filter(task_name=RUN_BATCH).count() == 1
    assert run(batch) == [("done", "")] * 2
    with pytest.raises(BatchDecided):
        approve_batch(batch_id=batch.id, by=anna, now=LATER)


def test_small_batches_of_one_person_count_together_for_the_second(anna, bram):
    queries = [silent_parcel(anna) for _number in range(3)]
    limited(batch_second_person_minor=49_99)

    states = [
        start(by, query, key=f"batch-of-{query.number}").state
        for by, query in zip((anna, anna, bram), queries, strict=True)
    ]

    assert states == [State.RUNNING, State.WAITING, State.RUNNING]


def test_the_database_holds_that_the_second_is_another_person(anna, bram):
    limited(batch_second_person_minor=1)
    batch = start(anna, silent_parcel(anna))

    for wrong in (
        {"state": State.RUNNING, "decided_at": NOW, "second_user_id": anna.user_id},
        {"state": State.RUNNING},
        {"state": State.FINISHED},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            WriteOffBatch.objects.filter(id=batch.id).update(**wrong)


# Stop ---------------------------------------------------------------------------------------------------------------


def test_a_waiting_batch_is_cancelled_and_counts_no_more(anna, bram):
    limited(batch_second_person_minor=1, batch_day_minor_max=25_00)
    one, other = silent_parcel(anna), silent_parcel(anna)
    batch = start(anna, one)

    for _repeat in range(2):
        assert cancel_batch(batch_id=batch.id, by=bram, now=LATER).state == State.CANCELLED

    assert (again(batch).ended_by_name, again(batch).ended_at) == ("Bram", LATER)
    assert run(batch) == [("refused", "batch-cancelled")]
    with pytest.raises(BatchDecided):
        approve_batch(batch_id=batch.id, by=bram, now=LATER)
    assert start(anna, other, key="batch-number-2").refund_minor == 25_00


def test_stopping_a_running_batch_leaves_what_is_done_and_what_is_at_work(anna, bram, monkeypatch):
    batch = start(anna, *[silent_parcel(anna) for _number in range(3)])
    calls = []

    def stopped_meanwhile(**values: Any) -> WriteOff:
        calls.append(values)
        if len(calls) == 2:
            cancel_batch(batch_id=batch.id, by=bram, now=NOW)
        return write_off(**values)

    monkeypatch.setattr(running, "write_off", stopped_meanwhile)

    assert run(batch) == [("done", ""), ("done", ""), ("refused", "batch-cancelled")]
    assert WriteOff.objects.count() == 2
    assert (again(batch).state, again(batch).ended_by_name) == (State.FINISHED, "Bram")
    with pytest.raises(BatchDecided):
        cancel_batch(batch_id=batch.id, by=anna, now=LATER)


def test_another_shop_neither_decides_nor_stops(anna, carla):
    batch = start(anna, silent_parcel(anna))

    for act in (approve_batch, cancel_batch):
        with pytest.raises(BatchNotFound):
            act(batch_id=batch.id, by=carla, now=NOW)


def test_a_batch_that_no_job_does_any_more_is_found(anna):
    batch = start(anna, silent_parcel(anna))

    assert not batches_left_running(before=NOW)
    assert [left.id for left in batches_left_running(before=LATER)] == [batch.id]
    run(batch)
    assert not batches_left_running(before=LATER)

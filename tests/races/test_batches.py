"""Batches of write-offs beside what else happens: each order is written off once, as it was shown, or not at all."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.refunds.models import Refund
from lostpost.write_off_batches.decide_batch import approve_batch, cancel_batch
from lostpost.write_off_batches.limits import BatchDayLimit
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.preview_batch import BatchWish
from lostpost.write_off_batches.run_batch import run_batch
from lostpost.write_off_batches.start_batch import start_batch
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, all_of, silent_parcel
from tests.races.together import done, together

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = 8


@pytest.fixture
def queries(anna):
    return [silent_parcel(anna) for _number in range(ORDERS)]


def start(by, queries, key="batch-number-1"):
    return start_batch(wishes=[BatchWish(query.number) for query in queries], by=by, key=key, now=NOW)


def run_of(batch):
    return partial(run_batch, seller_id=batch.seller_id, batch_id=batch.id, clock=lambda: NOW)


def states(batch):
    return list(
        WriteOffBatchLine.objects.filter(seller_id=batch.seller_id, batch_id=batch.id)
        .order_by("position")
        .values_list("state", "refusal_code")
    )


def assert_lines_say_what_happened(batch):
    """Hold each line against the write-offs that there are: what says done is written off, and nothing else is."""
    lines = WriteOffBatchLine.objects.filter(seller_id=batch.seller_id, batch_id=batch.id)
    written_off = set(WriteOff.objects.values_list("id", flat=True))
    assert {line.write_off_id for line in lines if line.state == "done"} <= written_off
    assert Refund.objects.count() == WriteOff.objects.count() <= ORDERS


def test_a_batch_that_is_sent_many_times_and_done_by_many_writes_each_order_off_once(anna, queries):
    batches = done(together(*[partial(start, anna, queries)] * 6))
    assert len({batch.id for batch in batches}) == 1

    done(together(*[run_of(batches[0])] * 4))

    assert states(batches[0]) == [("done", "")] * ORDERS
    assert WriteOff.objects.count() == ORDERS
    assert_lines_say_what_happened(batches[0])
    assert list(verify(anna.seller)) == []


def test_while_a_batch_is_done_parcels_are_scanned_and_others_write_off_by_hand(anna, bram, queries):
    batch = start(anna, queries)
    parcels = [query.order.parcels.get() for query in queries[::2]]
    by_hand = [
        partial(write_off, query=query.number, selection=all_of(query), by=bram, key=f"by-hand-{query.number}", now=NOW)
        for query in queries[1::2]
    ]

    together(run_of(batch), *[partial(a_scan, parcel, days=0.1) for parcel in parcels], *by_hand)

    assert {state for state, _code in states(batch)} <= {"done", "refused"}
    assert {code for state, code in states(batch) if state == "refused"} <= {"changed-since-preview", "not-eligible"}
    assert_lines_say_what_happened(batch)
    hand = WriteOff.objects.filter(by_name="Bram", query_id__in=[query.id for query in queries[1::2]])
    refused = [code for _state, code in states(batch)[1::2] if code]
    assert len(refused) == hand.count()
    assert list(verify(anna.seller)) == []


def test_who_stops_a_batch_while_it_is_done_leaves_no_line_wrong(anna, bram, queries):
    batch = start(anna, queries)

    together(run_of(batch), partial(cancel_batch, batch_id=batch.id, by=bram, now=NOW), run_of(batch))
    run_of(batch)()

    assert {code for _state, code in states(batch)} <= {"", "batch-cancelled"}
    assert WriteOff.objects.count() == sum(1 for state, _code in states(batch) if state == "done")
    assert_lines_say_what_happened(batch)


def test_the_limit_of_a_day_holds_for_batches_that_are_started_at_once(anna, bram, queries):
    change_policy(values={"batch_day_minor_max": 50_00}, reason="the race", by="operator", now=NOW)

    ran = together(
        *(
            partial(start, by, [query], key=f"batch-of-{query.number}")
            for query, by in zip(queries, [anna, bram] * 4, strict=True)
        )
    )

    assert len(done(ran)) == 2
    assert all(isinstance(each.refusal, BatchDayLimit) for each in ran if not each.done)
    assert WriteOffBatch.objects.count() == 2


def test_a_batch_that_is_approved_and_cancelled_at_once_is_one_of_both(anna, bram, queries):
    change_policy(values={"batch_second_person_minor": 1}, reason="the race", by="operator", now=NOW)
    batch = start(anna, queries)
    later = NOW + timedelta(minutes=1)

    together(
        partial(approve_batch, batch_id=batch.id, by=bram, now=later),
        partial(cancel_batch, batch_id=batch.id, by=anna, now=later),
    )
    run_of(batch)()

    batch.refresh_from_db()
    assert WriteOff.objects.count() == 0  # Nothing ran before both were done.
    assert (batch.state, batch.second_name) in {("cancelled", ""), ("finished", "Bram")}
    assert {code for _state, code in states(batch)} == {"batch-cancelled"}

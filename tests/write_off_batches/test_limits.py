"""The limits of batches, the second person, and how a batch is stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.make_client import create_client
from lostpost.accounts.models import ApiClient
from lostpost.accounts.rotate_client_secret import rotate_client_secret
from lostpost.write_off_batches import run_batch as running
from lostpost.write_off_batches.decide_batch import (
    BatchDecided,
    BatchNotFound,
    SecondPersonNeeded,
    approve_batch,
    cancel_batch,
)
from lostpost.write_off_batches.limits import BatchDayLimit, BatchTooLarge
from lostpost.write_off_batches.models import WriteOffBatch
from lostpost.write_off_batches.run_batch import batches_left_running
from lostpost.write_off_batches.start_batch import RUN_BATCH
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, silent_parcel
from tests.write_off_batches.batches import LATER, State, again, limited, run, start

pytestmark = pytest.mark.django_db


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


def test_the_limits_of_a_day_count_each_currency_by_itself(anna):
    limited(batch_day_minor_max=25_00, batch_second_person_minor=25_00)
    start(anna, silent_parcel(anna))

    batch = start(anna, silent_parcel(anna, currency="GBP"), key="batch-in-pounds")
    assert (batch.state, batch.currency) == (State.RUNNING, "GBP")
    with pytest.raises(BatchDayLimit):
        start(anna, silent_parcel(anna, currency="GBP"), key="more-in-pounds")


def test_what_was_refused_counts_for_the_day_no_more(anna):
    limited(batch_day_minor_max=50_00)
    queries = [silent_parcel(anna) for _number in range(3)]
    batch = start(anna, *queries[:2])
    a_scan(queries[1].order.parcels.get(), days=0.1)
    assert run(batch) == [("done", ""), ("refused", "changed-since-preview")]

    assert start(anna, queries[2], key="batch-number-2").refund_minor == 25_00
    with pytest.raises(BatchDayLimit):
        start(anna, silent_parcel(anna), key="batch-number-3")


def a_program(maker: Actor, client_id: str) -> Actor:
    client = ApiClient.objects.create(
        client_id=client_id,
        name="ERP",
        shop_id=maker.seller_id,
        made_at=NOW,
        made_by=maker.name,
        made_by_user_id=maker.user_id,
    )
    return Actor.of_client(client, seller=maker.shop)


def test_whoever_made_a_program_is_no_second_person_for_what_it_starts(anna, bram):
    limited(batch_second_person_minor=1)
    batch = start(a_program(anna, "erp-of-anna"), silent_parcel(anna))

    with pytest.raises(SecondPersonNeeded, match="A program that you set up"):
        approve_batch(batch_id=batch.id, by=anna, now=LATER)
    assert approve_batch(batch_id=batch.id, by=bram, now=LATER).second_name == "Bram"


def test_whoever_gave_a_program_another_secret_is_behind_it_too(anna, bram):
    limited(batch_second_person_minor=49_99)
    credentials = create_client(name="ERP", seller=anna.shop, read_only=False, by="operator", now=NOW)
    program = Actor("ERP", ActorRole.OWNER, anna.shop, client_id=credentials.client_id)
    for _repeat in range(2):
        rotate_client_secret(client_id=credentials.client_id, seller=anna.shop, by_user_id=bram.user_id, now=NOW)
    assert ApiClient.objects.get().secret_seen_by == [bram.user_id]

    start(bram, silent_parcel(anna), key="batch-of-bram")
    batch = start(program, silent_parcel(anna))

    assert batch.state == State.WAITING
    with pytest.raises(SecondPersonNeeded, match="A program that you set up"):
        approve_batch(batch_id=batch.id, by=bram, now=LATER)
    assert approve_batch(batch_id=batch.id, by=anna, now=LATER).state == State.RUNNING


def test_batches_of_a_person_and_of_their_programs_count_together_for_the_second(anna, bram):
    limited(batch_second_person_minor=49_99)
    one, other, of_bram = a_program(anna, "erp-1"), a_program(anna, "erp-2"), a_program(bram, "erp-3")

    states = [start(by, silent_parcel(anna), key=f"batch-of-{by.name}-{by.client_id}").state for by in (one, of_bram)]
    assert states == [State.RUNNING] * 2
    states = [start(by, silent_parcel(anna), key=f"next-of-{by.name}-{by.client_id}").state for by in (anna, other)]
    assert states == [State.WAITING] * 2


def test_a_batch_counts_for_the_day_on_which_it_is_approved(anna, bram):
    limited(batch_day_minor_max=25_00, batch_second_person_minor=24_99)
    waiting = start(anna, silent_parcel(anna))
    tomorrow = NOW + timedelta(days=1)
    limited(batch_second_person_minor=25_00)
    start(bram, silent_parcel(anna), key="batch-of-tomorrow", now=tomorrow)

    with pytest.raises(BatchDayLimit):
        approve_batch(batch_id=waiting.id, by=bram, now=tomorrow)
    assert again(waiting).state == State.WAITING
    approved = approve_batch(batch_id=waiting.id, by=bram, now=tomorrow + timedelta(days=1))
    assert (approved.state, again(waiting).day) == (State.RUNNING, (tomorrow + timedelta(days=1)).date())
    with pytest.raises(BatchDayLimit):
        start(anna, silent_parcel(anna), key="batch-of-then", now=tomorrow + timedelta(days=1))
    assert start(anna, silent_parcel(anna), key="batch-of-that-day").refund_minor == 25_00


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

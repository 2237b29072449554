"""What tests of batches have in common: queries are previewed, started and done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.preview_batch import BatchWish, preview_batch
from lostpost.write_off_batches.run_batch import run_batch
from lostpost.write_off_batches.start_batch import start_batch
from tests.cast import NOW

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


def limited(**values: int) -> None:
    change_policy(values=values, reason="the test", by="operator", now=NOW)

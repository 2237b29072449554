"""Start a batch of write-offs: what was previewed is confirmed, and jobs do it line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.models import Seller
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import DOCUMENTS
from lostpost.events.record import record_events
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.preview_batch import BatchWish, PreviewedLine, preview_batch

RUN_BATCH = "write-off-batches.run"


@transaction.atomic(durable=True)
@keeps_answer("write-off-batch")
def start_batch(*, wishes: Sequence[BatchWish], by: Actor, key: str | IdempotencyClaim, now: datetime) -> WriteOffBatch:
    """Record a batch and have it done, or have it wait for a second person. Final for the lines that are ready.

    Lines that are refused now are recorded with the reason, and hold no other up. A line is written off only as its
    token shows it: the one that was sent, or else that of now. A retry with the same `key` returns the first batch.

    Raises: ReadOnly, KeyReused, Rejected (no line is ready, too many, a query twice), BatchTooLarge, BatchDayLimit;
    none of them leaves a trace.
    """
    require_writer(by, Section.WRITE_OFFS)
    lock_batches_of(by.seller_id)
    batch_id = uuid7()
    content = [[wish.query, sorted(map(_as_json, wish.units)), wish.token] for wish in wishes]
    if earlier := claim(
        key, scope="write-off-batch", seller_id=by.seller_id, content=content, result_id=batch_id, now=now
    ):
        return WriteOffBatch.objects.get(seller_id=by.seller_id, id=earlier)
    preview = preview_batch(wishes, by=by, now=now)
    if not preview.ready:
        raise Rejected(_("None of these orders can be written off now; each line says why."))
    if preview.limits.refusals:
        raise preview.limits.refusals[0]
    waits = preview.limits.needs_second
    batch = WriteOffBatch(
        seller_id=by.seller_id,
        id=batch_id,
        state=WriteOffBatch.State.WAITING if waits else WriteOffBatch.State.RUNNING,
        currency=preview.currency,
        refund_minor=preview.refund_minor,
        day=now.astimezone(preview.policy.zone).date(),
        language=get_language() or "en",
        started_at=now,
        by_user_id=by.user_id,
        by_client_id=by.client_id,
        by_name=by.name,
        needs_second=waits,
    )
    batch.save(force_insert=True)
    WriteOffBatchLine.objects.bulk_create(
        _row(batch, position, line, now) for position, line in enumerate(preview.lines, start=1)
    )
    if waits:
        submitted = ("write-off-batch.submitted", {"batch": str(batch.id), "by_user": by.user_id})
        record_events(by.seller_id, [submitted], now)  # The last lock.
    else:
        defer(batch_job(batch))
    return batch


def lock_batches_of(seller_id: UUID) -> None:
    """Let one batch of a shop at a time be started or decided, so that limits of a day hold; until commit."""
    Seller.objects.select_for_update(no_key=True).get(id=seller_id)


def batch_job(batch: WriteOffBatch) -> Job:
    """Return the job that does a batch, one at a time."""
    name = f"{RUN_BATCH}:{batch.id}"
    return Job(
        RUN_BATCH, DOCUMENTS, {"seller": str(batch.seller_id), "batch": str(batch.id)}, lock=name, waits_once=name
    )


def _as_json(units: Any) -> list[Any]:
    return [units.parcel, units.item, units.quantity]


def _row(batch: WriteOffBatch, position: int, line: PreviewedLine, now: datetime) -> WriteOffBatchLine:
    state = WriteOffBatchLine.State
    return WriteOffBatchLine(
        seller_id=batch.seller_id,
        batch_id=batch.id,
        position=position,
        query_number=line.wish.query[:20],
        order_number=line.order_number,
        units=[_as_json(units) for units in line.units],
        token=line.preview.token if line.preview else "",
        refund_minor=line.refund_minor,
        state=state.REFUSED if line.refusal else state.PENDING,
        refusal_code=line.refusal.code if line.refusal else "",
        refusal=str(line.refusal)[:1000] if line.refusal else "",
        settled_at=now if line.refusal else None,
    )

"""Do a batch: write off line by line, each in a transaction of its own, and record what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.actor_again import actor_again
from lostpost.core.errors import Refused
from lostpost.core.idempotency import IdempotencyKey
from lostpost.core.ownership import cross_seller
from lostpost.write_off_batches.decide_batch import BatchNotFound, lock_batch
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.writeoffs.selection import NotEligible, SelectedUnits
from lostpost.writeoffs.write_off import write_off

State = WriteOffBatchLine.State


def run_batch(
    *,
    seller_id: UUID,
    batch_id: UUID,
    clock: Callable[[], datetime],
    before_line: Callable[[Collection[str]], object] | None = None,
) -> None:
    """Write off what is left of a batch, in the order of its lines. Safe to break off at any point and to repeat.

    A line is claimed, written off with a key of its own, and settled; one that was claimed when a process died is
    settled by the write-off that has the key, or done again with it. It is written off as its token shows it, or
    refused.

    Args: `before_line`: called with the parcels of a line before it is written off, with no transaction open.
    """
    try:
        batch = _read(batch_id, seller_id=seller_id)
    except BatchNotFound:
        return
    with translation.override(batch.language):
        while line := _claim_line(batch_id, seller_id=seller_id, now=clock()):
            if before_line is not None:
                before_line({str(units[0]) for units in line.units})
            _write_off(batch, line, now=clock())


def batches_left_running(*, before: datetime) -> Sequence[WriteOffBatch]:
    """Return batches of all shops that began to run before an instant and are not finished, the oldest first."""
    with cross_seller("batches that no job does any more"):
        running = WriteOffBatch.objects.filter(state=WriteOffBatch.State.RUNNING, started_at__lt=before)
        return list(running.order_by("started_at")[:100])


def _read(batch_id: UUID, *, seller_id: UUID) -> WriteOffBatch:
    batch = WriteOffBatch.objects.filter(seller_id=seller_id, id=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch


@transaction.atomic(durable=True)
def _claim_line(batch_id: UUID, *, seller_id: UUID, now: datetime) -> WriteOffBatchLine | None:
    """Claim the next line, so that whoever stops the batch leaves it to us; without one, the batch is finished."""
    batch = lock_batch(batch_id, seller_id=seller_id)
    if batch.state != WriteOffBatch.State.RUNNING:
        return None
    lines = WriteOffBatchLine.objects.filter(seller_id=seller_id, batch_id=batch_id)
    line = lines.filter(state__in=[State.CLAIMED, State.PENDING]).order_by("position").first()
    if line is None:
        batch.state, batch.ended_at = WriteOffBatch.State.FINISHED, now
        batch.save(update_fields=["state", "ended_at"], force_update=True)
        return None
    if line.state == State.PENDING:
        lines.filter(id=line.id).update(state=State.CLAIMED)
    return line


def _write_off(batch: WriteOffBatch, line: WriteOffBatchLine, *, now: datetime) -> None:
    key = f"batch-{line.id}"
    if line.state == State.CLAIMED:  # A process died beside it; whoever started it may have lost the right since.
        keys = IdempotencyKey.objects.filter(seller_id=line.seller_id, scope="write-off", key=key)
        if earlier := keys.values_list("made_id", flat=True).first():
            _settle(line, now, state=State.DONE, write_off_id=earlier)
            return
    try:
        written_off = write_off(
            query=line.query_number,
            selection=[SelectedUnits(*units) for units in line.units],
            by=_who_started(batch),
            key=key,
            now=now,
            token=line.token,
        )
        _settle(line, now, state=State.DONE, write_off_id=written_off.id)
    except Refused as refusal:
        sentence = str(refusal)
        if isinstance(refusal, NotEligible):
            sentence = _("Not all that was chosen of order %(order)s can be written off now.") % {
                "order": line.order_number
            }
        _settle(line, now, state=State.REFUSED, refusal_code=refusal.code, refusal=sentence[:1000])


def _settle(line: WriteOffBatchLine, now: datetime, **result: object) -> None:
    claimed = WriteOffBatchLine.objects.filter(seller_id=line.seller_id, id=line.id, state=State.CLAIMED)
    claimed.update(settled_at=now, **result)


def _who_started(batch: WriteOffBatch) -> Actor:
    """Return who started the batch, with the rights of now. Raises ReadOnly for somebody who left the shop."""
    actor = actor_again(seller_id=batch.seller_id, user_id=batch.by_user_id, client_id=batch.by_client_id)
    if actor is None:
        raise ReadOnly(_("%(name)s may not write off for this shop any more.") % {"name": batch.by_name})
    return actor

"""Decide about a batch: the second person lets it run, and whoever may write off may stop it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.policy import current_policy
from lostpost.accounts.sections import Section
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.jobs import defer
from lostpost.write_off_batches.limits import limits_of, people_behind
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.start_batch import batch_job, lock_batches_of


class BatchNotFound(NotFound):
    """There is no such batch in this shop."""

    sentence = gettext_lazy("There is no such batch in this shop.")


class SecondPersonNeeded(Rejected):
    """Another person than the one who started the batch has to decide."""

    code = "second-person-needed"


class BatchDecided(Conflict):
    """The batch was decided or ended before."""

    code = "batch-decided"


class BatchCancelled(Conflict):
    """The batch was stopped before this line was written off."""

    code = "batch-cancelled"
    sentence = gettext_lazy("The batch was stopped before this order was written off.")


@transaction.atomic(durable=True)
def approve_batch(*, batch_id: UUID, by: Actor, now: datetime) -> WriteOffBatch:
    """Let a waiting batch run, as its second person. Repeating it changes nothing.

    It counts for the day on which it is approved, and the limits are those of then.
    Raises: ReadOnly, BatchNotFound, SecondPersonNeeded for the one who started it, for whoever knows the secret of
    the program that did, and for a program; BatchDecided, BatchTooLarge, BatchDayLimit.
    """
    require_writer(by, Section.WRITE_OFFS)
    lock_batches_of(by.seller_id)
    batch = lock_batch(batch_id, seller_id=by.seller_id)
    if batch.second_user_id == by.user_id and batch.state != WriteOffBatch.State.CANCELLED:
        return batch
    if batch.state != WriteOffBatch.State.WAITING:
        raise BatchDecided(_("This batch does not wait for a decision any more."))
    if not by.user_id:
        raise SecondPersonNeeded(_("A person has to decide about this batch, on its page."))
    if by.user_id == batch.by_user_id:
        raise SecondPersonNeeded(_("You started this batch. Somebody else of this shop has to decide about it."))
    if started_by(batch, by):
        raise SecondPersonNeeded(
            _("A program that you set up started this batch. Somebody else of this shop has to decide about it.")
        )
    _count_for_today(batch, by=by, now=now)
    batch.state, batch.decided_at = WriteOffBatch.State.RUNNING, now
    batch.second_user_id, batch.second_name = by.user_id, by.name
    _save(batch)
    defer(batch_job(batch))
    return batch


@transaction.atomic(durable=True)
def cancel_batch(*, batch_id: UUID, by: Actor, now: datetime) -> WriteOffBatch:
    """Stop a batch: its lines that are not written off yet will not be. What is written off stays. Safe to repeat.

    Raises: ReadOnly, BatchNotFound, BatchDecided for a finished one.
    """
    require_writer(by, Section.WRITE_OFFS)
    batch = lock_batch(batch_id, seller_id=by.seller_id)
    if batch.state == WriteOffBatch.State.CANCELLED:
        return batch
    if batch.state == WriteOffBatch.State.FINISHED:
        raise BatchDecided(_("This batch is finished; nothing of it is left to stop."))
    pending = WriteOffBatchLine.objects.filter(
        seller_id=batch.seller_id, batch_id=batch.id, state=WriteOffBatchLine.State.PENDING
    )
    pending.update(
        state=WriteOffBatchLine.State.REFUSED,
        refusal_code=BatchCancelled.code,
        refusal=str(BatchCancelled()),
        settled_at=now,
    )
    batch.ended_by_name = by.name
    if batch.state == WriteOffBatch.State.WAITING:  # Else its job finishes what it is about, and counts for the day.
        batch.state, batch.ended_at = WriteOffBatch.State.CANCELLED, now
    _save(batch)
    return batch


def started_by(batch: WriteOffBatch, actor: Actor) -> bool:
    """Whether an actor started a batch, or knows the secret of the program that did: then another has to decide."""
    return actor.user_id in people_behind(user_id=batch.by_user_id, client_id=batch.by_client_id)


def _count_for_today(batch: WriteOffBatch, *, by: Actor, now: datetime) -> None:
    policy = current_policy()
    lines = WriteOffBatchLine.objects.filter(
        seller_id=batch.seller_id, batch_id=batch.id, state=WriteOffBatchLine.State.PENDING
    )
    limits = limits_of(
        by,
        policy,
        refund_minor=batch.refund_minor,
        currency=batch.currency,
        lines=lines.count(),
        now=now,
        apart_from=batch.id,
    )
    if limits.refusals:
        raise limits.refusals[0]
    batch.day = now.astimezone(policy.zone).date()


def lock_batch(batch_id: UUID, *, seller_id: UUID) -> WriteOffBatch:
    """Return a batch of the shop, locked until commit. Raises: BatchNotFound."""
    batch = WriteOffBatch.objects.select_for_update().filter(seller_id=seller_id, id=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch


def _save(batch: WriteOffBatch) -> None:
    batch.save(
        update_fields=["state", "day", "decided_at", "second_user_id", "second_name", "ended_at", "ended_by_name"],
        force_update=True,
    )

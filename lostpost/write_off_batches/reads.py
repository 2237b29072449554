"""Reads of batches: one with its lines and their write-offs, and how far each of several is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, Sum

from lostpost.customer_queries.models import CustomerQuery
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How many lines of a batch are done, refused and left, and what the customers receive by those that are done."""

    done: int = 0
    refused: int = 0
    left: int = 0
    refunded_minor: int = 0


def lines_of_batch(batch: WriteOffBatch) -> Sequence[WriteOffBatchLine]:
    """Return the lines in their order, each with its write-off."""
    lines = WriteOffBatchLine.objects.select_related("write_off").filter(seller_id=batch.seller_id, batch_id=batch.id)
    return list(lines.order_by("position"))


def progress_of_batches(batches: Sequence[WriteOffBatch], *, seller_id: UUID) -> dict[UUID, BatchProgress]:
    """Return how far each batch of a shop is, by its id; one statement."""
    state = WriteOffBatchLine.State
    lines = WriteOffBatchLine.objects.filter(seller_id=seller_id, batch_id__in=[batch.id for batch in batches])
    counted = lines.values("batch_id").annotate(
        done=Count("id", filter=Q(state=state.DONE)),
        refused=Count("id", filter=Q(state=state.REFUSED)),
        left=Count("id", filter=Q(state__in=[state.PENDING, state.CLAIMED])),
        refunded_minor=Sum("refund_minor", filter=Q(state=state.DONE), default=0),
    )
    return {
        row["batch_id"]: BatchProgress(row["done"], row["refused"], row["left"], row["refunded_minor"])
        for row in counted
    }


def open_queries_of_orders(seller_id: UUID, numbers: Sequence[str]) -> dict[str, str]:
    """Return the number of the newest query that is not handled, by the number of its order; one statement."""
    queries = CustomerQuery.objects.filter(seller_id=seller_id, order__number__in=numbers)
    not_handled = queries.exclude(state=CustomerQuery.State.HANDLED).order_by("opened_at", "id")
    return dict(not_handled.values_list("order__number", "number"))

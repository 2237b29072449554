"""Batches of write-offs and their lines."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned


class WriteOffBatch(SellerOwned):
    """A seller's decision to write off what was previewed of many orders, in one currency."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"

    state = models.CharField(max_length=20, choices=State)
    currency = models.CharField(max_length=3)
    refund_minor = models.BigIntegerField()  # What the customers were to receive by the preview, all in all.
    day = models.DateField()  # In the marketplace's zone; what the limits of a day count.
    language = models.CharField(max_length=10)  # In which the refusals of its lines are written.
    started_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()  # 0: a client of the API.
    by_client_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=200)
    needs_second = models.BooleanField()
    decided_at = models.DateTimeField(null=True)  # By the second person.
    second_user_id = models.BigIntegerField(null=True)
    second_name = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=200, blank=True)  # Who cancelled it, or stopped it on the way.

    class Meta:
        constraints = [
            OfItsSeller(name="write_off_batch_of_its_seller"),
            CheckConstraint(condition=Q(refund_minor__gte=0), name="write_off_batch_amount_not_negative"),
            CheckConstraint(
                condition=Q(second_user_id=None) | ~Q(second_user_id=F("by_user_id")),
                name="write_off_batch_second_is_another",
            ),
            CheckConstraint(
                condition=Q(state__in=["waiting", "cancelled"])
                | Q(needs_second=False)
                | Q(decided_at__isnull=False, second_user_id__isnull=False),
                name="write_off_batch_runs_once_decided",
            ),
            CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at=None)
                | Q(state__in=["finished", "cancelled"], ended_at__isnull=False),
                name="write_off_batch_ended_has_its_end",
            ),
        ]
        indexes = [
            Index(fields=["seller", "-started_at", "-id"], name="write_off_batch_newest_first"),
            Index(fields=["seller", "day"], name="write_off_batch_of_day"),
            Index(fields=["started_at"], condition=Q(state="running"), name="write_off_batch_running"),
        ]


class WriteOffBatchLine(SellerOwned):
    """One customer query of a batch, with what was chosen of its order, and what came of it."""

    class State(models.TextChoices):
        PENDING = "pending"
        CLAIMED = "claimed"
        DONE = "done"
        REFUSED = "refused"

    batch_id = models.UUIDField()
    batch = owned("batch_id", "WriteOffBatch", related_name="lines")
    position = models.PositiveIntegerField()
    query_number = models.CharField(max_length=20)  # As it was sent; there may be no such query.
    order_number = models.CharField(max_length=64, blank=True)
    units = models.JSONField()  # [[parcel, item, quantity], …]
    token = models.TextField(blank=True)  # Of its preview: nothing else is written off.
    refund_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State)
    write_off_id = models.UUIDField(null=True)
    write_off = owned("write_off_id", "WriteOff", null=True)
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal = models.CharField(max_length=1000, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("batch_id", to="WriteOffBatch", name="line_belongs_to_a_batch_of_its_seller"),
            OwnedForeignKey("write_off_id", to="WriteOff", name="batch_line_has_a_write_off_of_its_seller"),
            UniqueConstraint(fields=["seller", "batch_id", "position"], name="write_off_batch_line_in_its_place"),
            UniqueConstraint(fields=["seller", "batch_id", "query_number"], name="write_off_batch_query_once"),
            CheckConstraint(condition=Q(refund_minor__gte=0), name="write_off_batch_line_amount_not_negative"),
            CheckConstraint(
                condition=Q(state__in=["pending", "claimed"], write_off_id=None, refusal_code="", settled_at=None)
                | Q(state="done", write_off_id__isnull=False, refusal_code="", settled_at__isnull=False)
                | Q(state="refused", write_off_id=None, settled_at__isnull=False) & ~Q(refusal_code=""),
                name="write_off_batch_line_has_its_result",
            ),
        ]

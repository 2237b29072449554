"""Armed write-offs."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned


class ArmedWriteOff(SellerOwned):
    """A seller's decision to write units off on the day they become eligible, if nothing happens before."""

    class State(models.TextChoices):
        ARMED = "armed"
        EXECUTED = "executed"
        DISARMED = "disarmed"

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="armed_write_offs")
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="armed_write_offs")
    state = models.CharField(max_length=10, choices=State)
    units = models.JSONField()  # [[parcel, item, quantity], …]
    token = models.TextField()  # Of what was shown, worked out as of `due_at`: nothing else is written off.
    currency = models.CharField(max_length=3)
    refund_minor = models.BigIntegerField()  # What the customer is to receive.
    due_at = models.DateTimeField()  # When the policy allows it.
    news = models.JSONField()  # What was known when it was armed: see `NewsCount`.
    armed_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()  # 0: a client of the API.
    by_client_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=200)
    checked_at = models.DateTimeField()  # When a job last looked whether it stands.
    write_off_id = models.UUIDField(null=True)
    write_off = owned("write_off_id", "WriteOff", null=True)
    reason = models.CharField(max_length=20, blank=True)  # Why it was disarmed: of DisarmReason.
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=200, blank=True)  # Who disarmed it; empty: a job.
    announced_at = models.DateTimeField(null=True)  # When its execution was noted on the timeline.

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="armed_write_off_of_a_query_of_its_seller"),
            OwnedForeignKey("order_id", to="Order", name="armed_write_off_of_an_order_of_its_seller"),
            OwnedForeignKey("write_off_id", to="WriteOff", name="armed_write_off_has_a_write_off_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "order_id"], condition=Q(state="armed"), name="armed_write_off_once_per_order"
            ),
            CheckConstraint(condition=Q(refund_minor__gte=0), name="armed_write_off_amount_not_negative"),
            CheckConstraint(
                condition=Q(state="armed", write_off_id=None, reason="", ended_at=None)
                | Q(state="executed", write_off_id__isnull=False, reason="", ended_at__isnull=False)
                | Q(state="disarmed", write_off_id=None, ended_at__isnull=False) & ~Q(reason=""),
                name="armed_write_off_has_its_end",
            ),
        ]
        indexes = [
            Index(fields=["seller", "-armed_at", "-id"], name="armed_write_off_newest_first"),
            Index(fields=["due_at"], condition=Q(state="armed"), name="armed_write_off_due"),
            Index(fields=["checked_at"], condition=Q(state="armed"), name="armed_write_off_to_check"),
            Index(
                fields=["ended_at"],
                condition=Q(state="executed", announced_at=None),
                name="armed_write_off_to_announce",
            ),
        ]

"""An account with a carrier or a shop platform, and how asking it goes."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import uuid7


class ConnectorAccount(models.Model):
    """An account by which a carrier or shop platform is asked: the marketplace's for all shops, or one shop's own.

    It is on the coordinator of a cluster, whatever its shop: every worker counts its calls on it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connector = models.CharField(max_length=20)  # The name of its client: `connectors.carriers`.
    shop_id = models.UUIDField(null=True)  # The seller's; none: it speaks for every shop without one of its own.
    sealed = models.TextField()  # What opens it, as JSON, encrypted: `core.sealed`.
    options = models.JSONField(default=dict)  # Of its client: other address, division, further names of the carrier.
    calls_a_day = models.PositiveIntegerField()  # Days begin at midnight UTC.
    milliseconds_between_calls = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    day = models.DateField(null=True)  # On which `calls` were counted.
    calls = models.PositiveIntegerField(default=0)
    next_call_at = models.DateTimeField(null=True)  # Not before: pace, or a pause after what went wrong.
    sealed_token = models.TextField(blank=True)  # An access token, encrypted, for all processes.
    token_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # The last good answer, whatever it said.
    failed_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # In a row.
    problem = models.CharField(max_length=40, blank=True)  # Of the newest call: a code; empty after a good one.
    problem_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["connector", "shop_id"], nulls_distinct=False, name="connector_account_once_per_shop"
            ),
            CheckConstraint(
                condition=Q(problem="") | Q(failed_at__isnull=False), name="connector_account_problem_has_its_time"
            ),
        ]
        indexes = [Index(fields=["shop_id"], name="connector_account_of_shop")]

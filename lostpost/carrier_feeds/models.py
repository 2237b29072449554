"""Carriers' feeds of scans: how many are received, and when they fell silent."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import uuid7


class HourlyScanCount(models.Model):
    """How many scans of a carrier were received in one hour, over all shops; an hour without any has no row."""

    carrier_normalised = models.TextField()
    hour_at = models.DateTimeField()  # Its beginning: hours of receiving, not of scanning.
    scans = models.PositiveIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["carrier_normalised", "hour_at"], name="hourly_scan_count_unique"),
        ]
        indexes = [Index(fields=["hour_at"], name="hourly_scan_count_by_age")]


class CarrierFeed(models.Model):
    """What is known of the scans of one carrier, as of the newest look at them."""

    class State(models.TextChoices):
        """In the order in which they are shown: what needs somebody first."""

        SILENT = "silent"
        FEWER = "fewer"  # Than usual, for days: somebody should look.
        STEADY = "steady"
        LEARNING = "learning"  # What is usual: the carrier is new.
        TOO_FEW = "too-few"  # To tell anything from an hour or a day without any.

    carrier_normalised = models.TextField(primary_key=True)
    carrier = models.CharField(max_length=64)  # As one of its parcels has it.
    state = models.CharField(max_length=10, choices=State, default=State.LEARNING)
    received_at = models.DateTimeField(null=True)  # The newest scan received.
    learns_from = models.DateTimeField(null=True)  # The first hour that was counted.
    answered_at = models.DateTimeField(
        null=True
    )  # When a connector of ours had its last good answer; None: there is none.
    silent_after_seconds = models.PositiveIntegerField(default=0)  # Without a good answer.
    usual_week = models.PositiveIntegerField(default=0)  # Scans in a usual week.
    expected_day = models.PositiveIntegerField(default=0)  # In the 24 hours before the look; and what was received.
    received_day = models.PositiveIntegerField(default=0)
    suspected_at = models.DateTimeField(null=True)  # Of the first of two looks in a row that found it silent.
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(state__in=["silent", "fewer", "steady", "learning", "too-few"]),
                name="carrier_feed_state_known",
            ),
        ]


class SilentFeed(models.Model):
    """A time in which a carrier's scans did not reach us; a copy is on every machine, as decisions read it."""

    class Cause(models.TextChoices):
        """What said so."""

        RATE = "rate"  # Far fewer scans than usual.
        CONNECTOR = "connector"  # The connector that asks the carrier has no good answer.

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    carrier_normalised = models.TextField()
    carrier = models.CharField(max_length=64)
    cause = models.CharField(max_length=9, choices=Cause)
    since = models.DateTimeField()  # The last time at which everything was as usual.
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    window_hours = models.PositiveIntegerField()  # In the hours before it was found,
    expected = models.PositiveIntegerField()  # so many scans were to be expected,
    received = models.PositiveIntegerField()  # and so many came,
    chance_exponent = models.PositiveIntegerField()  # which chance alone does less than once in 10 ** this.
    lifted_until = models.DateTimeField(null=True)  # By the newest lift.
    lifts = models.JSONField(default=list)  # Oldest first: {"at", "until", "by", "reason"}.

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["carrier_normalised"], condition=Q(ended_at=None), name="silent_feed_once_at_a_time"
            ),
            CheckConstraint(condition=Q(since__lte=F("found_at")), name="silent_feed_began_before_it_was_found"),
            CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("found_at")), name="silent_feed_ended_after_it_was_found"
            ),
            CheckConstraint(condition=Q(cause__in=["rate", "connector"]), name="silent_feed_cause_known"),
            CheckConstraint(
                condition=Q(lifted_until=None, lifts=[]) | (Q(lifted_until__isnull=False) & ~Q(lifts=[])),
                name="silent_feed_lifted_with_a_reason",
            ),
        ]
        indexes = [Index(fields=["-found_at"], name="silent_feed_newest_first")]

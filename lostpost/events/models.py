"""Events of the feed, their counters, and webhooks."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, SellerOwned


class Event(models.Model):
    """One event of a shop's feed. Its number counts within the shop, from 1, without a gap, in the order of commits."""

    pk = models.CompositePrimaryKey("seller_id", "sequence")
    seller = models.ForeignKey("lostpost.Seller", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    sequence = models.BigIntegerField()
    type = models.CharField(max_length=40)  # `noun.past-verb`; one that was used means the same for ever.
    at = models.DateTimeField()
    data = models.JSONField()  # What names the thing, and facts that do not change; no words of people.

    class Meta:
        constraints = [
            OfItsSeller(name="event_of_its_seller"),
            CheckConstraint(condition=Q(sequence__gt=0), name="event_sequence_positive"),
        ]


class EventCounter(SellerOwned):
    """The number of a shop's newest event. Adding events locks this row until commit, so numbers have no gap."""

    last = models.BigIntegerField()

    class Meta:
        constraints = [
            OfItsSeller(name="event_counter_of_its_seller"),
            UniqueConstraint(fields=["seller"], name="event_counter_once_per_shop"),
        ]


class Webhook(SellerOwned):
    """An address to which a shop's events are sent in order, and the number of the newest one delivered."""

    class State(models.TextChoices):
        ACTIVE = "active"
        PARKED = "parked"  # It failed for a day, or answered 410 Gone: nothing is sent until somebody resumes it.

    name = models.CharField(max_length=64)  # The partner's own, unique in the shop.
    url = models.CharField(max_length=500)
    secrets = models.JSONField()  # Newest first: {"sealed", "until"}; an older one signs along until its time is over.
    delivered = models.BigIntegerField()  # Number of the newest event that the address has accepted.
    delivered_at = models.DateTimeField(null=True)  # When it took one last.
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    failures = models.PositiveIntegerField(default=0)  # In a row.
    failing_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # Of the newest attempt; empty once one went well.
    slow = models.BooleanField(db_default=False)  # It took long last time, and is served apart from quick ones.
    next_attempt_at = models.DateTimeField()  # While a worker sends: until when it has the address to itself.
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            OfItsSeller(name="webhook_of_its_seller"),
            UniqueConstraint(fields=["seller", "name"], name="webhook_name_unique"),
            CheckConstraint(condition=Q(state__in=["active", "parked"]), name="webhook_state_known"),
            CheckConstraint(condition=Q(state="active") | ~Q(problem=""), name="webhook_parked_for_a_reason"),
        ]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(state="active"), name="webhook_due")]

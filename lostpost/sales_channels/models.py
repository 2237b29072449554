"""Connections of shops to the platforms on which they sell."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned, uuid7


class SalesChannel(SellerOwned):
    """A shop's account at a platform, from which its orders, parcels and returns are fetched."""

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"

    platform = models.CharField(max_length=20)  # The name of its adapter: `connectors.sales_channels`.
    account = models.CharField(max_length=200)  # What the platform calls it: a client id, a domain, a site's address.
    prefix = models.CharField(max_length=16, blank=True)  # Before its numbers: two platforms may give the same ones.
    credentials = models.TextField()  # Sealed JSON: {name: text}.
    token = models.TextField(blank=True)  # Sealed JSON: {"token", "until"}: used as long as it lasts.
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    progress = models.JSONField(default=dict)  # How far it was fetched: the adapter's own; kept with what was put in.
    next_run_at = models.DateTimeField()
    lease = models.UUIDField(null=True)  # Of the run at work; another one takes over once its time is over.
    leased_until = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)  # The last run that ended well.
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # In a row.
    problem = models.CharField(max_length=40, blank=True)  # A code of `texts.sales_channels`; empty: none.
    problem_detail = models.CharField(max_length=300, blank=True)  # In the platform's own words.
    hook_secret = models.TextField(blank=True, db_default="")  # Sealed: the platform signs with it what it tells.
    hook_problem = models.CharField(max_length=40, blank=True, db_default="")  # Of its webhooks: a code; empty: none.
    hooks_checked_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # When it told something last.
    # What has come so far: created or changed.
    orders = models.BigIntegerField(default=0)
    parcels = models.BigIntegerField(default=0)
    returns = models.BigIntegerField(default=0)
    scans = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            OfItsSeller(name="sales_channel_of_its_seller"),
            UniqueConstraint(fields=["seller", "platform", "account"], name="sales_channel_once_per_shop"),
            UniqueConstraint(fields=["seller", "prefix"], name="sales_channel_prefix_once_per_shop"),
            CheckConstraint(condition=Q(state__in=["active", "paused"]), name="sales_channel_state_known"),
            CheckConstraint(
                condition=Q(lease__isnull=True, leased_until__isnull=True)
                | Q(lease__isnull=False, leased_until__isnull=False),
                name="sales_channel_lease_has_an_end",
            ),
        ]
        indexes = [Index(fields=["next_run_at"], condition=Q(state="active"), name="sales_channel_due")]


class RefusedRecord(SellerOwned):
    """A record of a platform that could not be taken in, and why; it goes once the record comes in after all."""

    channel_id = models.UUIDField()
    channel = owned("channel_id", "SalesChannel", related_name="refused_records")
    kind = models.CharField(max_length=10)  # "order", "parcel", "return" or "scan".
    reference = models.CharField(max_length=100)  # As people know it: the number with its prefix.
    order_reference = models.CharField(max_length=100)  # The platform's own name of the order, to fetch it again.
    reason = models.CharField(max_length=500)  # In the shop's language.
    first_refused_at = models.DateTimeField()
    refused_at = models.DateTimeField()
    retry_at = models.DateTimeField()

    class Meta:
        constraints = [
            OwnedForeignKey("channel_id", to="SalesChannel", name="refused_record_of_a_channel_of_its_seller"),
            UniqueConstraint(fields=["seller", "channel_id", "kind", "reference"], name="refused_record_once"),
            CheckConstraint(
                condition=Q(kind__in=["order", "parcel", "return", "scan"]), name="refused_record_kind_known"
            ),
        ]
        indexes = [
            Index(fields=["seller", "channel_id", "order_reference"], name="refused_record_of_order"),
        ]


class WatchedShipment(SellerOwned):
    """A shipment that the platform is asked about until its parcel has arrived, often when a decision is near."""

    channel_id = models.UUIDField()
    channel = owned("channel_id", "SalesChannel", related_name="watched_shipments")
    reference = models.CharField(max_length=64)  # The platform's name of the shipment.
    parcel_code = models.CharField(max_length=64)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            OwnedForeignKey("channel_id", to="SalesChannel", name="watched_shipment_of_a_channel_of_its_seller"),
            UniqueConstraint(fields=["seller", "channel_id", "reference"], name="watched_shipment_once"),
        ]
        indexes = [Index(fields=["seller", "channel_id", "due_at"], name="watched_shipment_due")]


class ChannelNews(SellerOwned):
    """That an order changed at a platform, as its webhook told; the order is fetched, whatever the news said of it."""

    channel_id = models.UUIDField()
    channel = owned("channel_id", "SalesChannel", related_name="news")
    reference = models.CharField(max_length=64)  # The platform's name of the order.
    key = models.CharField(max_length=150)  # Tells it from other news: each counts once.
    told_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)  # When the order was fetched after it.

    class Meta:
        constraints = [
            OwnedForeignKey("channel_id", to="SalesChannel", name="channel_news_of_a_channel_of_its_seller"),
            UniqueConstraint(fields=["seller", "channel_id", "key"], name="channel_news_once"),
        ]
        indexes = [
            Index(
                fields=["seller", "channel_id", "told_at"],
                condition=Q(taken_at__isnull=True),
                name="channel_news_to_take",
            ),
            Index(fields=["told_at"], name="channel_news_by_age"),
        ]


class CarrierName(models.Model):
    """What a carrier's name means that people or platforms write, as the operator says; empty: nobody has said yet."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name_normalised = models.TextField()  # Without blanks, capitals and punctuation.
    name = models.CharField(max_length=64)
    carrier = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField()
    mapped_at = models.DateTimeField(null=True)
    mapped_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["name_normalised"], name="carrier_name_once")]

"""Track & Trace scans."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned, uuid7
from lostpost.eligibility import facts


class Scan(models.Model):
    """One Track & Trace event. Its key says what it is, so a repeat is harmless by itself.

    The table is partitioned by month of `scanned_at`; `scan_months.ensure_months` makes the partitions. A scan that is
    flagged is stored and does not count.
    """

    pk = models.CompositePrimaryKey("seller_id", "parcel_id", "scanned_at", "fingerprint")
    seller = models.ForeignKey("lostpost.Seller", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel", related_name="scans")
    scanned_at = models.DateTimeField()  # The carrier's own time.
    fingerprint = models.UUIDField()  # Of the carrier's id, or of what the scan says.
    status = models.CharField(max_length=30)
    code = models.CharField(max_length=64, blank=True)  # The carrier's own code and text, stored beside ours.
    text = models.CharField(max_length=300, blank=True)
    location = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()  # When we received it.
    from_future = models.BooleanField(default=False)  # Dated more than 15 minutes ahead of us.
    before_order = models.BooleanField(default=False, db_default=False)  # From before its order was placed.
    by_number = models.BooleanField(
        default=False, db_default=False
    )  # Came by its Track & Trace number, not its parcel.
    utc_offset_minutes = models.SmallIntegerField(null=True)  # Of the time as the carrier wrote it; none: UTC.
    time_certainty = models.CharField(max_length=15, blank=True, db_default="")  # Of TimeCertainty.

    class Meta:
        constraints = [  # The key to the parcel implies the one to the seller, which every scan would have to look up.
            OwnedForeignKey("parcel_id", to="Parcel", name="scan_of_a_parcel_of_its_seller"),
            CheckConstraint(
                condition=Q(status__in=[status.value for status in facts.ScanStatus]), name="scan_status_known"
            ),
        ]
        indexes = [BrinIndex(fields=["received_at"], autosummarize=True, name="scan_received_of_all")]


class EnteredScan(SellerOwned):
    """Who typed in which scan by hand, and when. The scan itself is a `Scan` like others."""

    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel", related_name="entered_scans")
    scanned_at = models.DateTimeField()
    fingerprint = models.UUIDField()
    entered_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            OwnedForeignKey("parcel_id", to="Parcel", name="entered_scan_of_a_parcel_of_its_seller"),
            UniqueConstraint(fields=["seller", "parcel_id", "scanned_at", "fingerprint"], name="entered_scan_unique"),
        ]


class UnmatchedScan(models.Model):
    """A scan whose parcel was not there on arrival: named by its Track & Trace number, or by shop and parcel or number.

    It may belong to no seller yet, and to several later; `unmatched_scans` attaches it to each matching parcel.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    carrier_normalised = models.TextField(blank=True)
    tracking_number_normalised = models.TextField(blank=True)
    shop_id = models.UUIDField(null=True)  # The seller's, where the seller was named: a number is then one of theirs.
    parcel_code = models.CharField(max_length=64, blank=True)
    scanned_at = models.DateTimeField()
    fingerprint = models.UUIDField()
    status = models.CharField(max_length=30)
    code = models.CharField(max_length=64, blank=True)
    text = models.CharField(max_length=300, blank=True)
    location = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()
    utc_offset_minutes = models.SmallIntegerField(null=True)
    time_certainty = models.CharField(max_length=15, blank=True, db_default="")
    matched_at = models.DateTimeField(null=True)  # When a parcel first matched; others may still come.

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=[
                    *("tracking_number_normalised", "carrier_normalised", "shop_id", "parcel_code"),
                    *("scanned_at", "fingerprint"),
                ],
                nulls_distinct=False,
                name="unmatched_scan_unique",
            ),
            CheckConstraint(
                condition=~Q(tracking_number_normalised="") | ~Q(parcel_code=""),
                name="unmatched_scan_names_a_parcel",
            ),
            CheckConstraint(
                condition=Q(status__in=[status.value for status in facts.ScanStatus]),
                name="unmatched_scan_status_known",
            ),
        ]
        indexes = [
            Index(
                fields=["shop_id", "parcel_code"],
                condition=~Q(parcel_code=""),
                name="unmatched_scan_by_parcel",
            ),
            Index(fields=["received_at"], name="unmatched_scan_by_age"),
        ]


class Silence(models.Model):
    """A time of a day and more in which nobody scanned a parcel, and what became of the parcel; for arrival odds.

    Worked out from the parcel's scans, again after each that comes later. Days are full spans of 24 hours.
    """

    pk = models.CompositePrimaryKey("seller_id", "parcel_id", "began_at")
    seller = models.ForeignKey("lostpost.Seller", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel", related_name="silences")
    began_at = models.DateTimeField()  # The scan before it, or the hand-over.
    carrier_normalised = models.TextField()
    country = models.CharField(max_length=2)  # Where the order goes to.
    silent_days = models.PositiveIntegerField(null=True)  # Until the next scan; None: there was none yet.
    end_days = models.PositiveIntegerField(null=True)  # Until the outcome, from the same beginning.
    outcome = models.CharField(max_length=9, blank=True)  # "delivered" or "returned"; empty: neither yet.
    seen_at = models.DateTimeField(null=True)  # The parcel's newest scan when this was worked out.

    class Meta:
        constraints = [
            OwnedForeignKey("parcel_id", to="Parcel", name="silence_of_a_parcel_of_its_seller"),
            CheckConstraint(condition=Q(outcome__in=["", "delivered", "returned"]), name="silence_outcome_known"),
            CheckConstraint(
                condition=Q(outcome="", end_days__isnull=True) | (~Q(outcome="") & Q(end_days__isnull=False)),
                name="silence_ends_with_its_outcome",
            ),
        ]
        indexes = [
            Index(fields=["began_at"], condition=Q(outcome=""), name="silence_without_end"),
            BrinIndex(fields=["began_at"], name="silence_by_day_of_all"),
        ]


class SilenceCount(models.Model):
    """How many silences of one length ended in one way on one day, over all shops; counted again by a job."""

    carrier_normalised = models.TextField()
    country = models.CharField(max_length=2)
    silent_days = models.PositiveIntegerField()  # Full days in which nobody scanned the parcel.
    end_days = models.PositiveIntegerField()  # Full days until the outcome, or so far.
    outcome = models.CharField(max_length=9)  # "delivered", "returned" or "open".
    parcels = models.PositiveIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["carrier_normalised", "country", "silent_days", "end_days", "outcome"],
                name="silence_count_unique",
            ),
        ]


class ParcelPoll(models.Model):
    """A parcel about which its carrier is asked, and when next; it goes once there is nothing more to ask."""

    pk = models.CompositePrimaryKey("seller_id", "parcel_id")
    seller = models.ForeignKey("lostpost.Seller", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel", related_name="polls")
    connector = models.CharField(max_length=20)
    urgency = models.PositiveIntegerField()  # 0: somebody may decide soon; the higher, the later it is asked.
    next_poll_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)  # While somebody asks: until when they have it to themselves.
    asked_at = models.DateTimeField(null=True)  # When the carrier last answered about it.
    not_found = models.PositiveIntegerField(default=0)  # Answers in a row that the carrier does not know it.

    class Meta:
        constraints = [OwnedForeignKey("parcel_id", to="Parcel", name="parcel_poll_of_a_parcel_of_its_seller")]
        indexes = [
            Index(fields=["connector", "urgency", "next_poll_at"], name="parcel_poll_due_of_all"),
            Index(fields=["seller", "connector", "urgency", "next_poll_at"], name="parcel_poll_due_in_its_shop"),
        ]


class TrackingSource(SellerOwned):
    """A provider of Track & Trace that delivers scans of one shop's parcels by webhook, and how that goes."""

    source = models.CharField(max_length=20)  # The name of its adapter: `connectors.tracking_sources`.
    secrets = models.JSONField()  # Newest first: {"sealed", "until"}; an older one counts until its time is over.
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    deliveries = models.BigIntegerField(default=0)  # Signed, and stored.
    scans = models.BigIntegerField(default=0)  # New ones of these.
    scans_rejected = models.BigIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)  # The last good delivery.
    stopped_looking = models.BigIntegerField(default=0)  # Parcels of which the provider said that it looks no more.
    refused = models.BigIntegerField(default=0)  # Deliveries refused, counted once a minute at most.
    refused_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # Of the newest refusal: its code; empty after a good one.

    class Meta:
        constraints = [
            OfItsSeller(name="tracking_source_of_its_seller"),
            UniqueConstraint(fields=["seller", "source"], name="tracking_source_once_per_shop"),
        ]


class ScanCode(models.Model):
    """What a code of a source means, as the operator says: a status, or no scan at all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=20)
    carrier_normalised = models.TextField(blank=True)  # As the source calls it; "": of every carrier.
    code = models.CharField(max_length=64)
    status = models.CharField(max_length=30, blank=True)  # "": it is no scan.
    mapped_at = models.DateTimeField()
    mapped_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["source", "carrier_normalised", "code"], name="scan_code_unique"),
            CheckConstraint(
                condition=Q(status__in=["", *(status.value for status in facts.ScanStatus)]),
                name="scan_code_status_known",
            ),
        ]


class UnmappedScan(SellerOwned):
    """A scan with a code that nobody has mapped yet: kept, and taken in once the operator says what it means."""

    source = models.CharField(max_length=20)
    carrier_normalised = models.TextField(blank=True)
    carrier = models.CharField(max_length=64, blank=True)
    tracking_number = models.CharField(max_length=64)
    scanned_at = models.DateTimeField()
    fingerprint = models.UUIDField()
    code = models.CharField(max_length=64)
    text = models.CharField(max_length=300, blank=True)
    location = models.CharField(max_length=100, blank=True)
    event_reference = models.CharField(max_length=200, blank=True)  # The source's own id of the event.
    utc_offset_minutes = models.SmallIntegerField(null=True)
    time_certainty = models.CharField(max_length=15, blank=True, db_default="")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            OfItsSeller(name="unmapped_scan_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "source", "tracking_number", "scanned_at", "fingerprint", "carrier_normalised"],
                name="unmapped_scan_unique",
            ),
        ]
        indexes = [
            Index(fields=["source", "code", "carrier_normalised"], name="unmapped_scan_by_code"),
            Index(fields=["received_at"], name="unmapped_scan_by_age"),
        ]

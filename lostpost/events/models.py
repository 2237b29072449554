"""Events as partners read them, and how far each shop has counted."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, SellerOwned


class Event(models.Model):
    """Something that a partner must know. Its number counts within its shop, from 1, without a gap, as they commit."""

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
    """The number of a shop's newest event. Whoever adds events holds this row until commit, so numbers have no gap."""

    last = models.BigIntegerField()

    class Meta:
        constraints = [
            OfItsSeller(name="event_counter_of_its_seller"),
            UniqueConstraint(fields=["seller"], name="event_counter_once_per_shop"),
        ]

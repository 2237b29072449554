"""Addresses that stand for a side of a query, and every e-mail that came in at one."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Lower

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned

FORM = r"^[a-z0-9]{26,40}$"


class RelayAddress(SellerOwned):
    """An address that only we can name: whoever writes to it writes to one query, as one of its sides."""

    class Side(models.TextChoices):
        CUSTOMER = "customer"  # In the customer's hands: what comes in at it is from the customer.
        SELLER = "seller"
        BOUNCE = "bounce"  # In the envelope of one e-mail: mail servers report about it here.

    token = models.CharField(max_length=40)  # All that stands before the @; of lower case.
    side = models.CharField(max_length=10, choices=Side)
    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery")
    mail_id = models.UUIDField(null=True)  # Of an address for bounces.
    mail = owned("mail_id", "Mail", null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="relay_address_leads_to_a_query_of_its_seller"),
            OwnedForeignKey("mail_id", to="Mail", name="relay_address_is_for_a_mail_of_its_seller"),
            UniqueConstraint(fields=["seller", "token"], name="relay_address_token_unique"),
            UniqueConstraint(
                fields=["seller", "query_id", "side"],
                condition=Q(ended_at=None) & ~Q(side="bounce"),
                name="relay_address_once_for_each_side",
            ),
            UniqueConstraint(
                fields=["seller", "mail_id"], condition=Q(ended_at=None), name="relay_address_once_for_each_mail"
            ),
            CheckConstraint(condition=Q(side__in=["customer", "seller", "bounce"]), name="relay_address_side_known"),
            CheckConstraint(
                condition=Q(side="bounce", mail_id__isnull=False) | ~Q(side="bounce") & Q(mail_id=None),
                name="relay_address_for_bounces_names_its_mail",
            ),
            CheckConstraint(condition=Q(token__regex=FORM), name="relay_address_token_unguessable"),
        ]
        indexes = [Index(fields=["token"], name="relay_address_by_token")]


class IncomingMail(SellerOwned):
    """An e-mail as it came, for one recipient. Everything received is filed, parked or dropped."""

    class State(models.TextChoices):
        RECEIVED = "received"
        FILED = "filed"
        PARKED = "parked"  # For Partnerservice to look at.
        DROPPED = "dropped"

    recipient = models.CharField(max_length=254)  # Of the envelope, in lower case.
    envelope_sender = models.CharField(max_length=254, blank=True)  # Empty where the envelope names none.
    address_id = models.UUIDField(null=True)
    address = owned("address_id", "RelayAddress", null=True)  # None: that of the shop.
    query_id = models.UUIDField(null=True)
    query = owned("query_id", "CustomerQuery", null=True)
    entry_id = models.UUIDField(null=True)
    entry = owned("entry_id", "TimelineEntry", null=True)
    raw = models.BinaryField(null=True)  # None once its time is over.
    size_bytes = models.PositiveIntegerField()
    message_id = models.CharField(max_length=255)  # Of our making, from the content, where it has none.
    content_hash = models.CharField(max_length=64)  # SHA-256 of all that stands below the headers.
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    reason = models.CharField(max_length=40, blank=True)  # Why it was parked or dropped: a code.
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=200, blank=True, db_default="")  # Whoever settled what was parked.
    # What it says, once it was read; other people's addresses are masked.
    subject = models.CharField(max_length=300, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=254, blank=True)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)  # All of it, safe to show.
    files = models.JSONField(default=list)  # As `relay.parsing.parse.File` has them.
    notes = models.JSONField(default=list)

    class Meta:
        constraints = [
            OfItsSeller(name="incoming_mail_of_its_seller"),
            OwnedForeignKey("address_id", to="RelayAddress", name="incoming_mail_came_to_an_address_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="incoming_mail_filed_in_a_query_of_its_seller"),
            OwnedForeignKey("entry_id", to="TimelineEntry", name="incoming_mail_has_an_entry_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "recipient", "message_id", "content_hash"], name="incoming_mail_received_once"
            ),
            CheckConstraint(
                condition=Q(state__in=["received", "filed", "parked", "dropped"]), name="incoming_mail_state_known"
            ),
            CheckConstraint(
                condition=Q(state="received", settled_at=None) | ~Q(state="received") & Q(settled_at__isnull=False),
                name="incoming_mail_settled_has_its_time",
            ),
            CheckConstraint(
                condition=Q(state="filed", query_id__isnull=False) | ~Q(state="filed"),
                name="incoming_mail_filed_is_in_a_query",
            ),
            CheckConstraint(
                condition=Q(state__in=["received", "filed"]) | ~Q(reason=""), name="incoming_mail_parked_says_why"
            ),
        ]
        indexes = [
            Index(fields=["seller", "query_id", "received_at"], name="incoming_mail_of_query"),
            Index(fields=["seller", "received_at"], name="incoming_mail_of_shop"),
            Index(Lower("envelope_sender"), "received_at", name="incoming_mail_of_sender"),
            Index(fields=["received_at", "seller", "id"], condition=Q(state="parked"), name="incoming_mail_parked"),
            Index(fields=["received_at", "seller", "id"], condition=Q(state="received"), name="incoming_mail_to_file"),
        ]

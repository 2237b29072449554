"""A customer query, its one timeline, and the e-mails that left from it."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned


class CustomerQuery(SellerOwned):
    """What a customer and a seller have to settle about an order."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WAITING_FOR_CUSTOMER = "waiting_for_customer", _("Waiting for customer")
        FOLLOW_UP_LATER = "follow_up_later", _("Follow up later")
        HANDLED = "handled", _("Handled")
        WITH_PARTNERSERVICE = "with_partnerservice", _("With Partnerservice")

    number = models.CharField(max_length=20)
    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="customer_queries")
    order_item_id = models.UUIDField(null=True)  # What it is about; none: the entire order.
    order_item = owned("order_item_id", "OrderItem", null=True)
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=30, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    waits_since = models.DateTimeField()  # Since when it is the turn of whoever it waits for.
    refunds_failed = models.PositiveIntegerField(
        default=0, db_default=0
    )  # While any of its refunds has, it stays open.
    unanswered_since = models.DateTimeField(null=True)  # The customer's last message; none where the shop wrote since.

    class Meta:
        constraints = [
            OfItsSeller(name="customer_query_of_its_seller"),
            OwnedForeignKey("order_id", to="Order", name="customer_query_is_about_an_order_of_its_seller"),
            OwnedForeignKey("order_item_id", to="OrderItem", name="customer_query_is_about_an_item_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="customer_query_number_unique"),
            CheckConstraint(
                condition=Q(
                    state__in=["open", "waiting_for_customer", "follow_up_later", "handled", "with_partnerservice"]
                ),
                name="customer_query_state_known",
            ),
            CheckConstraint(
                condition=Q(state="handled", handled_at__isnull=False) | ~Q(state="handled") & Q(handled_at=None),
                name="customer_query_handled_has_its_time",
            ),
        ]
        indexes = [
            Index(fields=["seller", "state", "waits_since", "id"], name="customer_query_oldest_first"),
            Index(fields=["seller", "order_id"], name="customer_query_of_order"),
            Index(
                fields=["seller", "unanswered_since", "id"],
                condition=Q(state="open", unanswered_since__isnull=False),
                name="customer_query_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TimelineEntry(SellerOwned):
    """One entry of a query's timeline. The text is composed from `kind` and `data` when it is read."""

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    text = models.TextField(blank=True)  # What a person wrote, as written.
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            OfItsSeller(name="timeline_entry_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="timeline_entry_belongs_to_a_query_of_its_seller"),
        ]
        indexes = [Index(fields=["seller", "query_id", "at", "id"], name="timeline_in_order")]


class Mail(SellerOwned):
    """An e-mail promised to a customer. The job that sends it writes the words, in the customer's language."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        HANDED_OVER = "handed_over", _("Handed over, answer lost")  # The mail server has it, and may deliver it.

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="mails")
    kind = models.CharField(max_length=40)  # "message" or "write-off.confirmed": which template.
    about_id = models.UUIDField(null=True)  # The timeline entry or the write-off that it is about.
    to = models.CharField(max_length=254)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300, blank=True)  # Filled in when sent.
    body = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answers_lost = models.PositiveIntegerField(db_default=0)  # How often it was handed over without a word back.
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            OfItsSeller(name="mail_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="mail_belongs_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "kind", "about_id"], name="mail_once_for_each_thing_told"),
            CheckConstraint(
                condition=Q(state__in=["queued", "sent", "failed", "handed_over"]), name="mail_state_known"
            ),
            CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at=None),
                name="mail_sent_has_its_time",
            ),
        ]
        indexes = [
            Index(fields=["seller", "query_id"], name="mail_of_query"),
            Index(fields=["seller", "queued_at"], condition=Q(state="queued"), name="mail_still_queued"),
        ]

"""A customer query, its one timeline, the e-mails that left from it, and the views that people keep of the list."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned

_IN_HAND = ~Q(state="handled")
NEVER = datetime(8999, 12, 31, tzinfo=UTC)  # Of a moment that will not come: sorted after all others.


class CustomerQuery(SellerOwned):
    """What a customer and a seller have to settle about an order.

    What lists sort and filter by stands on the row itself. `states.py` and its neighbours write these columns, nobody
    else.
    """

    class State(models.TextChoices):
        OPEN = "open"
        WAITING_FOR_CUSTOMER = "waiting_for_customer"
        FOLLOW_UP_LATER = "follow_up_later"
        HANDLED = "handled"
        WITH_PARTNERSERVICE = "with_partnerservice"

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
    answer_due_at = models.DateTimeField(null=True)  # From when on that has waited for too long.
    holidays_version = models.PositiveIntegerField(default=0, db_default=0)  # By which that was reckoned.
    overdue_announced_at = models.DateTimeField(null=True)  # When that was said, once for each message.
    last_message_id = models.UUIDField(null=True)  # Of its timeline entry, whoever wrote it.
    follow_up_on = models.DateField(null=True)  # The day on which it comes back, in the marketplace's calendar.
    earlier_follow_up_on = models.DateField(null=True)  # The day that was set before the customer wrote.
    aside_reason = models.CharField(max_length=200, blank=True, db_default="")
    closing_announced_at = models.DateTimeField(null=True)  # When the customer was sent the notice that it will close.
    back_from_partnerservice_at = models.DateTimeField(null=True)
    partnerservice_answered_at = models.DateTimeField(null=True)  # Until the shop acts on it.
    found_cases_open = models.PositiveIntegerField(default=0, db_default=0)  # Found parcels that wait for the shop.
    assignee_user_id = models.BigIntegerField(null=True)
    assignee_name = models.CharField(max_length=200, blank=True, db_default="")
    earlier_query_id = models.UUIDField(null=True)  # The one that was handled too long ago to be opened again.
    earlier_query = owned("earlier_query_id", "CustomerQuery", related_name="later_queries", null=True)
    due_at = models.DateTimeField(default=NEVER, db_default=NEVER)  # The nearest of its deadlines.
    at_stake_minor = models.BigIntegerField(default=0, db_default=0)  # Of units neither written off nor returned.
    eligible_from = models.DateTimeField(default=NEVER, db_default=NEVER)  # When the first of it may be written off.
    claim_until = models.DateTimeField(default=NEVER, db_default=NEVER)  # When the carrier takes no claim any more.
    carrier_normalised = models.TextField(blank=True, db_default="")  # Of its parcel, as parcels have it.
    stakes_assessed_at = models.DateTimeField(null=True)  # When the three before were assessed; none: they have to be.

    class Meta:
        constraints = [
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
            CheckConstraint(
                condition=Q(state="follow_up_later", follow_up_on__isnull=False)
                | ~Q(state="follow_up_later") & Q(follow_up_on=None),
                name="customer_query_followed_up_later_has_its_day",
            ),
            CheckConstraint(
                condition=Q(state="with_partnerservice", back_from_partnerservice_at__isnull=False)
                | ~Q(state="with_partnerservice") & Q(back_from_partnerservice_at=None),
                name="customer_query_with_partnerservice_comes_back",
            ),
            CheckConstraint(
                condition=Q(closing_announced_at=None) | Q(state="waiting_for_customer"),
                name="customer_query_closes_only_while_it_waits",
            ),
            CheckConstraint(
                condition=Q(unanswered_since=None, answer_due_at=None)
                | Q(
                    unanswered_since__isnull=False, answer_due_at__isnull=False, answer_due_at__gt=F("unanswered_since")
                ),
                name="customer_query_unanswered_has_its_deadline",
            ),
            CheckConstraint(
                condition=Q(assignee_user_id=None, assignee_name="")
                | Q(assignee_user_id__isnull=False) & ~Q(assignee_name=""),
                name="customer_query_assignee_has_a_name",
            ),
            CheckConstraint(condition=Q(at_stake_minor__gte=0), name="customer_query_at_stake_not_negative"),
            OwnedForeignKey("earlier_query_id", to="CustomerQuery", name="customer_query_follows_one_of_its_seller"),
        ]
        indexes = [
            Index(fields=["seller", "state", "waits_since", "id"], name="customer_query_oldest_first"),
            Index(fields=["seller", "order_id"], name="customer_query_of_order"),
            Index(fields=["number"], name="customer_query_by_number"),  # The desk searches all shops.
            Index(
                fields=["seller", "unanswered_since", "id"],
                condition=Q(state="open", unanswered_since__isnull=False),
                name="customer_query_unanswered",
            ),
            # The worklist: a state by each of its orders. Handled ones are listed by `customer_query_oldest_first`.
            Index(fields=["seller", "state", "due_at", "id"], condition=_IN_HAND, name="customer_query_by_deadline"),
            Index(
                fields=["seller", "state", "-at_stake_minor", "id"], condition=_IN_HAND, name="customer_query_by_value"
            ),
            Index(
                fields=["seller", "state", "eligible_from", "id"],
                condition=_IN_HAND,
                name="customer_query_by_eligibility",
            ),
            Index(fields=["seller", "state", "claim_until", "id"], condition=_IN_HAND, name="customer_query_by_claim"),
            Index(
                fields=["seller", "assignee_user_id", "state", "due_at", "id"],
                condition=_IN_HAND & Q(assignee_user_id__isnull=False),
                name="customer_query_of_assignee",
            ),
            Index(
                fields=["seller", "due_at", "id"],
                condition=Q(refunds_failed__gt=0) | Q(found_cases_open__gt=0),
                name="customer_query_money_stuck",
            ),
            # Those that a job moves on, over all sellers.
            Index(
                fields=["follow_up_on", "seller", "id"],
                condition=Q(state="follow_up_later"),
                name="customer_query_to_follow_up",
            ),
            Index(
                fields=["back_from_partnerservice_at", "seller", "id"],
                condition=Q(state="with_partnerservice"),
                name="customer_query_to_come_back",
            ),
            Index(
                fields=["waits_since", "seller", "id"],
                condition=Q(state="waiting_for_customer"),
                name="customer_query_to_close",
            ),
            Index(
                fields=["answer_due_at", "seller", "id"],
                condition=Q(state="open", answer_due_at__isnull=False, overdue_announced_at=None),
                name="customer_query_to_be_overdue",
            ),
            Index(
                F("stakes_assessed_at").asc(nulls_first=True),
                "seller",
                "id",
                condition=_IN_HAND,
                name="customer_query_to_assess",
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
            OwnedForeignKey("query_id", to="CustomerQuery", name="timeline_entry_belongs_to_a_query_of_its_seller"),
        ]
        indexes = [Index(fields=["seller", "query_id", "at", "id"], name="timeline_in_order")]


class Mail(SellerOwned):
    """An e-mail promised to a customer. The job that sends it writes the words, in the customer's language."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        HANDED_OVER = "handed_over"  # The mail server has it, and may deliver it.

    class Delivery(models.TextChoices):
        """What mail servers reported after they had it."""

        DELAYED = "delayed"
        DELIVERED = "delivered"
        BOUNCED = "bounced"

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="mails")
    kind = models.CharField(max_length=40)  # "message", "write-off.confirmed" etc.: which letter.
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
    delivery = models.CharField(max_length=10, choices=Delivery, blank=True, db_default="")
    delivery_at = models.DateTimeField(null=True)  # When that was reported.

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="mail_belongs_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "kind", "about_id"], name="mail_once_for_each_thing_told"),
            CheckConstraint(
                condition=Q(state__in=["queued", "sent", "failed", "handed_over"]), name="mail_state_known"
            ),
            CheckConstraint(
                condition=Q(delivery="", delivery_at=None)
                | Q(delivery__in=["delayed", "delivered", "bounced"], delivery_at__isnull=False),
                name="mail_delivery_known_since",
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

    @property
    def may_be_sent_again(self) -> bool:
        """Whether the customer does not have it, as far as is known, and its words are as true as they were."""
        lasting = ("message", "write-off.confirmed", "compensation.granted", "declaration.asked")
        if self.kind not in lasting:  # What the others say may be over.
            return False
        failed = self.state in (self.State.FAILED, self.State.HANDED_OVER)
        return failed or self.delivery == self.Delivery.BOUNCED


class AnswerDay(SellerOwned):
    """How many customers a shop answered on a day of the marketplace's calendar, and how many of them in time."""

    day = models.DateField()
    answers = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()

    class Meta:
        constraints = [
            OfItsSeller(name="answer_day_of_its_seller"),
            UniqueConstraint(fields=["seller", "day"], name="answer_day_counted_once"),
            CheckConstraint(condition=Q(in_time__lte=F("answers")), name="answer_day_in_time_are_answers"),
        ]


class SavedView(SellerOwned):
    """A view of the list of queries that a member keeps: the filters of its address under a name."""

    user_id = models.BigIntegerField()
    name = models.CharField(max_length=60)
    filters = models.CharField(max_length=500)  # As the query string of the list has them.

    class Meta:
        constraints = [
            OfItsSeller(name="saved_view_of_its_seller"),
            UniqueConstraint(fields=["seller", "user_id", "name"], name="saved_view_name_unique"),
            CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]


class HolidayList(models.Model):
    """The public holidays of a country from one moment on; a change is a new version, and deadlines keep theirs."""

    country = models.CharField(max_length=2)
    version = models.PositiveIntegerField()
    days = models.JSONField()  # {"2026-04-06": {"nl": "Tweede paasdag", "en": "Easter Monday"}}; "": in any language.
    source = models.CharField(max_length=200)
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["country", "version"], name="holiday_list_version_unique"),
            CheckConstraint(condition=Q(version__gt=0), name="holiday_list_version_positive"),
            CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="holiday_list_country_is_a_code"),
        ]

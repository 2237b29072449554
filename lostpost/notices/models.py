"""Notices to people: what they chose, which events they get, and the e-mails that bring them."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint, Value

from lostpost.core.ownership import OfItsSeller, SellerOwned, uuid7


class Choices(models.Model):
    """What somebody chose about notices; what is not chosen is as the kind says."""

    user_id = models.BigIntegerField()
    timings = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))  # By the code of a kind.
    digest_hour = models.PositiveIntegerField(default=7, db_default=7)  # Of the marketplace's day.
    language = models.CharField(max_length=10, blank=True, db_default="")
    off = models.BooleanField(db_default=False)  # No mail at all, of kinds that are yet to come either.

    class Meta:
        abstract = True


class NoticeChoices(SellerOwned, Choices):
    """What a member of a shop chose about the shop's notices."""

    class Meta:
        constraints = [
            OfItsSeller(name="notice_choices_of_its_seller"),
            UniqueConstraint(fields=["seller", "user_id"], name="notice_choices_once_for_each_member"),
            CheckConstraint(condition=Q(digest_hour__lt=24), name="notice_choices_hour_of_a_day"),
        ]


class DeskNoticeChoices(Choices):
    """What an agent of the marketplace chose about notices of all shops. No seller: the agent belongs to none."""

    class Meta:
        constraints = [
            UniqueConstraint(fields=["user_id"], name="desk_notice_choices_once_for_each_agent"),
            CheckConstraint(condition=Q(digest_hour__lt=24), name="desk_notice_choices_hour_of_a_day"),
        ]


class NoticeCursor(SellerOwned):
    """The number of the newest event of a shop's feed of which notices were made."""

    last = models.BigIntegerField()

    class Meta:
        constraints = [
            OfItsSeller(name="notice_cursor_of_its_seller"),
            UniqueConstraint(fields=["seller"], name="notice_cursor_once_per_shop"),
        ]


class Notice(SellerOwned):
    """One event for one person: once, whatever crashes in between."""

    class State(models.TextChoices):
        PENDING = "pending"
        MAILED = "mailed"  # It belongs to an e-mail, which has a state of its own.
        DROPPED = "dropped"  # When it was due, the person was not to get it any more.

    user_id = models.BigIntegerField()
    at_desk = models.BooleanField()  # To an agent of the marketplace; else to a member of the shop.
    source = models.CharField(max_length=60)  # "event 12", or another place that names it once.
    kind = models.CharField(max_length=30)
    event = models.CharField(max_length=40)  # The event's type.
    data = models.JSONField()  # Numbers and ids that the sentence and its link need; nothing of customers.
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    sent_in = models.UUIDField(null=True)

    class Meta:
        constraints = [
            OfItsSeller(name="notice_of_its_seller"),
            UniqueConstraint(fields=["seller", "user_id", "at_desk", "source"], name="notice_once_for_each_person"),
            CheckConstraint(condition=Q(state__in=["pending", "mailed", "dropped"]), name="notice_state_known"),
            CheckConstraint(
                condition=Q(state="mailed", sent_in__isnull=False) | ~Q(state="mailed") & Q(sent_in=None),
                name="notice_mailed_in_a_mail",
            ),
        ]
        indexes = [
            Index(fields=["due_at"], condition=Q(state="pending"), name="notice_due"),
            Index(fields=["sent_in"], condition=Q(state="mailed"), name="notice_of_mail"),
        ]


class NoticeMail(models.Model):
    """An e-mail with notices to one person: of one shop, or of all shops to an agent. Its id is its Message-ID."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.BigIntegerField()
    shop_id = models.UUIDField(null=True)  # The seller's id; none: to an agent. No relation: it may be of many shops.
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    answers_lost = models.PositiveIntegerField(default=0)  # How often the mail server may have had it.
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(state="queued", settled_at=None)
                | Q(state__in=["sent", "failed"], settled_at__isnull=False),
                name="notice_mail_settled_or_queued",
            ),
            UniqueConstraint(
                fields=["user_id", "shop_id"],
                condition=Q(state="queued"),
                nulls_distinct=False,
                name="notice_mail_one_at_a_time",
            ),
        ]
        indexes = [Index(fields=["created_at"], name="notice_mail_at")]

"""What a person writes in a query and has not sent, the templates of answers, and files of messages."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned


class AnswerDraft(SellerOwned):
    """A person in a query: what they have written and not sent, and when their page was last there.

    One row for both, so that the page of a query reads own draft and colleagues in one statement.
    """

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="answer_drafts")
    user_id = models.BigIntegerField()
    user_name = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    leave_open = models.BooleanField(null=True)  # What the query shall become; null: not chosen yet.
    seen_at = models.DateTimeField()  # When their page last said that it is open, or they saved.
    # An answer that is about to be sent, and can be taken back until then; see `hold_answer`.
    held_until = models.DateTimeField(null=True)
    held_key = models.CharField(max_length=64, blank=True, db_default="")  # With which it is sent.
    held_files = models.JSONField(default=list, db_default=[])  # Ids of the attachments that were chosen for it.
    last_message_id = models.UUIDField(null=True)  # The newest message that its writer had seen.
    held_sending = models.BooleanField(default=False, db_default=False)  # It cannot be taken back any more.
    held_problem = models.CharField(max_length=500, blank=True, db_default="")  # Why the last one was not sent.

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(held_until__isnull=False) & ~Q(held_key="") & ~Q(text="") & Q(leave_open__isnull=False)
                | Q(held_until=None, held_key="", held_files=[], last_message_id=None, held_sending=False),
                name="answer_draft_held_is_an_answer",
            ),
            OwnedForeignKey("query_id", to="CustomerQuery", name="answer_draft_belongs_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "query_id", "user_id"], name="answer_draft_one_for_each_person"),
        ]
        indexes = [
            Index(fields=["seller", "seen_at"], name="answer_draft_oldest_first"),
            Index(fields=["held_until", "seller", "id"], condition=Q(held_until__isnull=False), name="answer_held"),
        ]


class ContactDraft(SellerOwned):
    """A first message to the customer of an order, which somebody has written and not sent."""

    order_id = models.UUIDField()
    order = owned("order_id", "Order", related_name="contact_drafts")
    user_id = models.BigIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    item = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    leave_open = models.BooleanField(null=True)  # What the query shall become; null: not chosen yet.
    seen_at = models.DateTimeField()  # When it was last kept.

    class Meta:
        constraints = [
            OwnedForeignKey("order_id", to="Order", name="contact_draft_belongs_to_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "order_id", "user_id"], name="contact_draft_one_for_each_person"),
        ]
        indexes = [Index(fields=["seller", "seen_at"], name="contact_draft_oldest_first")]


class ContactFile(SellerOwned):
    """A file of a first message that is not sent; sent, it is an attachment of its query."""

    draft_id = models.UUIDField()
    draft = owned("draft_id", "ContactDraft", related_name="files")
    name = models.CharField(max_length=100)
    media_type = models.CharField(max_length=30)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            OwnedForeignKey("draft_id", to="ContactDraft", name="contact_file_belongs_to_a_draft_of_its_seller"),
            UniqueConstraint(fields=["seller", "draft_id", "sha256"], name="contact_file_kept_once"),
            CheckConstraint(condition=Q(size_bytes__gt=0), name="contact_file_size_positive"),
        ]


class AnswerTemplate(SellerOwned):
    """An answer of a shop's own to be filled in: text with fields such as {order}."""

    class Language(models.TextChoices):
        DUTCH = "nl", _("Dutch")
        FRENCH = "fr", _("French")
        GERMAN = "de", _("German")
        ENGLISH = "en", _("English")

    name = models.CharField(max_length=80)
    language = models.CharField(max_length=2, choices=Language)
    text = models.TextField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            OfItsSeller(name="answer_template_of_its_seller"),
            UniqueConstraint(fields=["seller", "language", "name"], name="answer_template_name_unique"),
            CheckConstraint(condition=Q(language__in=["nl", "fr", "de", "en"]), name="answer_template_language_known"),
            CheckConstraint(condition=~Q(name="") & ~Q(text=""), name="answer_template_has_name_and_text"),
        ]


class Attachment(SellerOwned):
    """A file of a message, of either side; what is in it stands apart, so that lists do not read it."""

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="attachments")
    entry_id = models.UUIDField(null=True)  # The message that it came with; none: not sent yet.
    entry = owned("entry_id", "TimelineEntry", related_name="attachments", null=True)
    name = models.CharField(max_length=100, blank=True)  # Cleaned, with the ending of its type; empty once it is over.
    media_type = models.CharField(max_length=30)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by_user_id = models.BigIntegerField(default=0)  # 0: the customer, or a program.
    by_name = models.CharField(max_length=200, blank=True)
    stored_at = models.DateTimeField()
    content_deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="attachment_belongs_to_a_query_of_its_seller"),
            OwnedForeignKey("entry_id", to="TimelineEntry", name="attachment_came_with_an_entry_of_its_seller"),
            CheckConstraint(
                condition=Q(media_type__in=["image/jpeg", "image/png", "application/pdf"]),
                name="attachment_media_type_known",
            ),
            CheckConstraint(condition=Q(size_bytes__gt=0), name="attachment_size_positive"),
        ]
        indexes = [
            Index(fields=["seller", "query_id", "stored_at", "id"], name="attachment_of_query"),
            Index(fields=["seller", "entry_id"], name="attachment_of_entry"),
            Index(
                fields=["seller", "stored_at"],
                condition=Q(content_deleted_at=None),
                name="attachment_oldest_first",
            ),
        ]


class AttachmentContent(SellerOwned):
    """What is in a file; deleted when its time is over."""

    attachment_id = models.UUIDField()
    attachment = owned("attachment_id", "Attachment", related_name="contents")
    content = models.BinaryField()

    class Meta:
        constraints = [
            OwnedForeignKey("attachment_id", to="Attachment", name="content_belongs_to_an_attachment_of_its_seller"),
            UniqueConstraint(fields=["seller", "attachment_id"], name="attachment_has_one_content"),
        ]

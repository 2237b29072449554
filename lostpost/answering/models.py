"""What a person writes in a query and has not sent, and the templates of answers."""

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

    class Meta:
        constraints = [
            OfItsSeller(name="answer_draft_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="answer_draft_belongs_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "query_id", "user_id"], name="answer_draft_one_for_each_person"),
        ]
        indexes = [Index(fields=["seller", "seen_at"], name="answer_draft_oldest_first")]


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

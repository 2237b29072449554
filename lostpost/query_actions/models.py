"""Actions that somebody confirmed for several customer queries, and what came of each."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned


class QueryActionRun(SellerOwned):
    """A member's or program's decision to do one thing in several customer queries."""

    class Kind(models.TextChoices):
        ANSWER = "answer"
        ASSIGN = "assign"
        FOLLOW_UP_LATER = "follow_up_later"
        CLOSE = "close"

    kind = models.CharField(max_length=20, choices=Kind)
    template = models.CharField(max_length=80, blank=True)  # Whose text was sent; empty: a text of its own, or none.
    leave_open = models.BooleanField(null=True)  # What an answer leaves the query as.
    assignee_user_id = models.BigIntegerField(null=True)  # Null: nobody, or another kind.
    assignee_name = models.CharField(max_length=200, blank=True)
    follow_up_on = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)  # In which the refusals of its lines are written.
    started_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()  # 0: a client of the API.
    by_client_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OfItsSeller(name="query_action_run_of_its_seller"),
            CheckConstraint(
                condition=Q(kind="answer", leave_open__isnull=False) | ~Q(kind="answer") & Q(leave_open=None),
                name="query_action_answer_leaves_open_or_closes",
            ),
            CheckConstraint(
                condition=Q(kind="follow_up_later", follow_up_on__isnull=False)
                | ~Q(kind="follow_up_later") & Q(follow_up_on=None),
                name="query_action_follow_up_has_its_day",
            ),
            CheckConstraint(
                condition=Q(kind="assign") | Q(assignee_user_id=None, assignee_name=""),
                name="query_action_assignee_of_an_assignment",
            ),
        ]
        indexes = [
            Index(fields=["started_at"], condition=Q(ended_at=None), name="query_action_run_not_ended"),
        ]


class QueryActionLine(SellerOwned):
    """One customer query of a run, and what came of it."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        REFUSED = "refused"

    run_id = models.UUIDField()
    run = owned("run_id", "QueryActionRun", related_name="lines")
    position = models.PositiveIntegerField()
    query_number = models.CharField(max_length=20)  # As it was sent; there may be no such query.
    order_number = models.CharField(max_length=64, blank=True)  # Empty: there is no such query.
    last_message_id = models.UUIDField(null=True)  # The newest message that was read: no newer one is passed over.
    text = models.TextField(blank=True)  # What is sent, filled in; gone once that is settled.
    state = models.CharField(max_length=10, choices=State)
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal = models.CharField(max_length=1000, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OwnedForeignKey("run_id", to="QueryActionRun", name="line_belongs_to_a_query_action_run_of_its_seller"),
            UniqueConstraint(fields=["seller", "run_id", "position"], name="query_action_line_in_its_place"),
            UniqueConstraint(fields=["seller", "run_id", "query_number"], name="query_action_query_once"),
            CheckConstraint(
                condition=Q(state="pending", refusal_code="", settled_at=None)
                | Q(state="done", refusal_code="", settled_at__isnull=False)
                | Q(state="refused", settled_at__isnull=False) & ~Q(refusal_code=""),
                name="query_action_line_has_its_result",
            ),
            CheckConstraint(condition=Q(state="pending") | Q(text=""), name="query_action_text_ends_with_its_line"),
        ]

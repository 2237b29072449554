"""Parcels that were found after their write-off: what says so, and what was decided about their units."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned


class FoundCase(SellerOwned):
    """A parcel of a write-off that was found. There is one for both, whoever says so and how often.

    Its units are those of the write-off's lines in this parcel; `units_left` says what is still to be decided of them.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ASKED = "asked"
        UNANSWERED = "unanswered"
        SETTLED = "settled"

    number = models.CharField(max_length=50)  # The write-off's number, F and which found parcel of it this is.
    write_off_id = models.UUIDField()
    write_off = owned("write_off_id", "WriteOff", related_name="found_cases")
    parcel_id = models.UUIDField()
    parcel = owned("parcel_id", "Parcel")
    order_id = models.UUIDField()
    order = owned("order_id", "Order")
    query_id = models.UUIDField()  # In which it is settled: the write-off's, or the one that goes on with it.
    query = owned("query_id", "CustomerQuery", related_name="found_cases")
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # When it was settled, or ended without an answer.

    class Meta:
        constraints = [
            OwnedForeignKey("write_off_id", to="WriteOff", name="found_case_of_a_write_off_of_its_seller"),
            OwnedForeignKey("parcel_id", to="Parcel", name="found_case_of_a_parcel_of_its_seller"),
            OwnedForeignKey("order_id", to="Order", name="found_case_belongs_to_an_order_of_its_seller"),
            OwnedForeignKey("query_id", to="CustomerQuery", name="found_case_belongs_to_a_query_of_its_seller"),
            UniqueConstraint(fields=["seller", "number"], name="found_case_number_unique"),
            UniqueConstraint(fields=["seller", "write_off_id", "parcel_id"], name="found_case_once_for_each_write_off"),
            CheckConstraint(
                condition=Q(state__in=["open", "asked"], ended_at=None)
                | Q(state__in=["unanswered", "settled"], ended_at__isnull=False),
                name="found_case_ended_has_its_end",
            ),
        ]
        indexes = [
            Index(fields=["seller", "query_id"], name="found_case_of_query"),
            Index(fields=["seller", "state", "opened_at", "id"], name="found_case_oldest_first"),
            Index(fields=["opened_at", "seller", "id"], condition=Q(state="open"), name="found_case_open_of_all"),
            Index(fields=["state", "opened_at", "id"], name="found_case_of_all_by_state"),  # For the desk's list.
            Index(fields=["seller", "order_id"], name="found_case_of_order"),
        ]

    def __str__(self) -> str:
        return self.number


class FoundEvidence(SellerOwned):
    """What says that the parcel was found: a scan, the customer, or the seller to whom it came back."""

    class Kind(models.TextChoices):
        SCAN = "scan"
        CUSTOMER = "customer"
        CAME_BACK = "came-back"

    case_id = models.UUIDField()
    case = owned("case_id", "FoundCase", related_name="evidence")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=50)  # What it is by: the scan's status, the message's entry on the timeline.
    at = models.DateTimeField()  # When it was scanned or said.
    noted_at = models.DateTimeField()
    text = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            OwnedForeignKey("case_id", to="FoundCase", name="evidence_belongs_to_a_found_case_of_its_seller"),
            UniqueConstraint(fields=["seller", "case_id", "kind", "key"], name="found_evidence_once"),
            CheckConstraint(condition=Q(kind__in=["scan", "customer", "came-back"]), name="found_evidence_kind_known"),
        ]


class FoundOutcome(SellerOwned):
    """What was decided about units of a found parcel. Never changed but for how a question to the customer ends."""

    class Kind(models.TextChoices):
        PAY_AGAIN = "pay-again"
        RETURN = "return"
        LET_GO = "let-go"

    class State(models.TextChoices):
        ASKED = "asked"
        AGREED = "agreed"
        NOT_PAID = "not-paid"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        UNANSWERED = "unanswered"
        DONE = "done"

    case_id = models.UUIDField()
    case = owned("case_id", "FoundCase", related_name="outcomes")
    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=20, choices=State)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()  # Of the refund, the units' share: what is to be paid again, or is kept.
    reason = models.CharField(max_length=500, blank=True)  # Of the shop, for what it decided.
    decided_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # When it was done, or the question was answered or ended.
    answer = models.CharField(max_length=20, blank=True)  # Of a customer who declined: "no", or "did-not-come".
    restoration_id = models.UUIDField(null=True)
    restoration = owned("restoration_id", "Restoration", null=True)
    # The customer's consent, given at `ended_at`.
    link_id = models.UUIDField(null=True)
    link = owned("link_id", "CustomerLink", null=True)
    consent_language = models.CharField(max_length=10, blank=True)
    consent = models.CharField(max_length=1000, blank=True)  # The sentence, as it was shown.

    class Meta:
        constraints = [
            OwnedForeignKey("case_id", to="FoundCase", name="outcome_belongs_to_a_found_case_of_its_seller"),
            OwnedForeignKey("restoration_id", to="Restoration", name="outcome_has_a_restoration_of_its_seller"),
            OwnedForeignKey("link_id", to="CustomerLink", name="consent_by_a_link_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "case_id"], condition=Q(state="asked"), name="found_case_asks_one_thing_at_a_time"
            ),
            UniqueConstraint(fields=["seller", "restoration_id"], name="restoration_of_one_found_outcome"),
            CheckConstraint(condition=Q(amount_minor__gte=0), name="found_outcome_amount_not_negative"),
            CheckConstraint(
                condition=Q(kind="pay-again") & ~Q(state="done") | Q(kind__in=["return", "let-go"], state="done"),
                name="found_outcome_kind_has_its_states",
            ),
            CheckConstraint(condition=~Q(kind="let-go") | ~Q(reason=""), name="found_let_go_has_a_reason"),
            CheckConstraint(
                condition=Q(state="asked", ended_at=None) | ~Q(state="asked") & Q(ended_at__isnull=False),
                name="found_outcome_ended_has_its_end",
            ),
            CheckConstraint(
                condition=Q(state__in=["agreed", "not-paid"], restoration_id__isnull=False, link_id__isnull=False)
                & ~Q(consent="")
                & ~Q(consent_language="")
                | ~Q(state__in=["agreed", "not-paid"])
                & Q(restoration_id=None, link_id=None, consent="", consent_language=""),
                name="found_payment_restored_with_the_customers_consent",
            ),
            CheckConstraint(
                condition=Q(state="declined", answer__in=["no", "did-not-come"]) | ~Q(state="declined") & Q(answer=""),
                name="found_declined_has_its_answer",
            ),
        ]
        indexes = [
            Index(fields=["seller", "case_id", "decided_at"], name="found_outcome_of_case"),
            Index(fields=["decided_at", "seller", "id"], condition=Q(state="asked"), name="found_outcome_asked"),
            Index(fields=["ended_at", "seller", "id"], condition=Q(state="agreed"), name="found_outcome_agreed"),
        ]


class FoundOutcomeUnit(SellerOwned):
    """Units of one line of a write-off that something was decided about."""

    outcome_id = models.UUIDField()
    outcome = owned("outcome_id", "FoundOutcome", related_name="units")
    write_off_line_id = models.UUIDField()
    write_off_line = owned("write_off_line_id", "WriteOffLine", related_name="found_units")
    quantity = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()  # Their share of the line's refund.

    class Meta:
        constraints = [
            OwnedForeignKey("outcome_id", to="FoundOutcome", name="unit_belongs_to_a_found_outcome_of_its_seller"),
            OwnedForeignKey("write_off_line_id", to="WriteOffLine", name="found_unit_of_a_line_of_its_seller"),
            UniqueConstraint(fields=["seller", "outcome_id", "write_off_line_id"], name="found_unit_once"),
            CheckConstraint(condition=Q(quantity__gt=0), name="found_unit_quantity_positive"),
            CheckConstraint(condition=Q(amount_minor__gte=0), name="found_unit_amount_not_negative"),
        ]
        indexes = [Index(fields=["seller", "write_off_line_id"], name="found_unit_of_line")]

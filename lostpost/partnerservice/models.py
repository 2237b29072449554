"""Requests to Partnerservice, what was done about them, and the overrides that agents decide."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint

from lostpost.core.ownership import OwnedForeignKey, SellerOwned, owned

_WAITING = Q(state="waiting")
_TO_DECIDE = Q(state="waiting", waiting_for="")
_PROPOSED = Q(state="proposed")


class PartnerserviceRequest(SellerOwned):
    """What Partnerservice has to decide about a customer query: asked by a seller, or by a hold on write-offs."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ANSWERED = "answered"

    class Kind(models.TextChoices):
        ORDER_TOO_OLD = "order-too-old"
        DELIVERED = "delivered"
        OTHER_METHOD = "other-method"
        FOUND = "found"
        HOLD = "hold"
        REFUND_FAILED = "refund-failed"
        APPEAL = "appeal"

    class Outcome(models.TextChoices):
        ANSWERED = "answered"
        APPROVED = "approved"
        DECLINED = "declined"
        RELEASED = "released"
        UPHELD = "upheld"

    class Party(models.TextChoices):
        SELLER = "seller"
        CUSTOMER = "customer"

    query_id = models.UUIDField()
    query = owned("query_id", "CustomerQuery", related_name="partnerservice_requests")
    kind = models.CharField(max_length=20, choices=Kind)
    parcel_unit_id = models.UUIDField(null=True)  # None: it is about the query as a whole.
    parcel_unit = owned("parcel_unit_id", "ParcelUnit", related_name="partnerservice_requests", null=True)
    hold_id = models.UUIDField(null=True)  # Of requests about a hold.
    hold = owned("hold_id", "Hold", related_name="requests", null=True)
    reasons = models.JSONField()  # The refusals' codes at that moment.
    facts = models.JSONField(null=True)  # Of the units; none where it is about none.
    policy_version = models.PositiveIntegerField()
    sentence = models.CharField(max_length=1000)
    at_stake_minor = models.BigIntegerField(default=0, db_default=0)  # In the order's currency.
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    asked_by_user_id = models.BigIntegerField()
    asked_by_name = models.CharField(max_length=200)
    deadline_at = models.DateTimeField()  # By when it should be decided, or whoever was asked should have answered.
    assignee_user_id = models.BigIntegerField(null=True)
    assignee_name = models.CharField(max_length=200, blank=True, db_default="")
    waiting_for = models.CharField(max_length=10, choices=Party, blank=True, db_default="")  # Whom the desk asked back.
    inquired_at = models.DateTimeField(null=True)  # When it did.
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, db_default="")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_user_id = models.BigIntegerField(null=True)
    answered_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="request_belongs_to_a_query_of_its_seller"),
            OwnedForeignKey("parcel_unit_id", to="ParcelUnit", name="request_is_about_units_of_its_seller"),
            OwnedForeignKey("hold_id", to="Hold", name="request_is_about_a_hold_of_its_seller"),
            CheckConstraint(
                condition=Q(kind__in=["hold", "appeal"], hold_id__isnull=False)
                | ~Q(kind__in=["hold", "appeal"]) & Q(hold_id=None),
                name="request_about_a_hold_names_it",
            ),
            UniqueConstraint(
                fields=["seller", "parcel_unit_id"], condition=_WAITING, name="request_waits_once_for_each_unit"
            ),
            UniqueConstraint(
                fields=["seller", "query_id", "kind"],
                condition=_WAITING & Q(parcel_unit_id=None),
                name="request_without_units_waits_once_for_each_kind",
            ),
            CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("order-too-old", "delivered", "other-method", "found", "hold", "refund-failed", "appeal")
                    ]
                ),
                name="request_kind_known",
            ),
            CheckConstraint(
                condition=Q(parcel_unit_id=None, facts=None) & Q(kind__in=["found", "hold", "refund-failed", "appeal"])
                | Q(parcel_unit_id__isnull=False, facts__isnull=False)
                & Q(kind__in=["order-too-old", "delivered", "other-method"]),
                name="request_about_units_has_their_facts",
            ),
            CheckConstraint(
                condition=Q(state="waiting", answered_at=None, outcome="")
                | Q(
                    state="answered",
                    answered_at__isnull=False,
                    waiting_for="",
                    outcome__in=["answered", "approved", "declined", "released", "upheld"],
                )
                & ~Q(answer=""),
                name="request_answered_has_its_answer",
            ),
            CheckConstraint(
                condition=Q(waiting_for="", inquired_at=None)
                | Q(waiting_for__in=["seller", "customer"], inquired_at__isnull=False),
                name="request_inquiry_has_its_time",
            ),
            CheckConstraint(
                condition=Q(assignee_user_id=None, assignee_name="")
                | Q(assignee_user_id__isnull=False) & ~Q(assignee_name=""),
                name="request_assignee_has_a_name",
            ),
            CheckConstraint(condition=Q(at_stake_minor__gte=0), name="request_at_stake_not_negative"),
        ]
        indexes = [
            Index(fields=["seller", "query_id"], name="request_of_query"),
            Index(fields=["seller", "hold_id"], condition=Q(hold_id__isnull=False), name="request_of_hold"),
            Index(fields=["seller", "-asked_at", "-id"], name="request_of_seller_newest_first"),
            # The desk's queue, over all sellers: what is due first, as a whole, by kind and by who has it.
            Index(fields=["deadline_at", "id"], condition=_TO_DECIDE, name="request_to_decide"),
            Index(fields=["kind", "deadline_at", "id"], condition=_TO_DECIDE, name="request_to_decide_by_kind"),
            Index(
                fields=["deadline_at", "id"],
                condition=_TO_DECIDE & Q(assignee_user_id=None),
                name="request_to_decide_unassigned",
            ),
            Index(
                fields=["assignee_user_id", "deadline_at", "id"],
                condition=_TO_DECIDE & Q(assignee_user_id__isnull=False),
                name="request_to_decide_of_assignee",
            ),
            Index(
                fields=["deadline_at", "id"], condition=_WAITING & ~Q(waiting_for=""), name="request_waiting_for_others"
            ),
            Index(fields=["-answered_at", "-id"], condition=Q(state="answered"), name="request_answered_newest_first"),
        ]

    @property
    def title(self) -> str:
        """What it is about: the item, or the query as a whole."""
        title: str = self.parcel_unit.order_item.title if self.parcel_unit else self.query.subject
        return title


class RequestStep(SellerOwned):
    """One thing that was done about a request, by whom: the desk's log of it."""

    request_id = models.UUIDField()
    request = owned("request_id", "PartnerserviceRequest", related_name="steps")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)  # None: nobody, its time was over.
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            OwnedForeignKey("request_id", to="PartnerserviceRequest", name="step_belongs_to_a_request_of_its_seller"),
        ]
        indexes = [Index(fields=["seller", "request_id", "at", "id"], name="request_step_in_order")]


class Override(SellerOwned):
    """What one agent proposes to lift or to grant for the units of a request, and another confirms or rejects.

    What is lifted stands on the units themselves once it is confirmed (`ParcelUnit.override`), where the policy reads
    it. What is granted is a compensation then.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        CONFIRMED = "confirmed"
        REJECTED = "rejected"

    request_id = models.UUIDField()
    request = owned("request_id", "PartnerserviceRequest", related_name="overrides")
    parcel_unit_id = models.UUIDField()
    parcel_unit = owned("parcel_unit_id", "ParcelUnit", related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    codes = models.JSONField()  # Of the refusals that it lifts.
    quantity = models.PositiveIntegerField()
    refund_minor = models.BigIntegerField()  # Of these units, in the order's currency.
    reason = models.CharField(max_length=1000)
    until = models.DateTimeField()
    writes_off = models.BooleanField(default=False)  # Whether the desk writes the units off with the confirmation.
    lifts = models.BooleanField(default=True, db_default=True)  # Whether the units may be written off; else money only.
    items_minor = models.BigIntegerField(default=0, db_default=0)  # Granted of what was paid for the units.
    delivery_minor = models.BigIntegerField(default=0, db_default=0)  # Granted of the delivery costs.
    decided_on = models.CharField(max_length=64)  # `decided_on.fingerprint_of` all that the agents saw.
    proposed_at = models.DateTimeField()
    proposed_by_user_id = models.BigIntegerField()
    proposed_by_name = models.CharField(max_length=200)
    settled_at = models.DateTimeField(null=True)  # When it was confirmed or rejected.
    settled_by_user_id = models.BigIntegerField(null=True)
    settled_by_name = models.CharField(max_length=200, blank=True)
    refused_code = models.CharField(max_length=40, blank=True, db_default="")  # Why the desk's write-off was not made.

    class Meta:
        constraints = [
            OwnedForeignKey("request_id", to="PartnerserviceRequest", name="override_answers_a_request_of_its_seller"),
            OwnedForeignKey("parcel_unit_id", to="ParcelUnit", name="override_is_of_units_of_its_seller"),
            UniqueConstraint(
                fields=["seller", "request_id"], condition=_PROPOSED, name="override_proposed_once_for_each_request"
            ),
            CheckConstraint(
                condition=_PROPOSED & Q(settled_at=None, settled_by_user_id=None)
                | Q(state__in=["confirmed", "rejected"], settled_at__isnull=False, settled_by_user_id__isnull=False),
                name="override_settled_has_its_time",
            ),
            CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(settled_by_user_id=F("proposed_by_user_id")),
                name="override_confirmed_by_another_agent",
            ),
            CheckConstraint(condition=Q(quantity__gt=0) | Q(lifts=False), name="override_quantity_positive"),
            CheckConstraint(
                condition=Q(items_minor__gte=0, delivery_minor__gte=0)
                & (
                    Q(lifts=True, items_minor=0)
                    | Q(lifts=False, writes_off=False, codes=[]) & (Q(items_minor__gt=0) | Q(delivery_minor__gt=0))
                ),
                name="override_lifts_or_grants",
            ),
            CheckConstraint(condition=Q(refund_minor__gte=0), name="override_refund_not_negative"),
            CheckConstraint(condition=Q(until__gt=F("proposed_at")), name="override_ends_later"),
            CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        ]
        indexes = [Index(fields=["seller", "request_id", "proposed_at"], name="override_of_request")]

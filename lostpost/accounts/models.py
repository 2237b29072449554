"""Sellers, who may act for them, and the marketplace's policy as versioned data."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint, Value
from django.utils.translation import gettext_lazy as _

from lostpost.accounts.sections import Level, Section, level_of
from lostpost.core.ownership import OfItsSeller, SellerOwned, uuid7


class Seller(models.Model):
    """A shop on the marketplace. `code` names it in addresses and in files, for ever."""

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", _("monthly")
        TWICE_A_MONTH = "twice_a_month", _("twice a month")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="NL")  # ISO 3166-1 alpha-2
    language = models.CharField(max_length=10, default="en")
    currency = models.CharField(max_length=3, default="EUR")  # ISO 4217; of the shop's own books, orders carry theirs.
    invoice_cadence = models.CharField(max_length=20, choices=Cadence, default=Cadence.MONTHLY)  # As last requested.
    # For its invoices: name, street, postal_code, city, vat_number, registration_number, iban,
    # electronic_address (scheme:identifier of Peppol). Any of them may be missing.
    legal = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

    class Meta:
        constraints = [
            UniqueConstraint(fields=["code"], name="seller_code_unique"),
            CheckConstraint(
                condition=Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"), name="seller_code_fits_an_address"
            ),
            CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="seller_currency_iso_4217"),
        ]

    def __str__(self) -> str:
        return self.name


class InvoiceCadence(SellerOwned):
    """From which day on a shop is invoiced how often: a change begins with the next quarter."""

    cadence = models.CharField(max_length=20, choices=Seller.Cadence)
    from_on = models.DateField()

    class Meta:
        constraints = [
            OfItsSeller(name="invoice_cadence_of_its_seller"),
            UniqueConstraint(fields=["seller", "from_on"], name="invoice_cadence_once_a_day"),
            CheckConstraint(condition=Q(cadence__in=["monthly", "twice_a_month"]), name="invoice_cadence_known"),
        ]


class VatNumberCheck(SellerOwned):
    """What VIES answered about a shop's VAT number, or that it did not; kept as evidence and never changed."""

    class Outcome(models.TextChoices):
        VALID = "valid"
        INVALID = "invalid"
        UNREACHABLE = "unreachable"

    vat_number = models.CharField(max_length=20)  # As invoices write it.
    outcome = models.CharField(max_length=20, choices=Outcome)
    checked_at = models.DateTimeField()
    reference = models.CharField(max_length=100, blank=True)  # The number of the consultation, by which VIES knows it.
    problem = models.CharField(max_length=200, blank=True)  # Why there was no answer, in VIES's word or the network's.
    answer = models.JSONField(default=dict)  # As it came.

    class Meta:
        constraints = [
            OfItsSeller(name="vat_number_check_of_its_seller"),
            CheckConstraint(
                condition=Q(outcome__in=["valid", "invalid"], problem="")
                | Q(outcome="unreachable", reference="") & ~Q(problem=""),
                name="vat_number_check_has_an_answer_or_a_problem",
            ),
        ]
        indexes = [
            Index(fields=["seller", "vat_number", "-checked_at"], name="vat_number_check_newest_first"),
        ]


class Member(SellerOwned):
    """A user's membership of a shop. The user's row is Django's, so only its id is stored here."""

    class Role(models.TextChoices):
        OWNER = "owner"
        AGENT = "agent"
        VIEWER = "viewer"

    user_id = models.BigIntegerField()
    name = models.CharField(max_length=200)  # As the timeline shows it; kept when the user is deleted.
    role = models.CharField(max_length=10, choices=Role)
    # Levels by section where they differ from the role's; see accounts/sections.py. None for an owner.
    sections = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

    class Meta:
        constraints = [
            OfItsSeller(name="member_of_its_seller"),
            UniqueConstraint(fields=["seller", "user_id"], name="member_once_per_shop"),
            CheckConstraint(condition=Q(role__in=["owner", "agent", "viewer"]), name="member_role_known"),
            CheckConstraint(condition=~Q(role="owner") | Q(sections={}), name="member_owner_manages_all_sections"),
        ]
        indexes = [Index(fields=["user_id"], name="member_of_user")]

    def may_manage(self, section: Section) -> bool:
        """Whether the member may change anything in a section of the shop."""
        return level_of(self.role, self.sections, section) is Level.MANAGE


class Invitation(SellerOwned):
    """A role in a shop that is offered to whoever reads the mail of an address; good once, until its end."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Member.Role)
    sections = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))  # As a member's.
    language = models.CharField(max_length=10)
    invited_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by_user_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)
    accepted_at = models.DateTimeField(null=True)
    accepted_user_id = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OfItsSeller(name="invitation_of_its_seller"),
            CheckConstraint(condition=Q(role__in=["owner", "agent", "viewer"]), name="invitation_role_known"),
            CheckConstraint(condition=~Q(role="owner") | Q(sections={}), name="invitation_owner_manages_all_sections"),
            CheckConstraint(
                condition=Q(accepted_at=None, accepted_user_id=None)
                | Q(accepted_at__isnull=False, accepted_user_id__isnull=False, withdrawn_at=None),
                name="invitation_accepted_by_somebody_or_withdrawn",
            ),
            UniqueConstraint(
                fields=["seller", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once_for_each_address",
            ),
        ]


class PolicyVersion(models.Model):
    """The marketplace's policy from one moment on; a change is a new version, and decisions keep the one they used."""

    version = models.PositiveIntegerField(primary_key=True)
    values = models.JSONField()  # As `eligibility.policy.Policy.values()` writes them.
    reason = models.CharField(max_length=500)
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()


class ApiClient(models.Model):
    """A program that may use the API: for the whole marketplace, or for one shop only.

    Its secret and tokens are the OAuth2 library's; this row holds its permissions. It is kept when it is revoked.
    """

    client_id = models.CharField(max_length=100, primary_key=True)
    name = models.CharField(max_length=200)
    shop_id = models.UUIDField(null=True)  # The seller's id; none: the platform. No relation: this table is everywhere.
    read_only = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    made_by_user_id = models.BigIntegerField(null=True)  # None: the operator, or it is not known any more.
    # Ids of the logins that gave it another secret and saw it: they may act by it, as its maker may.
    secret_seen_by = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    last_used_at = models.DateTimeField(null=True)  # When it got a token last; that is good for an hour.
    former_secret = models.CharField(max_length=255, blank=True, db_default="")  # A hash, in the library's format.
    former_secret_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["shop_id", "made_at"], name="api_client_of_shop")]

    def former_secret_counts_at(self, now: datetime) -> bool:
        """Whether the secret before the newest one still lets it in."""
        return bool(self.former_secret) and self.former_secret_until is not None and self.former_secret_until > now

    @property
    def scopes(self) -> frozenset[str]:
        """What its tokens may be for."""
        if self.shop_id is None:
            return frozenset({"platform"})
        return frozenset({"seller:read"} if self.read_only else {"seller:read", "seller:write"})


class RequestCount(models.Model):
    """How many requests an API client has sent in its latest minute. Its table is not logged: a crash may empty it."""

    client_id = models.CharField(max_length=100, primary_key=True)
    minute = models.DateTimeField()
    requests = models.BigIntegerField()


class AttemptCount(models.Model):
    """How many attempts at signing in failed under a key, and until when the next has to wait.

    Its table is not logged: a crash may empty it.
    """

    key = models.CharField(max_length=100, primary_key=True)
    failures = models.IntegerField()
    failed_at = models.DateTimeField()
    waits_until = models.DateTimeField()

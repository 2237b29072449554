"""What a shop wrote off on a day, and holds on write-offs."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, SellerOwned, owned

_STOPS = ~Q(state="released")
_OF_A_DAY = Q(kind__in=["daily-count", "daily-amount"])


class WriteOffDay(SellerOwned):
    """How many write-offs a shop confirmed on a day of the marketplace's calendar, and their refunds by currency.

    A confirmation counts itself in its last statement, after the feed's counter is locked, so no two miss each other.
    """

    day = models.DateField()
    write_offs = models.PositiveIntegerField()
    amounts = models.JSONField()  # Minor units by currency.

    class Meta:
        constraints = [
            OfItsSeller(name="write_off_day_of_its_seller"),
            UniqueConstraint(fields=["seller", "day"], name="write_off_day_counted_once"),
        ]


class Hold(SellerOwned):
    """A stop on write-offs: of a shop for the rest of a day, of one order, or of a shop until it is released."""

    class Kind(models.TextChoices):
        DAILY_COUNT = "daily-count", _("Write-offs in a day")
        DAILY_AMOUNT = "daily-amount", _("Amount in a day")
        ORDER = "order", _("This order")
        SHOP = "shop", _("The shop")

    class State(models.TextChoices):
        HELD = "held"
        UPHELD = "upheld"
        RELEASED = "released"

    kind = models.CharField(max_length=20, choices=Kind)
    query_id = models.UUIDField()  # In which it came up.
    query = owned("query_id", "CustomerQuery", related_name="holds")
    order_id = models.UUIDField(null=True)  # Of which alone it stops write-offs.
    order = owned("order_id", "Order", null=True)
    day = models.DateField(null=True)  # On which alone it does.
    figures = models.JSONField(default=dict)  # What was counted, and the limit.
    reason = models.CharField(max_length=1000, blank=True)  # Of an agent who placed it.
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    placed_at = models.DateTimeField()
    by_user_id = models.BigIntegerField(null=True)  # None: a limit placed it.
    by_name = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by_user_id = models.BigIntegerField(null=True)
    settled_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            OwnedForeignKey("query_id", to="CustomerQuery", name="hold_came_up_in_a_query_of_its_seller"),
            OwnedForeignKey("order_id", to="Order", name="hold_is_on_an_order_of_its_seller"),
            UniqueConstraint(fields=["seller", "day"], condition=_STOPS & _OF_A_DAY, name="hold_stands_once_in_a_day"),
            UniqueConstraint(
                fields=["seller", "order_id"], condition=_STOPS & Q(kind="order"), name="hold_stands_once_on_an_order"
            ),
            UniqueConstraint(fields=["seller"], condition=_STOPS & Q(kind="shop"), name="hold_stands_once_on_a_shop"),
            CheckConstraint(
                condition=_OF_A_DAY & Q(day__isnull=False, order_id=None)
                | Q(kind="order", day=None, order_id__isnull=False) & ~Q(reason="")
                | Q(kind="shop", day=None, order_id=None) & ~Q(reason=""),
                name="hold_has_what_its_kind_needs",
            ),
            CheckConstraint(
                condition=Q(state="held", settled_at=None)
                | Q(state__in=["upheld", "released"], settled_at__isnull=False),
                name="hold_settled_has_its_time",
            ),
        ]
        indexes = [
            Index(fields=["seller", "query_id"], name="hold_of_query"),
            Index(fields=["seller", "day"], condition=_STOPS | Q(day__isnull=False), name="hold_that_may_stop"),
        ]

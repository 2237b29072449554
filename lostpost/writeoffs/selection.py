"""What a seller picked to write off, and why it may not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.text import is_storable
from lostpost.eligibility.assess import Assessment
from lostpost.eligibility.rules import Refusal
from lostpost.orders.models import Parcel
from lostpost.orders.reads import UnitRow
from lostpost.writeoffs.assess_order import AssessedUnit, OrderAssessment


@dataclass(frozen=True, slots=True)
class SelectedUnits:
    """So many units of one item in one parcel, by the marketplace's names."""

    parcel: str
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RefusedUnits:
    """A pick that the policy forbids, with every reason."""

    parcel: str | None
    item: str
    assessment: Assessment

    @property
    def refusals(self) -> Sequence[Refusal]:
        """Every reason."""
        return self.assessment.refusals


class NotEligible(Rejected):
    """The policy forbids this write-off; `picks` holds every cause of every picked item."""

    code = "not-eligible"

    def __init__(self, message: str, picks: Sequence[RefusedUnits]) -> None:
        super().__init__(message)
        self.picks = picks


class NothingSelected(Rejected):
    """No unit was picked, or one twice, or one that is not in the order."""

    code = "nothing-picked"


class QueryOfOtherOrder(Rejected):
    """A parcel was picked that is of another order than the customer query."""

    code = "query-of-other-order"
    sentence = gettext_lazy("This customer query is about another order. Open the query of this order.")


class QuantityUnavailable(Rejected):
    """More units than are left; `available` says how many are."""

    code = "quantity-unavailable"

    def __init__(self, message: str, pick: SelectedUnits, available: int) -> None:
        super().__init__(message)
        self.pick = pick
        self.available = available


class ChangedSincePreview(Conflict):
    """Something of the order changed since it was shown."""

    code = "changed-since-preview"


def require_eligible(assessment: OrderAssessment, picks: Sequence[SelectedUnits]) -> list[tuple[UnitRow, int]]:
    """Return the picked rows with their quantities.

    Raises: NothingSelected, QueryOfOtherOrder, NotEligible with every reason of every pick, QuantityUnavailable.
    """
    if not picks:
        raise NothingSelected(_("Tick at least one item to write off."))
    by_name = {(unit.row.parcel, unit.row.item.item): unit for unit in assessment.units}
    found: list[tuple[SelectedUnits, AssessedUnit]] = []
    for pick in picks:
        unit = by_name.get((pick.parcel, pick.item)) or by_name.get((None, pick.item))
        if unit is None:
            _require_parcel_of_order(assessment, pick)
            raise NothingSelected(
                _("Order %(order)s has no item “%(item)s” in a parcel “%(parcel)s”. Go back and pick from the list.")
                % {"order": assessment.order.number, "item": pick.item, "parcel": pick.parcel}
            )
        if any(unit is other for _pick, other in found):
            raise NothingSelected(
                _("“%(title)s” was picked twice. Pick it once, with the quantity.") % {"title": unit.row.item.title}
            )
        found.append((pick, unit))
    if refused := [
        RefusedUnits(unit.row.parcel, pick.item, unit.assessment) for pick, unit in found if not unit.eligible
    ]:
        raise NotEligible(
            ngettext(
                "One of the items cannot be written off now. Nothing was written off; see the reason beside it.",
                "%(n)d of the items cannot be written off now. Nothing was written off; see the reasons beside them.",
                len(refused),
            )
            % {"n": len(refused)},
            refused,
        )
    for pick, unit in found:
        if not 1 <= pick.quantity <= unit.available:
            raise QuantityUnavailable(
                _("“%(title)s”: choose a quantity from 1 to %(left)d; that many are left to write off.")
                % {"title": unit.row.item.title, "left": unit.available},
                pick,
                unit.available,
            )
    return [(unit.row, pick.quantity) for pick, unit in found]


def _require_parcel_of_order(assessment: OrderAssessment, pick: SelectedUnits) -> None:
    """Refuse a parcel of another order of the shop; one that nobody knows is not this function's to refuse."""
    if not is_storable(pick.parcel):
        return
    parcels = Parcel.objects.filter(seller_id=assessment.order.seller_id, code=pick.parcel)
    if parcels.exclude(order_id=assessment.order.id).exists():
        raise QueryOfOtherOrder


class WriteOffNotFound(NotFound):
    """There is no such write-off in this shop."""

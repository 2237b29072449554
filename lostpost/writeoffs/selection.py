"""The units that a seller selects to write off, and the refusals of a selection."""

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
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import OrderAssessment


@dataclass(frozen=True, slots=True)
class SelectedUnits:
    """A quantity of one item in one parcel, by the marketplace's codes."""

    parcel: str
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RefusedUnits:
    """Selected units that the policy forbids to write off, with every reason."""

    parcel: str | None
    item: str
    assessment: Assessment

    @property
    def refusals(self) -> Sequence[Refusal]:
        """Every reason."""
        return self.assessment.refusals


class NotEligible(Rejected):
    """The policy forbids this write-off; `refused` holds every reason of every selected item."""

    code = "not-eligible"

    def __init__(self, message: str, refused: Sequence[RefusedUnits]) -> None:
        super().__init__(message)
        self.refused = refused


class NothingSelected(Rejected):
    """No unit was selected, or one twice, or one that is not in the order."""

    code = "nothing-picked"


class QueryOfOtherOrder(Rejected):
    """A selected parcel belongs to another order than the customer query."""

    code = "query-of-other-order"
    sentence = gettext_lazy("This customer query is about another order. Open the query of this order.")


class QuantityUnavailable(Rejected):
    """More units than are left; `available` says how many are."""

    code = "quantity-unavailable"

    def __init__(self, message: str, units: SelectedUnits, available: int) -> None:
        super().__init__(message)
        self.units = units
        self.available = available


class ChangedSincePreview(Conflict):
    """Something of the order changed since it was shown."""

    code = "changed-since-preview"


def require_eligible(assessment: OrderAssessment, selection: Sequence[SelectedUnits]) -> list[AssessedUnit]:
    """Return the units of each selection.

    Raises: NothingSelected, QueryOfOtherOrder, NotEligible with every reason of every item, QuantityUnavailable.
    """
    if not selection:
        raise NothingSelected(_("Tick at least one item to write off."))
    by_name = {(unit.parcel, unit.item.item): unit for unit in assessment.units}
    units: list[AssessedUnit] = []
    for selected in selection:
        unit = by_name.get((selected.parcel, selected.item)) or by_name.get((None, selected.item))
        if unit is None:
            _require_parcel_of_order(assessment, selected)
            raise NothingSelected(
                _("Order %(order)s has no item “%(item)s” in a parcel “%(parcel)s”. Go back and pick from the list.")
                % {"order": assessment.order.number, "item": selected.item, "parcel": selected.parcel}
            )
        if any(unit is other for other in units):
            raise NothingSelected(
                _("“%(title)s” was picked twice. Pick it once, with the quantity.") % {"title": unit.item.title}
            )
        units.append(unit)
    if refused := [
        RefusedUnits(unit.parcel, selected.item, unit.assessment)
        for selected, unit in zip(selection, units, strict=True)
        if not unit.eligible
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
    for selected, unit in zip(selection, units, strict=True):
        if not 1 <= selected.quantity <= unit.available:
            raise QuantityUnavailable(
                _("“%(title)s”: choose a quantity from 1 to %(left)d; that many are left to write off.")
                % {"title": unit.item.title, "left": unit.available},
                selected,
                unit.available,
            )
    return units


def _require_parcel_of_order(assessment: OrderAssessment, selected: SelectedUnits) -> None:
    """Refuse a parcel of another order of the shop; a parcel that does not exist is left to the caller."""
    if not is_storable(selected.parcel):
        return
    parcels = Parcel.objects.filter(seller_id=assessment.order.seller_id, code=selected.parcel)
    if parcels.exclude(order_id=assessment.order.id).exists():
        raise QueryOfOtherOrder


class WriteOffNotFound(NotFound):
    """There is no such write-off in this shop."""

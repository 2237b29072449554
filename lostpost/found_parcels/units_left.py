"""The units of a found parcel about which nothing is decided yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from lostpost.found_parcels.models import FoundOutcome, FoundOutcomeUnit
from lostpost.writeoffs.models import WriteOffLine

# In these an outcome has its units; those that the customer agreed to pay again are counted on the write-off's lines.
HOLDING = (FoundOutcome.State.ASKED, FoundOutcome.State.DONE)


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line of a write-off in the found parcel, and how many of its units are still to be decided about."""

    line: WriteOffLine
    left: int

    @property
    def item(self) -> str:
        """The item, as the marketplace calls it."""
        return str(self.line.order_item.item)

    @property
    def title(self) -> str:
        """What the item is."""
        return str(self.line.order_item.title)


def units_left(seller_id: UUID, write_off_id: UUID, parcel_id: UUID) -> list[FoundLine]:
    """Return each line of a write-off in a parcel, with its units left: about the others something was decided."""
    lines = WriteOffLine.objects.select_related("order_item", "parcel_unit__parcel").filter(
        seller_id=seller_id, write_off_id=write_off_id, parcel_unit__parcel_id=parcel_id
    )
    rows = list(lines.order_by("id"))
    held = units_held(seller_id, [line.id for line in rows])
    return [FoundLine(line, max(line.quantity - line.quantity_restored - held.get(line.id, 0), 0)) for line in rows]


def anything_left(seller_id: UUID, write_off_id: UUID, parcel_id: UUID) -> bool:
    """Return whether something is still to be decided about a write-off's units in a parcel."""
    return any(line.left for line in units_left(seller_id, write_off_id, parcel_id))


def units_awaiting(seller_id: UUID, write_off_id: UUID, *, besides: UUID) -> dict[UUID, int]:
    """Count the units of a write-off's lines that the customer is asked to pay again, but for those of one case."""
    units = FoundOutcomeUnit.objects.filter(
        seller_id=seller_id,
        write_off_line__write_off_id=write_off_id,
        outcome__state=FoundOutcome.State.ASKED,
    ).exclude(outcome__case_id=besides)
    return dict(units.values_list("write_off_line_id").annotate(asked=Sum("quantity")).order_by())


def units_held(seller_id: UUID, line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count the units of lines that were taken back or let go, or that the customer is asked about."""
    units = FoundOutcomeUnit.objects.filter(
        seller_id=seller_id, write_off_line_id__in=line_ids, outcome__state__in=HOLDING
    )
    return dict(units.values_list("write_off_line_id").annotate(held=Sum("quantity")).order_by())

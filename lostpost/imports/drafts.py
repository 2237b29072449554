"""What the rows of all files say of each order, gathered from wherever they stand, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lostpost.core.text import quoted
from lostpost.imports.problem import CellPlace
from lostpost.orders.data import ScanData


@dataclass(slots=True)
class DraftsByName:
    """The rows of one order, parcel or return: what all of them say alike, and the items that they name."""

    place: CellPlace
    head: tuple[Any, ...]
    items: dict[tuple[str, ...], tuple[CellPlace, Any]] = field(
        default_factory=dict
    )  # ItemData or UnitData, by its name.


@dataclass(slots=True)
class Draft:
    """One order with all that belongs to it; or scans of a parcel of which the files say nothing else."""

    seller: str
    order_number: str  # Empty where only a parcel is known.
    place: CellPlace
    parcel: str = ""
    order: DraftsByName | None = None
    parcels: dict[str, DraftsByName] = field(default_factory=dict)
    returns: dict[str, DraftsByName] = field(default_factory=dict)
    scans: list[tuple[CellPlace, ScanData]] = field(default_factory=list)
    wrong: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        what = f"order {self.order_number}" if self.order_number else f"parcel {self.parcel}"
        return quoted(f"{what} of {self.seller}")

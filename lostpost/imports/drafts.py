"""What the rows of all files say of each order, gathered from wherever they stand, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lostpost.core.text import shown
from lostpost.imports.problem import Place
from lostpost.orders.data import ScanData


@dataclass(slots=True)
class Things:
    """The rows of one order, parcel or return: what all of them say alike, and the items that they name."""

    place: Place
    head: tuple[Any, ...]
    items: dict[tuple[str, ...], tuple[Place, Any]] = field(default_factory=dict)  # ItemData or UnitData, by its name.


@dataclass(slots=True)
class Draft:
    """One order with all that belongs to it; or scans of a parcel of which the files say nothing else."""

    seller: str
    order_number: str  # Empty where only a parcel is known.
    place: Place
    parcel: str = ""
    order: Things | None = None
    parcels: dict[str, Things] = field(default_factory=dict)
    returns: dict[str, Things] = field(default_factory=dict)
    scans: list[tuple[Place, ScanData]] = field(default_factory=list)
    wrong: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        what = f"order {self.order_number}" if self.order_number else f"parcel {self.parcel}"
        return shown(f"{what} of {self.seller}")

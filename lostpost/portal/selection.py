"""The seller's selection on the write-off screen, as the form sends it: not trusted, but kept on screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.insight.order_parcels import ShownParcel, ShownUnit, UnitState, parse_unit
from lostpost.portal.sent_forms import FormProblem
from lostpost.writeoffs.selection import SelectedUnits

_QUANTITY = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Selection:
    """The ticked rows by their name in the form, each with its quantity as typed."""

    typed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: QueryDict) -> Selection:
        """Read the selection from a form or a link."""
        return cls({value: form.get(f"quantity-{value}", "").strip() for value in form.getlist("unit")})

    @property
    def units(self) -> list[SelectedUnits]:
        """The units to write off. An invalid quantity becomes 0, which every rule refuses."""
        return [
            SelectedUnits(*parse_unit(value), quantity=int(typed) if _QUANTITY.fullmatch(typed) else 0)
            for value, typed in self.typed.items()
        ]

    @property
    def as_query(self) -> str:
        """The selection as a query string for links; empty without any."""
        pairs = [
            pair for value, typed in self.typed.items() for pair in (("unit", value), (f"quantity-{value}", typed))
        ]
        return f"?{urlencode(pairs)}" if pairs else ""


@dataclass(frozen=True)
class SelectionRows:
    """The rows of the screen, parcel by parcel, with the ticks on them."""

    parcels: Sequence[ShownParcel]  # Their units are rows.
    rows: Sequence[ShownUnit]
    selection: Selection

    @classmethod
    def of(cls, parcels: Sequence[ShownParcel], selection: Selection) -> SelectionRows:
        """Apply the selection to the rows, with a problem on each invalid one."""
        rows: list[ShownUnit] = []
        laid = []
        for parcel in parcels:
            first = len(rows)
            rows += [_row(unit, selection, f"{first + at}") for at, unit in enumerate(parcel.units, start=1)]
            laid.append(replace(parcel, units=rows[first:]))
        return cls(laid, rows, selection)

    @property
    def eligible(self) -> bool:
        """Whether anything can be ticked."""
        return any(row.state == UnitState.ELIGIBLE for row in self.rows)

    @property
    def problems(self) -> list[FormProblem]:
        """List the problems of the selection, each with a link to its row."""
        problems = [FormProblem(f"“{row.title}”: {row.problem}", f"#unit-{row.id}") for row in self.rows if row.problem]
        values = {row.value for row in self.rows}
        for value in self.selection.typed:
            if value not in values:
                parcel, item = parse_unit(value)
                text = _("This order has no item “%(item)s” in a parcel “%(parcel)s”. Tick items of the list.")
                problems.append(FormProblem(text % {"item": item[:80], "parcel": parcel[:80]}))
        return problems

    @property
    def sound(self) -> Selection:
        """The part of the selection without problems."""
        good = {row.value for row in self.rows if row.ticked and not row.problem}
        return Selection({value: typed for value, typed in self.selection.typed.items() if value in good})


def _row(unit: ShownUnit, selection: Selection, row_id: str) -> ShownUnit:
    typed = selection.typed.get(unit.value)
    ticked, problem = False, ""
    if typed is not None and unit.state != UnitState.ELIGIBLE:
        problem = _("This cannot be written off now; see why. Go on without it.")
    elif typed is not None:
        ticked, problem = True, _quantity_problem(unit, typed)
    return replace(unit, id=row_id, ticked=ticked, quantity=typed or "", problem=problem)


def _quantity_problem(unit: ShownUnit, typed: str) -> str:
    left = unit.facts.available
    if _QUANTITY.fullmatch(typed) and 1 <= int(typed) <= left:
        return ""
    return ngettext(
        "Choose a quantity of 1; no more is left of it.",
        "Choose a quantity from 1 to %(left)d; that many are left.",
        left,
    ) % {"left": left}

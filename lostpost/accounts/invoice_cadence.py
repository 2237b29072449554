"""How often a shop is invoiced, from which day on: a change begins with the next quarter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from lostpost.accounts.models import InvoiceCadence


class CadenceFrom(NamedTuple):
    """A cadence and the day from which it applies, always the first of a quarter."""

    from_on: date
    cadence: str


def cadences_of(seller_id: UUID) -> list[CadenceFrom]:
    """Return a shop's cadences, oldest first; one that has not begun yet comes last."""
    rows = InvoiceCadence.objects.filter(seller_id=seller_id).order_by("from_on")
    return [CadenceFrom(*row) for row in rows.values_list("from_on", "cadence")]


def cadence_on(history: Sequence[CadenceFrom], day: date) -> str:
    """Return the cadence that applies on a day; the first one also applies before its day.

    Raises: ValueError for an empty history.
    """
    if not history:
        raise ValueError("a shop without a cadence cannot be invoiced")
    begun = [entry.cadence for entry in history if entry.from_on <= day]
    return begun[-1] if begun else history[0].cadence


def is_changed(history: Sequence[CadenceFrom], *, to: str, today: date) -> list[CadenceFrom]:
    """Return the history after a shop has requested a cadence.

    The first one applies at once. A change applies from the next quarter; requested back before that, it is dropped.
    """
    if not history:
        return [CadenceFrom(quarter_from(today), to)]
    begun = [entry for entry in history if entry.from_on <= today]
    if not begun:  # The clock was set back since.
        begun = [CadenceFrom(quarter_from(today), history[0].cadence)]
    if begun[-1].cadence == to:
        return begun
    return [*begun, CadenceFrom(next_quarter_from(today), to)]


def store_cadence(seller_id: UUID, *, cadence: str, today: date) -> None:
    """Save the cadence that a shop requests, in the caller's transaction, which locks the shop's row."""
    before = cadences_of(seller_id)
    after = is_changed(before, to=cadence, today=today)
    if removed_dates := [entry.from_on for entry in before if entry not in after]:
        InvoiceCadence.objects.filter(seller_id=seller_id, from_on__in=removed_dates).delete()
    InvoiceCadence.objects.bulk_create(
        InvoiceCadence(seller_id=seller_id, cadence=entry.cadence, from_on=entry.from_on)
        for entry in after
        if entry not in before
    )


def quarter_from(day: date) -> date:
    """Return the first day of the day's quarter."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def next_quarter_from(day: date) -> date:
    """Return the first day of the quarter after the day's."""
    first = quarter_from(day)
    return first.replace(month=first.month + 3) if first.month < 10 else first.replace(year=first.year + 1, month=1)

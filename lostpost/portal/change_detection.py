"""Detect and describe what changed since the page on which the seller decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.accounts.actor import Actor
from lostpost.orders.reads import AssessedUnit
from lostpost.portal.write_offs_since import EarlierWriteOff, newest_write_offs
from lostpost.texts.moments import instant_text
from lostpost.texts.statuses import scan_status_text
from lostpost.writeoffs.assess_order import OrderAssessment
from lostpost.writeoffs.preview_token import MOST_UNITS, PreviewToken, ShownUnitState, name_of


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a page was shown, in sentences; none where nothing did."""

    sentences: Sequence[str] = ()
    write_offs: Sequence[EarlierWriteOff] = ()  # Since the page. Earlier ticks were for the units that were left then.

    def __bool__(self) -> bool:
        return bool(self.sentences)

    @property
    def own(self) -> bool:
        """Whether the user of the page made all those write-offs."""
        return bool(self.write_offs) and all(write_off.own for write_off in self.write_offs)


def changes(came_back: str, assessment: OrderAssessment, actor: Actor) -> Changes:
    """Return what changed between the page and now; nothing if nothing did, or if there was no page.

    Args: `came_back`: the token of the page, from its form or its address.
    """
    before = PreviewToken.read(came_back)
    if before is None or before.is_about(assessment):
        return Changes()
    now = PreviewToken.of(assessment)
    units = now.written_off - before.written_off
    write_offs = newest_write_offs(assessment.order, units=units, actor=actor) if units > 0 else []
    sentences = [write_off.sentence for write_off in write_offs]
    sentences += dict.fromkeys(_changes(before, now, assessment))  # A parcel's news once, not per item.
    return Changes(sentences or [_something()], write_offs)


def _something() -> str:
    return _("Something about this order changed.")


def _changes(before: PreviewToken, now: PreviewToken, assessment: OrderAssessment) -> Iterator[str]:
    if before.policy_version != now.policy_version:
        yield _("The marketplace changed its rules for writing off.")
    if before.units.keys() - now.units.keys():
        yield _("What lies in which parcel was changed.")
    for unit in assessment.units[:MOST_UNITS]:
        old, new = before.units.get(name_of(unit)), now.units[name_of(unit)]
        if old is None:
            yield _("“%(title)s” was added.") % {"title": unit.item.title}
        elif old != new:
            yield from _changes_of_unit(unit, old, new)


def _changes_of_unit(unit: AssessedUnit, old: ShownUnitState, new: ShownUnitState) -> Iterator[str]:
    facts, parcel, title = unit.facts, unit.facts.parcel, unit.item.title
    if parcel and old.last_scan != new.last_scan and parcel.last_scan:
        scan = parcel.last_scan
        words = ", ".join(part for part in (scan.text, scan.location) if part)
        yield _("Parcel %(parcel)s has a new Track & Trace update of %(when)s: “%(said)s”.") % {
            "parcel": parcel.tracking_number or f"({title})",
            "when": instant_text(scan.scanned_at),
            "said": words or scan_status_text(scan.status),
        }
    if parcel and old.tracking_number != new.tracking_number:
        number = parcel.tracking_number or "–"
        yield _("The Track & Trace number of a parcel was corrected to %(number)s.") % {"number": number}
    if old.returned != new.returned:
        yield ngettext(
            "%(n)d unit of “%(title)s” is now returned or in return.",
            "%(n)d units of “%(title)s” are now returned or in return.",
            facts.returned,
        ) % {"n": facts.returned, "title": title}
    if old.shipped != new.shipped:
        yield _("The parcel now holds %(n)d of “%(title)s”.") % {"n": facts.shipped, "title": title}

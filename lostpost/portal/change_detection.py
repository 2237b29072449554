"""Detect and describe what changed since the page on which the seller decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.accounts.actor import Actor
from lostpost.core.clock import rfc3339
from lostpost.portal.write_offs_since import EarlierWriteOff, newest_write_offs
from lostpost.texts.moments import instant_text
from lostpost.texts.statuses import scan_status_text
from lostpost.writeoffs.assess_order import AssessedUnit, OrderAssessment

_SALT = "lostpost.write-off.seen"
_COUNT = re.compile(r"[0-9]{1,9}")


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


@dataclass(frozen=True, slots=True)
class ShownState:
    """Return what the page showed as text for a URL, as `seen` holds it in a form."""

    state: str
    written_off: int  # Units of the order, all in all.

    @classmethod
    def of(cls, address: QueryDict) -> ShownState:
        """Read it from a URL; without it no change is detected."""
        count = address.get("written_off", "")
        return cls(address.get("state", ""), int(count) if _COUNT.fullmatch(count) else 0)

    @property
    def as_query(self) -> str:
        """Write it for the end of an address that has ticks."""
        return f"&{urlencode({'state': self.state, 'written_off': self.written_off})}"


def shown_state(assessment: OrderAssessment) -> ShownState:
    """Return what a page shows now, as text."""
    return ShownState(assessment.state, sum(unit.row.facts.written_off for unit in assessment.units))


def change_detection(assessment: OrderAssessment) -> str:
    """Write down what is shown, for a hidden field; signed, so that it comes back as it went."""
    return signing.dumps(_unit_states(assessment), salt=_SALT, compress=True)


def changes(came_back: str, assessment: OrderAssessment, actor: Actor) -> Changes:
    """Return what changed between the page and now; nothing if nothing did, or if there was no page."""
    try:
        before = signing.loads(came_back, salt=_SALT)
    except signing.BadSignature:
        return Changes()
    if before["state"] == assessment.state:
        return Changes()
    units = before["units"].values()
    write_offs = _write_offs_since(assessment, actor, written_off=sum(unit["written_off"] for unit in units))
    sentences = [write_off.sentence for write_off in write_offs]
    sentences += dict.fromkeys(
        _changes(before, _unit_states(assessment), assessment)
    )  # A parcel's news once, not per item.
    return Changes(sentences or [_something()], write_offs)


def changes_of_state(before: ShownState, assessment: OrderAssessment, actor: Actor) -> Changes:
    """Return what changed since a URL with ticks was created; nothing for a URL written by hand."""
    if before.state in ("", assessment.state):
        return Changes()
    write_offs = _write_offs_since(assessment, actor, written_off=before.written_off)
    return Changes([write_off.sentence for write_off in write_offs] or [_something()], write_offs)


def _write_offs_since(assessment: OrderAssessment, actor: Actor, *, written_off: int) -> list[EarlierWriteOff]:
    units = shown_state(assessment).written_off - written_off
    return newest_write_offs(assessment.order, units=units, actor=actor) if units > 0 else []


def _something() -> str:
    return _("Something about this order changed.")


def _unit_states(assessment: OrderAssessment) -> dict[str, Any]:
    return {
        "state": assessment.state,
        "policy": assessment.policy.version,
        "units": {_name(unit): _facts(unit) for unit in assessment.units},
    }


def _name(unit: AssessedUnit) -> str:
    return f"{unit.row.parcel or ''}/{unit.row.item.item}"


def _facts(unit: AssessedUnit) -> dict[str, Any]:
    facts, parcel = unit.row.facts, unit.row.facts.parcel
    return {
        "shipped": facts.shipped,
        "written_off": facts.written_off,
        "returned": facts.returned,
        "number": parcel.tracking_number if parcel else None,
        "scanned_at": rfc3339(parcel.last_scan.scanned_at) if parcel and parcel.last_scan else None,
        "said": parcel.last_scan.text if parcel and parcel.last_scan else None,
    }


def _changes(before: dict[str, Any], now: dict[str, Any], assessment: OrderAssessment) -> Iterator[str]:
    if before["policy"] != now["policy"]:
        yield _("The marketplace changed its rules for writing off.")
    if before["units"].keys() - now["units"].keys():
        yield _("What lies in which parcel was changed.")
    for unit in assessment.units:
        old = before["units"].get(_name(unit))
        new = now["units"][_name(unit)]
        if old is None:
            yield _("“%(title)s” was added.") % {"title": unit.row.item.title}
        elif old != new:
            yield from _changes_of_unit(unit, old, new)


def _changes_of_unit(unit: AssessedUnit, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    parcel, title = unit.row.facts.parcel, unit.row.item.title
    if parcel and (old["scanned_at"], old["said"]) != (new["scanned_at"], new["said"]) and parcel.last_scan:
        scan = parcel.last_scan
        words = ", ".join(part for part in (scan.text, scan.location) if part)
        yield _("Parcel %(parcel)s has a new Track & Trace update of %(when)s: “%(said)s”.") % {
            "parcel": parcel.tracking_number or f"({title})",
            "when": instant_text(scan.scanned_at),
            "said": words or scan_status_text(scan.status),
        }
    if parcel and old["number"] != new["number"]:
        yield _("The Track & Trace number of a parcel was corrected to %(number)s.") % {"number": new["number"] or "–"}
    if old["returned"] != new["returned"]:
        yield ngettext(
            "%(n)d unit of “%(title)s” is now returned or in return.",
            "%(n)d units of “%(title)s” are now returned or in return.",
            new["returned"],
        ) % {"n": new["returned"], "title": title}
    if old["shipped"] != new["shipped"]:
        yield _("The parcel now holds %(n)d of “%(title)s”.") % {"n": new["shipped"], "title": title}

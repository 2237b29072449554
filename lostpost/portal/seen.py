"""What the seller had before his eyes when he decided, and what changed since, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.core.clock import rfc3339
from lostpost.texts.moments import instant_text
from lostpost.texts.statuses import scan_status_text
from lostpost.writeoffs.assess_order import AssessedUnit, OrderAssessment

_SALT = "lostpost.write-off.seen"


def seen(assessment: OrderAssessment) -> str:
    """Write down what is shown, for a hidden field; signed, so that it comes back as it went."""
    return signing.dumps(_shown(assessment), salt=_SALT, compress=True)


def changes(came_back: str, assessment: OrderAssessment) -> list[str]:
    """Say what changed between the page that was shown and now; nothing if nothing did, or if there was no page."""
    try:
        before = signing.loads(came_back, salt=_SALT)
    except signing.BadSignature:
        return []
    if before["state"] == assessment.state:
        return []
    told = list(dict.fromkeys(_told(before, _shown(assessment), assessment)))  # A parcel's news once, not per item.
    return told or [_("Something about this order changed.")]


def _shown(assessment: OrderAssessment) -> dict[str, Any]:
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


def _told(before: dict[str, Any], now: dict[str, Any], assessment: OrderAssessment) -> Iterator[str]:
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
            yield from _told_of_unit(unit, old, new)


def _told_of_unit(unit: AssessedUnit, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    parcel, title = unit.row.facts.parcel, unit.row.item.title
    if parcel and (old["scanned_at"], old["said"]) != (new["scanned_at"], new["said"]) and parcel.last_scan:
        scan = parcel.last_scan
        said = ", ".join(part for part in (scan.text, scan.location) if part)
        yield _("Parcel %(parcel)s has a new Track & Trace update of %(when)s: “%(said)s”.") % {
            "parcel": parcel.tracking_number or parcel.parcel,
            "when": instant_text(scan.scanned_at),
            "said": said or scan_status_text(scan.status),
        }
    if parcel and old["number"] != new["number"]:
        yield _("The Track & Trace number of a parcel was corrected to %(number)s.") % {"number": new["number"] or "–"}
    if (gone := new["written_off"] - old["written_off"]) > 0:
        yield ngettext(
            "%(n)d unit of “%(title)s” was written off.", "%(n)d units of “%(title)s” were written off.", gone
        ) % {"n": gone, "title": title}
    if old["returned"] != new["returned"]:
        yield ngettext(
            "%(n)d unit of “%(title)s” is now returned or in return.",
            "%(n)d units of “%(title)s” are now returned or in return.",
            new["returned"],
        ) % {"n": new["returned"], "title": title}
    if old["shipped"] != new["shipped"]:
        yield _("The parcel now holds %(n)d of “%(title)s”.") % {"n": new["shipped"], "title": title}

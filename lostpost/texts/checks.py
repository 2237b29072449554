"""The facts that the policy looked at, in a few words each."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.eligibility.assess import (
    AvailableFact,
    CarrierStatusFact,
    Check,
    OrderAgeFact,
    ShippedFact,
    ShippingMethodFact,
    SilentFact,
)
from lostpost.texts.moments import silence_text
from lostpost.texts.statuses import scan_status_text, shipping_method_text
from lostpost.texts.style import PLAIN, Style


def check_text(check: Check, style: Style = PLAIN) -> str:
    """Say the fact behind a check; its sign says whether it is met."""
    match check.fact:
        case ShippedFact(shipped_at=shipped_at):
            return style.fill(_("shipped %(day)s"), {"day": style.day(shipped_at)}) if shipped_at else _("not shipped")
        case ShippingMethodFact(shipping_method=method):
            return shipping_method_text(method)
        case SilentFact(silent_feed=feed) if feed:
            return style.fill(_("no scans of the carrier since %(when)s"), {"when": style.instant(feed.since)})
        case SilentFact(silent=silent):
            return silence_text(silent)
        case OrderAgeFact(age_days=age, age_days_max=most):
            return _("day %(age)s of %(max)s") % {"age": age, "max": most}
        case CarrierStatusFact(scan=scan):
            if check.passed:
                return _("not delivered")
            return scan_status_text(scan.status) if scan else ""
        case AvailableFact() as fact:
            return _available(fact)


def _available(fact: AvailableFact) -> str:
    """Say how many units are left, and where the others went."""
    left, gone, back = fact.available, fact.written_off, fact.returned
    parts = [ngettext("%(left)s left", "%(left)s left", left) % {"left": left}]
    if gone:
        parts.append(ngettext("%(gone)s written off", "%(gone)s written off", gone) % {"gone": gone})
    if back:
        parts.append(ngettext("%(back)s in return", "%(back)s in return", back) % {"back": back})
    return ", ".join(parts)

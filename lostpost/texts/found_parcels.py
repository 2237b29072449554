"""The words about parcels that were found after their write-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.found_parcels.models import FoundEvidence
from lostpost.texts.entry_details import EntryDetails
from lostpost.texts.statuses import scan_status_text
from lostpost.texts.style import PLAIN, Style

HOW_FOUND = {
    "customer": gettext_lazy("The customer says that it came after all."),
    "came-back": gettext_lazy("It came back to you."),
}
ANSWERS = {
    "no": gettext_lazy("They do not want to pay again."),
    "did-not-come": gettext_lazy("They say that it did not come."),
}
BOOKS_AS_THEY_ARE = gettext_lazy(
    "Your books stay as they are: the customer keeps the refund, as with every return, and the goods are yours again."
)
NO_MONEY_MOVES = gettext_lazy("Nothing is paid or refunded: the customer keeps the refund and the goods.")


def found_details(kind: str, values: Mapping[str, Any], style: Style) -> EntryDetails:
    """Say what says that a parcel was found, or what was decided, and which case it is."""
    aside = style.fill(_("Found parcel %(number)s"), values)
    match kind:
        case "found.opened":
            what = how_found(values, style)
            return EntryDetails(style.fill(_("%(what)s Decide what follows."), {"what": what}), aside)
        case "found.seen-again":
            return EntryDetails(how_found(values, style), aside)
        case "found.declined":
            return EntryDetails(str(ANSWERS.get(values.get("answer", ""), "")), aside)
        case "found.returned":
            return EntryDetails(str(BOOKS_AS_THEY_ARE), aside)
        case "found.let-go":
            return EntryDetails(str(NO_MONEY_MOVES), aside)
        case "found.unanswered":
            return EntryDetails(_("Nothing is paid or refunded. You can still decide about it for some time."), aside)
    return EntryDetails(aside=aside)


def how_found(values: Mapping[str, Any], style: Style) -> str:
    """Say in a sentence what says that a parcel was found."""
    if values.get("by_what") != "scan":
        return str(HOW_FOUND.get(values.get("by_what", ""), ""))
    return style.fill(
        _("The carrier scanned it %(when)s: %(status)s."),
        {
            "when": style.instant(datetime.fromisoformat(values["scanned_at"])) if values.get("scanned_at") else "",
            "status": scan_status_text(values.get("status", "")),
        },
    )


def shown_evidence(rows: Iterable[FoundEvidence], *, to_shop: bool = True) -> list[dict[str, Any]]:
    """Say what each piece of evidence says, to the shop or to Partnerservice, with a person's own words."""
    return [
        {
            "says": how_found({"by_what": each.kind, **each.data}, PLAIN)
            if to_shop or each.kind != FoundEvidence.Kind.CAME_BACK
            else _("It came back to the shop."),
            "at": each.at,
            "text": each.text,
            "by_name": each.by_name,
        }
        for each in rows
    ]

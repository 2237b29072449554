"""The sentences of the policy's refusals and cautions: what is, why it matters, what next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lostpost.customer_queries.timeline import QueryHandled, QueryWithPartnerservice
from lostpost.eligibility.assess import Assessment, OrderAgeFact
from lostpost.eligibility.rules import Refusal
from lostpost.texts.style import PLAIN, Style
from lostpost.writeoffs.selection import QueryOfOtherOrder

REFUSALS = {
    "not-shipped": _("It has not been shipped yet. Ship it, or cancel it."),
    "logistics-via-platform": _(
        "It went with Logistics via the platform, not by your own shipping method. Partnerservice decides about it."
    ),
    "shipping-via-platform": _(
        "It went with Shipping via the platform, not by your own shipping method. Partnerservice decides about it."
    ),
    "label-via-platform": _(
        "It went with a shipping label via the platform, not by your own shipping method. "
        "Partnerservice decides about it."
    ),
    "shipping-method-unknown": _(
        "Nobody has said by which shipping method it went: it may be the platform’s. Partnerservice decides about it."
    ),
    "fully-written-off": _("Everything in this parcel that could be written off has been written off."),
    "returned": _("What is left of it is returned or in return. The refund comes with the return."),
    "recent-update": _("The last update was %(updated)s; until %(from)s the parcel may still come."),
    "feed-silent": _(
        "Since %(silent)s the scans of %(carrier)s do not reach us: the parcel may be on its way all the same. You can "
        "write it off once they come again."
    ),
    "order-too-old": _(
        "The order was placed %(placed)s, %(age)s days ago. You can write off until day %(max)s, which was %(last)s. "
        "Partnerservice decides about older orders."
    ),
    "delivered": _(
        "The carrier says that it was delivered, %(at)s. Ask the carrier to look into it. If the customer denies it, "
        "Partnerservice decides."
    ),
    "returned-to-sender": _(
        "The carrier brings it back to you, says its scan of %(at)s. Register the return when it is there."
    ),
    "awaiting-pickup": _("It waits at a pick-up point since %(at)s; until %(from)s the customer may still fetch it."),
    QueryHandled.code: QueryHandled.sentence,
    QueryWithPartnerservice.code: QueryWithPartnerservice.sentence,
    QueryOfOtherOrder.code: QueryOfOtherOrder.sentence,
}
# Where nothing else stands in the way by then, the moment is a promise.
PROMISES = {
    "recent-update": _(
        "The last update was %(updated)s; the parcel may still come. You can write it off from %(from)s."
    ),
    "awaiting-pickup": _(
        "It waits at a pick-up point since %(at)s; the customer may still fetch it. You can write it off from %(from)s."
    ),
}
IN_RETURN = _("What is left of it is returned or in return, with return %(code)s. The refund comes with the return.")
TOO_OLD_BY_THEN = _(
    "By then the order is too old: its last day is %(last)s. After that day, ask Partnerservice; they decide about "
    "older orders."
)
LIFTED = _(
    "Partnerservice allows it until %(until)s, decided by %(proposed)s and %(confirmed)s: “%(reason)s”. "
    "Otherwise: %(text)s"
)
CAUTIONS = {
    "announced-only": _("The carrier never scanned this parcel. Make sure that it left your warehouse."),
    "untracked": _("This parcel has no Track & Trace. Ask the customer, and the neighbours, before you write it off."),
}
SHORT_REFUSALS = {
    "not-shipped": _("Not shipped"),
    "logistics-via-platform": _("Logistics via the platform"),
    "shipping-via-platform": _("Shipping via the platform"),
    "label-via-platform": _("Shipping label via the platform"),
    "shipping-method-unknown": _("Shipping method not known"),
    "fully-written-off": _("Fully written off"),
    "returned": _("Returned or in return"),
    "recent-update": _("Recent update"),
    "feed-silent": _("Scans of the carrier missing"),
    "order-too-old": _("Order too old"),
    "delivered": _("Delivered, says the carrier"),
    "returned-to-sender": _("Going back to the sender"),
    "awaiting-pickup": _("Waiting at a pick-up point"),
    "query-not-open": pgettext_lazy("customer query", "Not open"),
    "query-with-partnerservice": _("With Partnerservice"),
    "query-of-other-order": _("About another order"),
}


def refusal_text(
    refusal: Refusal, assessment: Assessment | None = None, *, return_code: str = "", style: Style = PLAIN
) -> str:
    """Say why something may not be written off. A moment is promised only where nothing else stands in the way then.

    Args: `assessment`: that of the units; none for a refusal of the customer query itself. `return_code`: of a return
    that took units of it.
    """
    values = _values(refusal, assessment, style)
    if refusal.code == "returned" and return_code:
        return style.fill(str(IN_RETURN), {"code": return_code})
    if assessment and refusal.code in PROMISES and assessment.only_for_now and not assessment.too_old_by_then:
        return style.fill(str(PROMISES[refusal.code]), values)
    text = style.fill(str(REFUSALS[refusal.code]), values)
    last_on = assessment.too_old_by_then if assessment else None
    if assessment and last_on and refusal.eligible_from == assessment.eligible_from:  # Said once: it lasts longest.
        too_old = style.fill(str(TOO_OLD_BY_THEN), {"last": style.day(last_on)})
        return style.fill("%(text)s %(too_old)s", {"text": text, "too_old": too_old})
    return text


def lifted_text(refusal: Refusal, assessment: Assessment, style: Style = PLAIN) -> str:
    """Say that Partnerservice lifts a refusal: until when, who decided it and why, and what the policy says."""
    override = assessment.facts.override
    assert override
    values = {
        "until": style.instant(override.until),
        "proposed": override.proposed_by,
        "confirmed": override.confirmed_by,
        "reason": override.reason,
        "text": style.fill(str(REFUSALS[refusal.code]), _values(refusal, assessment, style)),
    }
    return style.fill(str(LIFTED), values)


def caution_text(code: str) -> str:
    """Say what to know before writing off."""
    return str(CAUTIONS[code])


def short_refusal_text(code: str) -> str:
    """Say a refusal in three words; of a later version's, which nobody here knows, the code."""
    return str(SHORT_REFUSALS.get(code, code))


def _values(refusal: Refusal, assessment: Assessment | None, style: Style) -> dict[str, Any]:
    """Write the moments and counts that the sentences may name."""
    values: dict[str, Any] = {}

    def moment(name: str, when: datetime | None) -> None:
        if when:
            values[name] = style.instant(when)

    moment("from", refusal.eligible_from)
    if assessment is None:
        return values
    if parcel := assessment.facts.parcel:
        moment("updated", parcel.updated_at)
        moment("at", parcel.last_scan.scanned_at if parcel.last_scan else None)
        moment("silent", parcel.silent_feed.since if parcel.silent_feed else None)
        values["carrier"] = parcel.silent_feed.carrier if parcel.silent_feed else parcel.carrier
    for check in assessment.checks:
        if isinstance(check.fact, OrderAgeFact):
            fact = check.fact
            values |= {"age": fact.age_days, "max": fact.age_days_max}
            values |= {"placed": style.day(fact.placed_at), "last": style.day(fact.last_on)}
    return values

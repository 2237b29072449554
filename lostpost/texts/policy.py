"""The values of the policy in words, and what changed from one version to the next."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from lostpost.eligibility.policy import Policy
from lostpost.eligibility.windows import window_text

_MEANINGS = {
    "quiet_days": _("days of 24 hours since the last update of a tracked parcel"),
    "quiet_days_untracked": _("the same since the hand-over of a parcel without Track & Trace"),
    "order_age_days_max": _("calendar days since the order was placed; that day is still in time"),
    "allow_after_delivery": _("whether what was delivered may be written off"),
    "pickup_days": _("days of 24 hours that a parcel may wait at a pick-up point"),
    "time_zone": _("where the marketplace's day begins, and the time of the pages"),
    "refund_delivery_costs": _("whole-order: with the write-off that leaves nothing of the order; or never"),
    "commission_vat_rate_bp": _("VAT on commission in basis points, in the marketplace's own country; 2100 is 21 %"),
    "commission_without_vat_number": _("shops elsewhere in the EU without a VAT number: charge that VAT, or refuse"),
    "debt_due_days": _("days after a sales invoice until which a debt is to be paid; 0: it names no day"),
    "fetch_exchange_rates": _("whether the European Central Bank's rates are fetched each day"),
    "check_vat_numbers_at_vies": _("whether VIES is asked about VAT numbers of shops elsewhere in the EU"),
    "daily_write_off_count_max": _("how many write-offs a shop may confirm on a day; 0: no limit"),
    "daily_write_off_minor_max": _("how much they may refund on a day, in minor units of each currency; 0: no limit"),
    "reopen_days": _(
        "days of 24 hours in which a customer's message reopens a handled query; later it opens a new one"
    ),
    "close_waiting_days": _("days of 24 hours after which a query that waits for the customer closes; 0: never"),
    "close_notice_days": _("days before that on which the customer gets a notice"),
    "declaration_carriers": _("carriers that pay claims only with a declaration of the customer, with commas between"),
    "found_reminder_days": _("days of 24 hours until a customer who was asked to pay again is reminded"),
    "found_end_days": _("days of 24 hours until that question ends without an answer"),
    "batch_lines_max": _("orders that a shop writes off at once"),
    "batch_minor_max": _("minor units (cents) that a shop writes off at once; 0: no limit"),
    "batch_day_minor_max": _("minor units in all of a shop's batches in one day; 0: no limit"),
    "batch_second_person_minor": _("minor units of one person in a day above which a second person decides; 0: never"),
    "carrier_claim_days": _(
        "days since the hand-over within which a loss is claimed from a carrier: DPD: 30, PostNL: 30"
    ),
    "query_action_lines_max": _("customer queries that a shop answers, assigns, puts aside or closes at once"),
}


def policy_value_meaning(name: str) -> str:
    """Say what a value of the policy means; nothing of one that a later version has."""
    return str(_MEANINGS.get(name, ""))


def policy_differences(before: Policy, after: Policy) -> str:
    """Return what changed: “quiet_days: 3 → 5; …”."""
    old, new = before.values(), after.values()
    names = [name for name in new if name != "windows" and old[name] != new[name]]
    changes = [f"{name}: {policy_value_text(old[name])} → {policy_value_text(new[name])}" for name in names]
    changes += [f"no more {window_text(window)}" for window in before.windows if window not in after.windows]
    changes += [window_text(window) for window in after.windows if window not in before.windows]
    return "; ".join(changes)


def policy_value_text(value: Any) -> str:
    """Write a value as the command takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Partnerservice: how many silent parcels still come, by carrier, and how many came after they were written off."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.policy import current_policy
from lostpost.desk.access import DeskRequest, staff
from lostpost.insight.false_losses import LOOKED_BACK, false_losses
from lostpost.insight.silence_odds import OfInterest, carriers_counted, silence_odds

MOST_SHOWN = 50  # Carriers, those with the most parcels first.
LONGER_DAYS = (5, 10, 20)  # Shown beside the policy's own quiet days.


@staff("partnerservice")
@require_safe
def arrival_odds_of_carriers(request: DeskRequest) -> HttpResponse:
    """Show the odds of each carrier after some silences, with a curve for the policy's, and the false losses."""
    policy = current_policy()
    days = sorted({max(1, policy.quiet_days), *LONGER_DAYS})
    carriers = carriers_counted()[:MOST_SHOWN]
    odds = silence_odds(OfInterest(carrier, "", silent) for carrier in carriers for silent in days)
    since = timezone.now() - LOOKED_BACK
    context = {
        "days": days,
        "carriers": [
            {
                "name": carrier,
                "odds": [odds[OfInterest(carrier, "", silent)] for silent in days],
                "at_first": odds[OfInterest(carrier, "", max(1, policy.quiet_days))],
            }
            for carrier in carriers
        ],
        "losses": false_losses(since=since),
        "since": since,
        "policy_version": policy.version,
    }
    return render(request, "desk/arrival_odds.html", context)

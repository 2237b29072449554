"""`lostpost radar`: every silent parcel, what it is worth and until when it may be written off."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.reads import seller_of_code
from lostpost.core.clock import EARLIEST, rfc3339, utc
from lostpost.eligibility.policy import Policy
from lostpost.insight.known_then import policy_then
from lostpost.insight.order_parcels import UnitState
from lostpost.insight.radar import RadarParcel
from lostpost.insight.radar_report import RadarTotals, radar_totals, radar_values, whole_radar, whole_radar_then
from lostpost.texts.style import money_text


class Command(BaseCommand):
    """Read only; what fell silent last comes first."""

    help = "Show every silent parcel of a shop, or of all shops: worth, silence and last days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose parcels, and as of when."""
        parser.add_argument("--seller", metavar="CODE", help="the parcels of this shop alone")
        parser.add_argument(
            "--as-of",
            type=_instant,
            metavar="INSTANT",
            help="what was known then, by the policy in force then: such as 2026-03-01T12:00:00+01:00",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, **options: Any) -> None:
        """Print the radar."""
        seller, then, now = _seller(options["seller"]), options["as_of"], timezone.now()
        if then and then > now:
            raise CommandError(f"{rfc3339(then)} is still to come; nobody knows yet what is silent then.")
        seller_id = seller.id if seller else None
        if then:
            policy = policy_then(then)
            parcels = whole_radar_then(policy, then=then, seller_id=seller_id)
        else:
            policy = current_policy()
            parcels = whole_radar(policy, now=now, seller_id=seller_id)
        totals, at = radar_totals(parcels), (then or now).astimezone(policy.zone)
        eligible = [parcel for parcel in parcels if parcel.state == UnitState.ELIGIBLE]
        codes = Seller.objects.in_bulk({parcel.seller_id for parcel in eligible})
        if options["json"]:
            self.stdout.write(_as_json(eligible, totals, codes, policy, at))
            return
        for parcel in eligible:
            self.stdout.write(_as_text(parcel, codes[parcel.seller_id].code, policy))
        worth = ", ".join(money_text(minor, currency) for currency, minor in totals.value_minor.items()) or "nothing"
        self.stdout.write(
            f"{totals.eligible} parcels may be written off, worth {worth}; "
            f"{totals.only_too_recent} more are only too recent."
        )


def _as_json(
    parcels: list[RadarParcel], totals: RadarTotals, shops: dict[UUID, Seller], policy: Policy, at: datetime
) -> str:
    answer = {
        "as_of": at.isoformat(),
        "policy_version": policy.version,
        "eligible": totals.eligible,
        "value_minor": totals.value_minor,
        "only_too_recent": totals.only_too_recent,
        "parcels": [{"seller": shops[parcel.seller_id].code, **radar_values(parcel)} for parcel in parcels],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _as_text(parcel: RadarParcel, shop: str, policy: Policy) -> str:
    since = parcel.silent_since.astimezone(policy.zone)
    claim = parcel.claim_on.isoformat() if parcel.claim_on else "-"
    return "\t".join(
        [
            shop,
            parcel.order_number,
            parcel.parcel,
            parcel.carrier or "-",
            f"silent since {since:%Y-%m-%d %H:%M}",
            f"last day {parcel.last_on.isoformat()}",
            f"claim by {claim}",
            money_text(parcel.value_minor, parcel.currency),
        ]
    )


def _seller(code: str | None) -> Seller | None:
    if code is None:
        return None
    seller = seller_of_code(code)
    if seller is None:
        raise CommandError(f"There is no shop {code}.")
    return seller


def _instant(text: str) -> datetime:
    try:
        instant = utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"“{text}” is no instant with its offset, such as 2026-03-01T12:00:00+01:00") from None
    if instant < EARLIEST:
        raise ArgumentTypeError(f"“{text}” is before anything that Lostpost has")
    return instant

"""Try a change of the policy on past write-offs: which would not have happened, and what became of their parcels."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from lostpost.accounts.models import PolicyVersion
from lostpost.core.clock import utc
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file
from lostpost.eligibility.assess import Assessment, assess
from lostpost.eligibility.facts import UnitFacts, facts_from_json
from lostpost.eligibility.policy import Policy, PolicyValueWrong
from lostpost.eligibility.windows import OF_ORDERS, OF_PARCELS, Window, window_as_json
from lostpost.insight.false_losses import CAME_AFTER_ALL
from lostpost.tracking.newest_scan import STATUSES

TRIED_VALUES = ("quiet_days", "quiet_days_untracked", "pickup_days", "order_age_days_max")
TRIED_BACK = timedelta(days=180)  # Where nobody says since when.
AT_ONCE = 5_000  # Lines in one statement.
_OF_SHOP = sql_file(__name__, "decided_lines", of_shop="write_off.seller_id = %(seller)s", came=CAME_AFTER_ALL)
_OF_ALL = sql_file(__name__, "decided_lines", of_shop="true", came=CAME_AFTER_ALL)


class DecidedLine(NamedTuple):
    """Units that were written off, with what was known when that was confirmed."""

    line_id: UUID
    write_off_id: UUID
    parcel_id: UUID
    confirmed_at: datetime
    policy_version: int
    currency: str
    refund_minor: int
    facts: Any
    came: bool


@dataclass(slots=True)
class TriedParcel:
    """A written-off parcel that the tried values would have refused until `eligible_from`, or `for_good`."""

    confirmed_at: datetime
    currency: str
    came: bool
    refund_minor: int = 0
    eligible_from: datetime | None = None
    for_good: bool = False

    @property
    def longer_days(self) -> int:
        """How many days longer it would have taken, begun ones counted whole; 0 where it is refused for good."""
        if self.for_good or self.eligible_from is None:
            return 0
        return max(1, math.ceil((self.eligible_from - utc(self.confirmed_at)) / timedelta(days=1)))


@dataclass(slots=True)
class PolicyTrial:
    """What tried values would have changed. Parcels are counted once for each write-off.

    `prevented`: those that would not have been written off then; `came`: of these. Amounts are of their items, by
    currency. `longer_waits`: of those that did not come, by the days that their customers would have waited longer;
    `for_good`: of those, the ones that sellers could not have written off later either.
    """

    since: datetime
    until: datetime
    values: Mapping[str, int]
    carrier: str = ""
    parcels: int = 0
    prevented: int = 0
    came: int = 0
    for_good: int = 0
    prevented_minor: Counter[str] = field(default_factory=Counter)
    came_minor: Counter[str] = field(default_factory=Counter)
    longer_waits: Counter[int] = field(default_factory=Counter)

    @property
    def stayed_away(self) -> int:
        """Parcels that would not have been written off then, and did not come."""
        return self.prevented - self.came

    def days_at(self, share: float) -> int:
        """Return within how many days longer this share of those who waited would have had their money; 0: nobody."""
        count, wanted = 0, share * self.longer_waits.total()
        for days in sorted(self.longer_waits):
            count += self.longer_waits[days]
            if count >= wanted:
                return days
        return 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "values": dict(self.values),
            "carrier": self.carrier or None,
            "parcels": self.parcels,
            "prevented": self.prevented,
            "came": self.came,
            "for_good": self.for_good,
            "amounts": [
                {"currency": currency, "prevented_minor": minor, "came_minor": self.came_minor[currency]}
                for currency, minor in sorted(self.prevented_minor.items())
            ],
            "waits": [{"days": days, "parcels": count} for days, count in sorted(self.longer_waits.items())],
        }


def try_policy(
    *,
    values: Mapping[str, int],
    since: datetime,
    until: datetime,
    carrier: str = "",
    seller_id: UUID | None = None,
) -> PolicyTrial:
    """Try values on the write-offs of a time, of all shops or of one; nothing is written.

    Each decision is judged again on the facts that it was made on, as they were known then: by the version of the
    policy that it was made by, with these values instead. What that version itself would refuse (the desk decided it)
    is left alone. With a `carrier` the values are tried for its parcels only. Values that refuse nothing more show
    nothing: what sellers would have written off earlier is not known.

    Raises: PolicyValueWrong for values that make no policy, or that cannot be tried.
    """
    trial = PolicyTrial(since, until, values, carrier)
    policies = _policies(values, carrier)
    tried: dict[tuple[UUID, UUID], TriedParcel | None] = {}
    for line in decided_lines(since=since, until=until, seller_id=seller_id):
        key = line.write_off_id, line.parcel_id
        tried.setdefault(key, None)
        facts = facts_from_json(json.loads(line.facts) if isinstance(line.facts, str) else line.facts)
        if refusal := _refused(facts, *policies[line.policy_version], now=line.confirmed_at):
            parcel = tried[key] or TriedParcel(line.confirmed_at, line.currency, line.came)
            tried[key] = parcel
            parcel.refund_minor += line.refund_minor
            _delay(parcel, refusal)
    trial.parcels = len(tried)
    for each in tried.values():
        if each:
            _count(trial, each)
    return trial


def decided_lines(*, since: datetime, until: datetime, seller_id: UUID | None = None) -> Iterator[DecidedLine]:
    """Read the lines of write-offs that were confirmed in a time, oldest first, some at once."""
    after_at, after_id = since, UUID(int=0)
    while True:
        parameters = {"since": since, "until": until, "after_at": after_at, "after_id": after_id, "most": AT_ONCE}
        parameters["delivered"] = STATUSES["delivered"]
        if seller_id:
            rows = fetch(_OF_SHOP, {**parameters, "seller": seller_id})
        else:
            with cross_seller("policy try-out: write-offs of all shops"):
                rows = fetch(_OF_ALL, parameters)
        yield from (DecidedLine(*row) for row in rows)
        if len(rows) < AT_ONCE:
            return
        last = DecidedLine(*rows[-1])
        after_at, after_id = last.confirmed_at, last.line_id


def with_values(policy: Policy, values: Mapping[str, int], carrier: str = "") -> Policy:
    """Return a policy with some values changed, for all parcels or for a carrier's. Raises: PolicyValueWrong."""
    if unknown := [name for name in values if name not in TRIED_VALUES]:
        raise PolicyValueWrong(tuple(f"{name} cannot be tried; try {', '.join(TRIED_VALUES)}." for name in unknown))
    if not carrier:
        return Policy.from_values({**policy.values(), **values}, version=policy.version)
    if of_orders := [name for name in values if name in OF_ORDERS]:
        raise PolicyValueWrong(
            tuple(f"{name} is of an order, and cannot be tried for a carrier." for name in of_orders)
        )
    new = [Window(name, value, carrier=carrier) for name, value in values.items() if name in OF_PARCELS]
    replaced = {(each.scope, None) for each in new}
    stay = [each for each in policy.windows if (each.scope, each.first_on) not in replaced]
    windows = [window_as_json(each) for each in [*stay, *new]]
    return Policy.from_values({**policy.values(), "windows": windows}, version=policy.version)


def _policies(values: Mapping[str, int], carrier: str) -> dict[int, tuple[Policy, Policy]]:
    """Return each version of the policy, and what it is with the values."""
    versions = [Policy()]
    versions += [Policy.from_values(row.values, version=row.version) for row in PolicyVersion.objects.all()]
    return {policy.version: (policy, with_values(policy, values, carrier)) for policy in versions}


def _refused(facts: UnitFacts, own: Policy, tried: Policy, *, now: datetime) -> Assessment | None:
    assessment = assess(facts, tried, now=now)
    return None if assessment.eligible or not assess(facts, own, now=now).eligible else assessment


def _delay(parcel: TriedParcel, refusal: Assessment) -> None:
    """Put off a parcel's write-off by what refuses one of its lines."""
    if not refusal.only_for_now or refusal.too_old_by_then or refusal.eligible_from is None:
        parcel.for_good = True
    else:
        parcel.eligible_from = max(parcel.eligible_from or refusal.eligible_from, refusal.eligible_from)


def _count(trial: PolicyTrial, parcel: TriedParcel) -> None:
    trial.prevented += 1
    trial.prevented_minor[parcel.currency] += parcel.refund_minor
    if parcel.came:
        trial.came += 1
        trial.came_minor[parcel.currency] += parcel.refund_minor
    elif parcel.for_good:
        trial.for_good += 1
    else:
        trial.longer_waits[parcel.longer_days] += 1

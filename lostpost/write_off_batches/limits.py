"""The limits of batches: how much at once, how much a day, and from what sum on a second person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Rejected
from lostpost.eligibility.policy import Policy
from lostpost.write_off_batches.models import WriteOffBatch


class BatchTooLarge(Rejected):
    """More lines or money than the policy allows at once."""

    code = "batch-too-large"


class BatchDayLimit(Rejected):
    """With the shop's other batches of the day it is more than the policy allows in one day."""

    code = "batch-day-limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the limits say about a batch: it is refused for each of `refusals`; or a second person has to decide."""

    refusals: Sequence[Rejected]
    needs_second: bool


def limits_of(by: Actor, policy: Policy, *, refund_minor: int, lines: int, now: datetime) -> Limits:
    """Hold a batch against the policy's limits and the shop's other batches of the day; one statement.

    Amounts are in minor units, of whatever currency the batch has. What one person started without a second one counts
    together, so that a large batch cannot be started as several small ones.
    """
    day = now.astimezone(policy.zone).date()
    today = WriteOffBatch.objects.filter(seller_id=by.seller_id, day=day).exclude(state=WriteOffBatch.State.CANCELLED)
    own = Q(needs_second=False, by_user_id=by.user_id, by_client_id=by.client_id)
    sums = today.aggregate(all=Sum("refund_minor"), own=Sum("refund_minor", filter=own))
    refusals: list[Rejected] = []
    if lines > policy.batch_lines_max:
        refusals.append(
            BatchTooLarge(
                ngettext(
                    "At most %(most)d order can be written off at once; choose fewer.",
                    "At most %(most)d orders can be written off at once; choose fewer.",
                    policy.batch_lines_max,
                )
                % {"most": policy.batch_lines_max}
            )
        )
    if policy.batch_minor_max and refund_minor > policy.batch_minor_max:
        refusals.append(BatchTooLarge(_("This is more money than may be written off at once; choose fewer orders.")))
    if policy.batch_day_minor_max and refund_minor + (sums["all"] or 0) > policy.batch_day_minor_max:
        refusals.append(
            BatchDayLimit(
                _(
                    "With today's other batches this is more money than may be written off in batches in one day. "
                    "Choose fewer orders, or go on tomorrow."
                )
            )
        )
    from_minor = policy.batch_second_person_minor
    return Limits(refusals, bool(from_minor and refund_minor + (sums["own"] or 0) > from_minor))

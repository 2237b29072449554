"""The limits of batches: how much at once, how much a day, and from what sum on a second person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import ApiClient
from lostpost.core.errors import Rejected
from lostpost.eligibility.policy import Policy
from lostpost.write_off_batches.models import WriteOffBatchLine


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


def limits_of(
    by: Actor,
    policy: Policy,
    *,
    refund_minor: int,
    currency: str,
    lines: int,
    now: datetime,
    apart_from: UUID | None = None,
) -> Limits:
    """Hold a batch against the policy's limits and the shop's other batches of the day in its currency.

    Amounts are in minor units. Of the others counts what was written off or may be yet, and not what was refused. What
    one person started without a second one, by themselves or by programs whose secret they know, counts together, so
    that a large batch cannot be started as several small ones.

    Args: `apart_from`: the batch itself, where it is stored already.
    """
    day = now.astimezone(policy.zone).date()
    others = WriteOffBatchLine.objects.filter(seller_id=by.seller_id, batch__day=day, batch__currency=currency).exclude(
        state=WriteOffBatchLine.State.REFUSED
    )
    if apart_from:
        others = others.exclude(batch_id=apart_from)
    own = _started_by(by) & Q(batch__needs_second=False)
    sums = others.aggregate(all=Sum("refund_minor"), own=Sum("refund_minor", filter=own))
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


def people_behind(*, user_id: int, client_id: str) -> frozenset[int]:
    """Return the ids of the logins that may have started a batch: its own, or those that know its program's secret.

    None where the operator made the program, and nobody gave it another secret.
    """
    if user_id or not client_id:
        return frozenset({user_id} - {0})
    client = ApiClient.objects.filter(client_id=client_id).first()
    return frozenset({client.made_by_user_id or 0, *client.secret_seen_by} - {0} if client else ())


def _started_by(actor: Actor) -> Q:
    """Select the lines of batches that an actor started: the people behind a program, and all their programs."""
    people = people_behind(user_id=actor.user_id, client_id=actor.client_id)
    if not people:
        return Q(batch__by_user_id=0, batch__by_client_id=actor.client_id)
    known_to = Q(made_by_user_id__in=people)
    for user_id in people:
        known_to |= Q(secret_seen_by__contains=[user_id])
    programs = ApiClient.objects.filter(known_to).values("client_id")
    return Q(batch__by_user_id__in=people) | Q(batch__by_client_id__in=programs)

"""Handle a provider's webhook about a payment: it is not trusted, only a reason to look the refunds up."""

from __future__ import annotations

from collections.abc import Iterable

from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.core.jobs import defer
from lostpost.core.ownership import cross_seller
from lostpost.core.text import is_storable
from lostpost.refunds.gateway import LOOK_UP_REFUND, refund_job
from lostpost.refunds.models import Refund

MOST = 50  # One payment may cover orders of several sellers, each with its refunds.


def defer_lookups(*, provider: str, names: Iterable[str]) -> int:
    """Defer jobs that look up the refunds of a payment; return how many.

    Args: `names`: the provider's ids of the payment, its charge or the refund. Unknown ones are ignored. Where a job is
    waiting already, no second one is deferred.
    """
    valid_names = [name for name in names if name and len(name) <= 200 and is_storable(name)]
    with cross_seller("a provider knows its payment, not the seller"):
        refund_keys = list(
            Refund.objects.filter(payment_reference__in=valid_names, gateway=provider)
            .order_by("-requested_at")
            .values_list("seller_id", "id")[:MOST]
        )
    if not refund_keys:
        return 0
    ids = [str(refund_id) for _seller_id, refund_id in refund_keys]
    waiting_jobs = ProcrastinateJob.objects.filter(task_name=LOOK_UP_REFUND, status="todo", args__refund__in=ids)
    deferred = {job["refund"] for job in waiting_jobs.values_list("args", flat=True)}
    jobs = [
        refund_job(LOOK_UP_REFUND, seller_id=seller_id, refund_id=refund_id)
        for seller_id, refund_id in refund_keys
        if str(refund_id) not in deferred
    ]
    if jobs:
        defer(*jobs)
    return len(jobs)

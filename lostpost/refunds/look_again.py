"""Look up confirmed refunds at providers for 30 more days: the webhook that says that one failed may be lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lostpost.core.ownership import cross_seller
from lostpost.refunds.attempts import RefundAttempt
from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.models import Refund
from lostpost.refunds.transitions import lock_refund, next_look, update_fields

AT_ONCE = 500  # Refunds of one run; the job runs every hour.
NOT_BEFORE = timedelta(hours=6)  # One that could not be looked up comes after the others.


@transaction.atomic(durable=True)
def record_look(*, attempt: RefundAttempt, now: datetime) -> None:
    """Record when a confirmed refund is looked up next, if it is still confirmed."""
    if attempt.state != Refund.State.CONFIRMED:
        return
    refund = lock_refund(seller_id=attempt.seller_id, number=attempt.number)
    if refund.state == Refund.State.CONFIRMED and refund.gateway in PROVIDERS:
        assert refund.confirmed_at
        update_fields(refund, look_again_at=next_look(refund.confirmed_at, now))


def claim_due_looks(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return the confirmed refunds (seller, refund) to look up now, longest waiting first, and postpone them."""
    with cross_seller("refunds at providers that somebody must look after"):
        due = Refund.objects.filter(look_again_at__lte=now, gateway__in=PROVIDERS)
        refund_keys = list(due.order_by("look_again_at", "seller_id", "id").values_list("seller_id", "id")[:AT_ONCE])
    ids_by_seller: dict[UUID, list[UUID]] = defaultdict(list)
    for seller_id, refund_id in refund_keys:
        ids_by_seller[seller_id].append(refund_id)
    for seller_id, ids in ids_by_seller.items():
        rows = Refund.objects.filter(seller_id=seller_id, id__in=ids, look_again_at__lte=now)
        rows.update(look_again_at=now + NOT_BEFORE)
    return refund_keys

"""Put the notices that are due for one person into an e-mail, and note what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.settle_mail import TRIES_WITHOUT_ANSWER
from lostpost.notices.kinds import Reader, Timing
from lostpost.notices.models import Notice, NoticeMail

State = NoticeMail.State


@transaction.atomic(durable=True)
def open_notice_mail(*, user_id: int, shop_id: UUID | None, now: datetime) -> NoticeMail:
    """Return the person's e-mail that is not sent yet, or begin one: there is one at a time, also after a crash."""
    NoticeMail.objects.bulk_create(
        [NoticeMail(user_id=user_id, shop_id=shop_id, created_at=now)], ignore_conflicts=True
    )
    return NoticeMail.objects.get(user_id=user_id, shop_id=shop_id, state=State.QUEUED)


@transaction.atomic(durable=True)
def fill_notice_mail(*, mail: NoticeMail, seller_id: UUID, reader: Reader | None, now: datetime) -> int:
    """Take a shop's notices that are due into an e-mail; those that the person is not to get any more are dropped.

    Args: `reader`: the person as of now; None: no such person is active in the shop, or at the desk. Returns: how many.
    """
    pending = Notice.objects.select_for_update().filter(
        seller_id=seller_id,
        user_id=mail.user_id,
        at_desk=mail.shop_id is None,
        state=Notice.State.PENDING,
        due_at__lte=now,
    )
    wanted = _wanted(reader)
    due = list(pending)  # One that comes meanwhile is due for the next e-mail.
    taken = [notice.id for notice in due if notice.kind in wanted]
    dropped = [notice.id for notice in due if notice.kind not in wanted]
    Notice.objects.filter(seller_id=seller_id, id__in=dropped).update(state=Notice.State.DROPPED)
    return Notice.objects.filter(seller_id=seller_id, id__in=taken, state=Notice.State.PENDING).update(
        state=Notice.State.MAILED, sent_in=mail.id
    )


def drop_unwanted(*, mail: NoticeMail, reader: Reader | None) -> None:
    """Take out of an e-mail that was begun what the person is not to get any more, shop by shop. Safe to repeat."""
    wanted = _wanted(reader)
    unwanted = [(notice.seller_id, notice.id) for notice in notices_of(mail) if notice.kind not in wanted]
    for seller_id in {seller_id for seller_id, _id in unwanted}:
        ids = [notice_id for of_seller, notice_id in unwanted if of_seller == seller_id]
        rows = Notice.objects.filter(seller_id=seller_id, sent_in=mail.id, id__in=ids)
        rows.update(state=Notice.State.DROPPED, sent_in=None)


@transaction.atomic(durable=True)
def drop_empty_mail(*, mail: NoticeMail) -> None:
    """Remove an e-mail that nothing came into."""
    NoticeMail.objects.filter(id=mail.id, state=State.QUEUED).delete()


@transaction.atomic(durable=True)
def settle_notice_mail(*, mail: NoticeMail, now: datetime, problem: str = "") -> None:
    """Note that an e-mail was sent, or with a `problem` that it will not be. Safe to repeat."""
    state = State.FAILED if problem else State.SENT
    NoticeMail.objects.filter(id=mail.id, state=State.QUEUED).update(state=state, problem=problem[:300], settled_at=now)


@transaction.atomic(durable=True)
def count_lost_answer(*, mail: NoticeMail, problem: str, now: datetime) -> int:
    """Count that the mail server may have an e-mail; return how many tries are left, 0 if it is left at that."""
    row = NoticeMail.objects.select_for_update().filter(id=mail.id, state=State.QUEUED).first()
    if row is None:  # Settled meanwhile.
        return 0
    row.answers_lost += 1
    left = max(0, TRIES_WITHOUT_ANSWER - row.answers_lost)
    if not left:
        row.state, row.problem, row.settled_at = State.SENT, problem[:300], now
    row.save(update_fields=["answers_lost", "state", "problem", "settled_at"])
    return left


def _wanted(reader: Reader | None) -> set[str]:
    """Return the kinds that a person is to get; none where there is no such person any more."""
    return {kind.code for kind in reader.kinds if reader.timing(kind) is not Timing.NONE} if reader else set()


def notices_of(mail: NoticeMail) -> Sequence[Notice]:
    """Return what stands in an e-mail, oldest first."""
    with cross_seller("an agent's e-mail is about all shops"):
        rows = Notice.objects.select_related("seller").filter(sent_in=mail.id, state=Notice.State.MAILED)
        return list(rows.order_by("at", "id"))


def sellers_with_due(*, user_id: int, shop_id: UUID | None, now: datetime) -> Sequence[UUID]:
    """Return the shops of which notices are due for a person."""
    if shop_id is not None:
        return [shop_id]
    with cross_seller("of which shops an agent has notices"):
        due = Notice.objects.filter(user_id=user_id, at_desk=True, state=Notice.State.PENDING, due_at__lte=now)
        return list(due.order_by().values_list("seller_id", flat=True).distinct())

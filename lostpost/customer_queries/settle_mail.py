"""Record the outcome of an e-mail: sent, failed, or handed over without an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from lostpost.customer_queries.closing import CLOSING_MAIL
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.states import mark_open, start_clock
from lostpost.customer_queries.timeline import add_entry, lock_query

# Why an e-mail cannot be sent at all, where no mail server was tried.
ADDRESS_WRONG, SMTPUTF8_MISSING = "address-wrong", "smtputf8-missing"

TRIES_WITHOUT_ANSWER = 3


@transaction.atomic(durable=True)
def mark_mail_sent(*, seller_id: UUID, mail_id: UUID, subject: str, body: str, now: datetime) -> bool:
    """Record that the mail server accepted the e-mail, with its text as sent; False if it is not waiting any more."""
    return _settle(seller_id, mail_id, state=Mail.State.SENT, sent_at=now, subject=subject, body=body)


@transaction.atomic(durable=True)
def mark_mail_failed(*, seller_id: UUID, mail_id: UUID, problem: str, now: datetime, code: str = "") -> bool:
    """Record why the customer will not get the e-mail; False if it is not waiting any more.

    A handled query opens again: the seller believes that the customer was informed. And an answer that did not arrive
    is none: the customer waits since they wrote, or if they never did, since now. `problem`: the mail server's own
    words; `code`: why, where we know it.
    """
    mail = Mail.objects.only("kind", "query_id", "about_id", "queued_at").get(seller_id=seller_id, id=mail_id)
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=seller_id, id=mail.query_id)
    query = lock_query(number, seller_id=seller_id)
    problem = " ".join(problem.split())[:500]
    if not _settle(seller_id, mail_id, state=Mail.State.FAILED, problem=problem):
        return False
    _return_to_seller(query, mail, problem=problem, code=code, now=now)
    return True


def note_bounce(query: CustomerQuery, mail_id: UUID, *, problem: str, now: datetime) -> None:
    """Record that an e-mail came back after it was sent, in a locked query; a second report changes nothing.

    What follows is what follows for one that could not be sent.
    """
    problem = " ".join(problem.split())[:500]
    if _report(query, mail_id, Mail.Delivery.BOUNCED, problem=problem, now=now):
        mail = Mail.objects.only("kind", "query_id", "about_id", "queued_at").get(seller_id=query.seller_id, id=mail_id)
        _return_to_seller(query, mail, problem=problem, code="", now=now)


def note_delay(query: CustomerQuery, mail_id: UUID, *, problem: str, now: datetime) -> None:
    """Record that an e-mail is on its way for longer; whatever was reported before stays."""
    _report(query, mail_id, Mail.Delivery.DELAYED, problem=" ".join(problem.split())[:500], now=now)


def note_delivered(query: CustomerQuery, mail_id: UUID, *, now: datetime) -> None:
    """Record that an e-mail arrived, unless it came back."""
    _report(query, mail_id, Mail.Delivery.DELIVERED, problem="", now=now)


def _report(query: CustomerQuery, mail_id: UUID, delivery: Mail.Delivery, *, problem: str, now: datetime) -> bool:
    earlier = {Mail.Delivery.DELAYED: [""], Mail.Delivery.DELIVERED: ["", "delayed"]}
    reported = Mail.objects.filter(seller_id=query.seller_id, id=mail_id, query_id=query.id)
    if delivery in earlier:
        reported = reported.filter(delivery__in=earlier[delivery])
    else:
        reported = reported.exclude(delivery=delivery)
    return reported.update(delivery=delivery, delivery_at=now, problem=problem) == 1


def _return_to_seller(query: CustomerQuery, mail: Mail, *, problem: str, code: str, now: datetime) -> None:
    if mail.kind == "message" and query.unanswered_since is None:
        start_clock(query, since=_last_received_at(query) or now)
    author: dict[str, Any] = {"user": user_id} if (user_id := _author(query, mail)) else {}
    add_entry(query, "mail.failed", now=now, kind=mail.kind, problem=problem, code=code, **author)
    announced = mail.kind == CLOSING_MAIL and query.state == CustomerQuery.State.WAITING_FOR_CUSTOMER
    if query.state == CustomerQuery.State.HANDLED or announced:  # Nothing closes of which the customer does not hear.
        mark_open(query, by=None, now=now)


def _author(query: CustomerQuery, mail: Mail) -> int | None:
    """Return who wrote what an e-mail says, or did what it is about; None: a program, or nobody."""
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, by_user_id__isnull=False)
    about = entries.filter(Q(id=mail.about_id) | Q(kind=mail.kind, at=mail.queued_at))
    return about.values_list("by_user_id", flat=True).first()


def _last_received_at(query: CustomerQuery) -> datetime | None:
    received = TimelineEntry.objects.filter(
        seller_id=query.seller_id, query_id=query.id, kind="message.received"
    ).order_by("-at")
    return received.values_list("at", flat=True).first()


@transaction.atomic(durable=True)
def mark_answer_lost(*, seller_id: UUID, mail_id: UUID, subject: str, body: str, now: datetime) -> int:
    """Record that the mail server has the e-mail and that its answer was lost; return how often it is sent again.

    Whoever has it twice knows it by its Message-ID or not; so it is tried a few times, and not for a day. 0 also where
    it is not waiting any more.
    """
    mail = Mail.objects.only("kind", "query_id").get(seller_id=seller_id, id=mail_id)
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=seller_id, id=mail.query_id)
    query = lock_query(number, seller_id=seller_id)
    waiting = Mail.objects.select_for_update().filter(seller_id=seller_id, id=mail_id, state=Mail.State.QUEUED).first()
    if waiting is None:
        return 0
    lost = waiting.answers_lost + 1
    tries_left = max(0, TRIES_WITHOUT_ANSWER - lost)
    last = {} if tries_left else {"state": Mail.State.HANDED_OVER, "subject": subject, "body": body}
    _settle(seller_id, mail_id, answers_lost=lost, **last)
    add_entry(query, "mail.answer-lost", now=now, kind=waiting.kind, tries_left=tries_left)
    return tries_left


def _settle(seller_id: UUID, mail_id: UUID, **values: object) -> bool:
    """Move a waiting e-mail on; of two that try, one does."""
    waiting = Mail.objects.filter(seller_id=seller_id, id=mail_id, state=Mail.State.QUEUED)
    return waiting.update(**values) == 1

"""The jobs that bring notices to people: look for news, make notices of it, send what is due."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from lostpost.connectors.mail.delivery import Delayed, Undeliverable, deliver_message
from lostpost.connectors.mail.smtp import AnswerLost
from lostpost.connectors.notice_mail.compose import notice_message
from lostpost.core.jobs import Job, defer_unless_waiting
from lostpost.core.ownership import cross_seller
from lostpost.core.queues import MAIL, UPKEEP, WATCH
from lostpost.events.models import EventCounter
from lostpost.jobs.mail import FORGOTTEN, WAITS_SECONDS, MailBackOff, MayHaveArrived
from lostpost.notices.gather_notices import KEPT, delete_old_notices, gather_hand_over, gather_notices
from lostpost.notices.kinds import Reader
from lostpost.notices.models import Notice, NoticeCursor, NoticeMail
from lostpost.notices.queue_notice_mail import (
    count_lost_answer,
    drop_empty_mail,
    drop_unwanted,
    fill_notice_mail,
    notices_of,
    open_notice_mail,
    sellers_with_due,
    settle_notice_mail,
)
from lostpost.notices.readers import reader
from lostpost.partnerservice.assign_request import NOTICE_OF_HAND_OVER

logger = logging.getLogger("lostpost.notices")

LOOK, GATHER, SEND = "notices.look", "notices.gather", "notices.send"
PAGES_MAX = 50  # Of one job: then the next look defers another.


@app.periodic(cron="* * * * * */15")
@app.task(name=LOOK, queue=WATCH, queueing_lock=LOOK)
def look_for_news(timestamp: int) -> None:
    """Look which shops have events of which no notices were made, and for whom notices are due."""
    caught_up = NoticeCursor.objects.filter(seller_id=OuterRef("seller_id"), last__gte=OuterRef("last"))
    with cross_seller("which shops have news, and who is to get some"):
        behind = list(EventCounter.objects.filter(~Exists(caught_up)).values_list("seller_id", flat=True))
        due = Notice.objects.filter(state=Notice.State.PENDING, due_at__lte=timezone.now())
        people = list(due.order_by().values_list("user_id", "at_desk", "seller_id").distinct())
        begun = NoticeMail.objects.filter(state=NoticeMail.State.QUEUED, created_at__lt=timezone.now() - FORGOTTEN)
        mails = set(begun.values_list("user_id", "shop_id"))  # Their job may have been given up, or removed by hand.
    mails |= {(user_id, None if at_desk else seller_id) for user_id, at_desk, seller_id in people}
    jobs = [*map(gather_job, behind), *(send_job(user_id, shop_id) for user_id, shop_id in mails)]
    if jobs:
        defer_unless_waiting(*jobs)


def gather_job(seller_id: UUID) -> Job:
    """Return the job that makes the notices of a shop, one at a time."""
    name = f"notices of {seller_id}"
    return Job(GATHER, WATCH, {"seller": str(seller_id)}, lock=name, waits_once=name)


def send_job(user_id: int, shop_id: UUID | None) -> Job:
    """Return the job that sends a person what is due of a shop, or at the desk; one at a time."""
    name = f"notices to {user_id} of {shop_id or 'the desk'}"
    args = {"user": user_id, "shop": str(shop_id) if shop_id else None}
    return Job(SEND, MAIL, args, lock=name, waits_once=name)


@app.task(name=GATHER, queue=WATCH)
def gather_of_shop(seller: str) -> None:
    """Make notices of a shop's events, page by page. Safe to repeat: notices and place in the feed commit together."""
    for _page in range(PAGES_MAX):
        if not gather_notices(seller_id=UUID(seller), now=timezone.now()):
            return


@app.task(name=NOTICE_OF_HAND_OVER, queue=WATCH, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def hand_over(seller: str, step: str) -> None:
    """Make the notice of a request that was handed to another agent. Safe to repeat: a step is noticed once."""
    gather_hand_over(seller_id=UUID(seller), step_id=UUID(step), now=timezone.now())


@app.task(name=SEND, queue=MAIL, retry=MailBackOff(), pass_context=True)
def send_notices(context: JobContext, user: int, shop: str | None) -> None:
    """Send a person one e-mail with what is due.

    Safe to repeat: an e-mail that was begun is gone on with, and what is in it is in no other. If the worker dies
    between the mail server's answer and our commit, it goes out again with the same Message-ID.
    """
    shop_id = UUID(shop) if shop else None
    person = reader(user, shop_id)
    mail = _filled(user, shop_id, person)
    if mail is None:
        return
    login = User.objects.filter(pk=user, is_active=True).first()
    if person is None or login is None:  # Since it was begun.
        settle_notice_mail(mail=mail, problem="no such person any more", now=timezone.now())
        return
    notices = notices_of(mail)
    try:
        deliver_message(lambda: notice_message(mail, person, notices, user=login), give_up=context.should_abort)
    except Undeliverable as problem:
        _give_up(mail, problem)
    except AnswerLost as problem:
        if left := count_lost_answer(mail=mail, problem=str(problem), now=timezone.now()):
            raise MayHaveArrived(left) from problem
    except Delayed as problem:
        if context.job.attempts < len(WAITS_SECONDS):
            raise
        _give_up(mail, problem)
    else:
        settle_notice_mail(mail=mail, now=timezone.now())
        logger.info("e-mail %s with %d notices sent", mail.id, len(notices))


def _filled(user_id: int, shop_id: UUID | None, person: Reader | None) -> NoticeMail | None:
    """Return the e-mail that was begun, or one with what is due; None if there is nothing to send."""
    now = timezone.now()
    mail = open_notice_mail(user_id=user_id, shop_id=shop_id, now=now)
    drop_unwanted(mail=mail, reader=person)
    if notices_of(mail):
        return mail
    sellers = sellers_with_due(user_id=user_id, shop_id=shop_id, now=now)
    if sum(fill_notice_mail(mail=mail, seller_id=seller_id, reader=person, now=now) for seller_id in sellers):
        return mail
    drop_empty_mail(mail=mail)
    return None


def _give_up(mail: NoticeMail, problem: Exception) -> None:
    logger.error("e-mail %s with notices failed: %s", mail.id, problem)
    settle_notice_mail(mail=mail, problem=str(problem) or type(problem).__name__, now=timezone.now())


@app.periodic(cron="52 3 * * *")
@app.task(name="notices.clear-away", queue=UPKEEP)
def delete_old_notice_mail(timestamp: int) -> None:
    """Delete notices, and e-mails with them, that were settled long ago."""
    delete_old_notices(now=timezone.now())
    old = timezone.now() - KEPT - timedelta(days=1)
    NoticeMail.objects.filter(created_at__lt=old).exclude(state=NoticeMail.State.QUEUED).delete()

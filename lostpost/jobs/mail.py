"""The jobs about e-mail."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import models
from django.utils import timezone
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from lostpost.connectors.mail.delivery import Delayed, Undeliverable, deliver_mail
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.connectors.mail.smtp import AnswerLost
from lostpost.core.jobs import defer_unless_waiting
from lostpost.core.ownership import cross_seller
from lostpost.core.queues import MAIL, UPKEEP
from lostpost.customer_links.links import link_in_mail, without_link
from lostpost.customer_queries.messages import SEND_MAIL, mail_job
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.settle_mail import mark_answer_lost, mark_mail_failed, mark_mail_sent
from lostpost.relay.outgoing import route_of

logger = logging.getLogger("lostpost.mail")

MINUTE, HOUR = 60, 3600
WAITS_SECONDS = (30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, *[HOUR] * 23)  # A day in all.
LOST_ANSWER_WAITS_SECONDS = (6 * HOUR, HOUR)  # By how many tries are left then: the customer may have it by now.
FORGOTTEN = timedelta(minutes=15)


class MayHaveArrived(Exception):
    """The mail server may have the e-mail, but did not confirm it."""

    def __init__(self, tries_left: int) -> None:
        super().__init__("handed over, answer lost")
        self.wait_seconds = LOST_ANSWER_WAITS_SECONDS[tries_left - 1]


class MailBackOff(BaseRetryStrategy):
    """Wait longer from one attempt to the next, for a day in all: time enough to repair whatever failed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again; an error that is not the mail server's is a bug, logged with its traceback."""
        if isinstance(exception, MayHaveArrived):
            logger.warning("e-mail job %s waits %d s: %s", job.id, exception.wait_seconds, exception)
            return RetryDecision(retry_in={"seconds": exception.wait_seconds})
        fault = None if isinstance(exception, Delayed) else exception
        if job.attempts >= len(WAITS_SECONDS):
            logger.error("e-mail job %s is given up: %s", job.id, exception, exc_info=fault)
            return None
        wait_seconds = WAITS_SECONDS[job.attempts]
        logger.warning("e-mail job %s waits %d s: %s", job.id, wait_seconds, exception, exc_info=fault)
        return RetryDecision(retry_in={"seconds": wait_seconds})


@app.task(name=SEND_MAIL, queue=MAIL, retry=MailBackOff(), pass_context=True)
def send_mail(context: JobContext, seller: str, mail: str) -> None:
    """Compose one e-mail, send it to the mail server and store what was sent.

    Safe to repeat: one that was sent is not sent again. If the worker dies between the mail server's answer and our
    commit, or the answer is lost, it goes out again with the same Message-ID, a few times at most.
    """
    queued = mail_to_write(seller_id=UUID(seller), mail_id=UUID(mail))
    if queued.state != Mail.State.QUEUED:
        return
    link = link_in_mail(query=queued.query, now=timezone.now())
    letter = write_letter(queued, link=link)
    content = {"subject": letter.subject, "body": without_link(letter.text, link)}
    try:
        route = route_of(mail=queued, now=timezone.now())
        deliver_mail(queued, letter, give_up=context.should_abort, route=route)
    except Undeliverable as problem:
        _give_up(queued, problem, code=problem.code)
    except AnswerLost as problem:
        logger.warning("e-mail %s was handed over, and the answer lost: %s", queued.id, problem)
        tries_left = mark_answer_lost(seller_id=queued.seller_id, mail_id=queued.id, now=timezone.now(), **content)
        if tries_left:
            raise MayHaveArrived(tries_left) from problem
    except Delayed as problem:
        if context.job.attempts < len(WAITS_SECONDS):
            raise
        _give_up(queued, problem)
    else:
        mark_mail_sent(seller_id=queued.seller_id, mail_id=queued.id, now=timezone.now(), **content)
        logger.info("e-mail %s sent", queued.id)


def _give_up(mail: Mail, problem: Exception, *, code: str = "") -> None:
    logger.error("e-mail %s failed: %s", mail.id, problem)
    mark_mail_failed(seller_id=mail.seller_id, mail_id=mail.id, problem=str(problem), now=timezone.now(), code=code)


@app.periodic(cron="*/10 * * * *")
@app.task(name="mail.promise-forgotten", queue=UPKEEP, queueing_lock="mail.promise-forgotten")
def defer_forgotten_mail(timestamp: int) -> None:
    """Defer a job for e-mail that has waited for long without one.

    Job and e-mail are committed together and a dead worker's jobs are retried, so there should be none; but a job may
    have been removed by hand, or failed by a bug that is fixed now.
    """
    before = timezone.now() - FORGOTTEN
    with cross_seller("which shops have e-mail that has waited for long"):
        queued = Mail.objects.filter(state=Mail.State.QUEUED, queued_at__lt=before)
        sellers = list(queued.order_by().values_list("seller_id", flat=True).distinct())
    for seller_id in sellers:
        _defer_forgotten_of(seller_id, queued=queued.filter(seller_id=seller_id))


def _defer_forgotten_of(seller_id: UUID, *, queued: models.QuerySet[Mail]) -> None:
    jobs = ProcrastinateJob.objects.filter(
        task_name=SEND_MAIL, status__in=["todo", "doing"], args__seller=str(seller_id)
    )
    deferred = {job["mail"] for job in jobs.values_list("args", flat=True)}
    if forgotten := [mail for mail in queued if str(mail.id) not in deferred]:
        logger.warning("%d e-mails had no job; promised again", len(forgotten), extra={"seller": str(seller_id)})
        defer_unless_waiting(*map(mail_job, forgotten))

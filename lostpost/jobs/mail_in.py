"""The jobs about e-mail that came in."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.accounts.models import Seller
from lostpost.core.jobs import defer_unless_waiting
from lostpost.core.ownership import cross_seller
from lostpost.core.queues import MAIL_IN, UPKEEP
from lostpost.jobs.batches import ItemByItem
from lostpost.relay.file_mail import file_mail
from lostpost.relay.forget_mail import forget_mail
from lostpost.relay.models import IncomingMail
from lostpost.relay.parse_apart import parse_apart
from lostpost.relay.parsing.limits import MailUnreadable
from lostpost.relay.parsing.parse import ParsedMail
from lostpost.relay.receive_mail import FILE_MAIL, filing_job
from lostpost.relay.received_files import ReceivedFile, check_received_files

logger = logging.getLogger("lostpost.mail_in")

TRIES = RetryStrategy(max_attempts=6, exponential_wait=4)
FORGOTTEN = timedelta(minutes=15)
MOST_AT_ONCE = 500


@app.task(name=FILE_MAIL, queue=MAIL_IN, retry=TRIES)
def file_incoming_mail(seller: str, incoming: str) -> None:
    """Read one e-mail in a process of its own and file it. Safe to repeat: what was settled stays so."""
    row = IncomingMail.objects.get(seller_id=UUID(seller), id=UUID(incoming))
    if row.state != IncomingMail.State.RECEIVED:
        return
    mail: ParsedMail | None = None
    files: list[ReceivedFile] = []
    problem = ""
    try:
        mail = parse_apart(bytes(row.raw or b""), null_sender=not row.envelope_sender)
        files = check_received_files(mail)
    except MailUnreadable as error:
        problem = str(error)[:40]
    about = {"seller_id": row.seller_id, "incoming_id": row.id}
    state = file_mail(**about, mail=mail, files=files, problem=problem, now=timezone.now())
    log = logger.info if state == IncomingMail.State.FILED else logger.warning
    log("incoming e-mail %s is %s%s", row.id, state, f": {problem}" if problem else "")


@app.periodic(cron="*/10 * * * *")
@app.task(name="mail-in.forgotten", queue=UPKEEP, queueing_lock="mail-in.forgotten")
def file_forgotten_mail(timestamp: int) -> None:
    """Defer a job for e-mail that has waited for long: its job may have failed by a bug that is fixed now."""
    before = timezone.now() - FORGOTTEN
    with cross_seller("which incoming e-mail has waited for long"):
        waiting = IncomingMail.objects.filter(state=IncomingMail.State.RECEIVED, received_at__lt=before)
        ids = list(waiting.order_by("received_at").values_list("seller_id", "id")[:MOST_AT_ONCE])
    if ids:
        logger.warning("%d e-mails that came in wait to be filed", len(ids))
        defer_unless_waiting(*(filing_job(seller_id, incoming_id) for seller_id, incoming_id in ids))


@app.periodic(cron="57 3 * * *")
@app.task(name="mail-in.forget", queue=UPKEEP, queueing_lock="mail-in.forget")
def forget_old_mail(timestamp: int) -> None:
    """Delete what came in as it came, once its time is over, one shop after the other."""
    now = timezone.now()
    with ItemByItem() as batch:
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True):
            with batch.item(f"forgetting the e-mail of shop {seller_id}"):
                forget_mail(seller_id=seller_id, now=now)

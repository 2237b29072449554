"""Messages to the customer of a query, by e-mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import MAIL
from lostpost.core.text import is_blank, is_storable
from lostpost.customer_queries.answer_times import count_answer
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.customer_queries.states import note_last_message
from lostpost.customer_queries.timeline import LONGEST_TEXT, add_entry

SEND_MAIL = "mail.send"  # The job's name; its handler stands where the outside world begins.


class MessageRefused(Rejected):
    """The message is empty or too long."""

    code = "message-refused"


def require_message(text: str) -> str:
    """Return the message without the space around it. Raises MessageRefused if nothing or too much is left."""
    text = text.strip()
    if is_blank(text):
        raise MessageRefused(_("Write a message: the customer gets it by e-mail."))
    if len(text) > LONGEST_TEXT:
        raise MessageRefused(
            _("The message has %(n)d characters; %(most)d fit. Shorten it.") % {"n": len(text), "most": LONGEST_TEXT}
        )
    if not is_storable(text):
        raise MessageRefused(_("The message holds a character that no e-mail can carry. Type it again."))
    return text


def send_message(query: CustomerQuery, text: str, *, by: Actor, now: datetime) -> Mail:
    """Add a message to the timeline and queue its e-mail, both in the caller's transaction."""
    entry = add_entry(query, "message.sent", now=now, by=by, text=text)
    note_last_message(query, entry)
    count_answer(query, now=now)
    return queue_mail(query, kind="message", about_id=entry.id, now=now)


def queue_mail(query: CustomerQuery, *, kind: str, about_id: UUID, now: datetime) -> Mail:
    """Queue an e-mail to the customer, in the caller's transaction; the job that sends it writes the words."""
    mail = Mail(
        seller_id=query.seller_id,
        query_id=query.id,
        kind=kind,
        about_id=about_id,
        to=query.order.customer_email,
        language=query.order.customer_language,
        queued_at=now,
    )
    mail.save(force_insert=True)
    defer(mail_job(mail))
    return mail


def cancel_queued_mail(*, seller_id: UUID, about_id: UUID) -> None:
    """Leave e-mails unsent that have not gone out, as what they ask is over; one that is being sent may still go."""
    queued = Mail.objects.filter(seller_id=seller_id, about_id=about_id, state=Mail.State.QUEUED)
    queued.update(state=Mail.State.FAILED, problem=_("It was not needed any more."))


def mail_job(mail: Mail) -> Job:
    """Return the job that sends this e-mail."""
    return send_mail_job(seller_id=mail.seller_id, mail_id=mail.id)


def send_mail_job(*, seller_id: UUID, mail_id: UUID) -> Job:
    """Return the job that sends an e-mail, which waits once."""
    return Job(SEND_MAIL, MAIL, {"seller": str(seller_id), "mail": str(mail_id)}, waits_once=f"mail {mail_id}")

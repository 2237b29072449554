"""Send an e-mail again that came back, or could not be sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Conflict, NotFound
from lostpost.core.jobs import defer_unless_waiting
from lostpost.customer_queries.messages import mail_job
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.states import require_open, stop_clock
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.declarations.ask_for_declaration import ASKED_MAIL
from lostpost.declarations.reads import declaration_of
from lostpost.relay.models import RelayAddress


@transaction.atomic(durable=True)
def send_mail_again(*, number: str, mail_id: UUID, by: Actor, now: datetime) -> Mail:
    """Queue an e-mail once more, to the address that the order has now; of two that press at once, one sends.

    Reports about the first sending do not reach it any more. An answer that is sent again is one, unless the customer
    wrote meanwhile.

    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NotFound, Conflict if it is on its way.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    require_open(query, now=now)
    rows = Mail.objects.filter(seller_id=by.seller_id, query_id=query.id, id=mail_id)
    mail = rows.first()
    if mail is None:
        raise NotFound(_("There is no such e-mail."))
    if not mail.may_be_sent_again or (mail.kind == ASKED_MAIL and not declaration_of(mail).is_open):
        raise Conflict(_("This e-mail is on its way, has arrived, or asks for something that has to be asked again."))
    rows.update(
        state=Mail.State.QUEUED,
        to=query.order.customer_email,
        queued_at=now,
        sent_at=None,
        problem="",
        answers_lost=0,
        delivery="",
        delivery_at=None,
    )
    RelayAddress.objects.filter(seller_id=by.seller_id, mail_id=mail.id, ended_at=None).update(ended_at=now)
    add_entry(query, "mail.sent-again", now=now, by=by, kind=mail.kind)
    if mail.kind == "message" and query.last_message_id == mail.about_id:
        stop_clock(query, now=now)
    defer_unless_waiting(mail_job(mail))
    return mail

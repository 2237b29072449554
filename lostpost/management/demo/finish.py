"""What is left to do once a plan was played: its e-mails recorded as sent, and credit notes issued."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from lostpost.accounts.models import Seller
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.core.sql import execute
from lostpost.customer_queries.messages import SEND_MAIL
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.settle_mail import mark_mail_sent
from lostpost.invoicing.issue_credit_note import CREDIT_ORDER, SellerWithoutVatNumber
from lostpost.invoicing.models import CreditNote
from lostpost.restorations.invoice_paid_again import invoice_paid_again, restorations_to_invoice
from lostpost.writeoffs.credit_customer import CREDIT_CUSTOMER, credit_customer
from lostpost.writeoffs.models import WriteOff

POSTED = timedelta(seconds=20)  # From queueing an e-mail to the mail server.


def record_mail_as_sent(seller: Seller) -> None:
    """Compose every queued e-mail and record it as sent at its time, without sending anything.

    Its customers are made up and its time is past; its jobs are deleted.
    """
    for mail_id, queued_at in Mail.objects.filter(seller_id=seller.id, state=Mail.State.QUEUED).values_list(
        "id", "queued_at"
    ):
        letter = write_letter(mail_to_write(seller_id=seller.id, mail_id=mail_id))
        mark_mail_sent(
            seller_id=seller.id, mail_id=mail_id, subject=letter.subject, body=letter.text, now=queued_at + POSTED
        )
    forget_waiting_jobs(seller, SEND_MAIL)


def credit_customers_abroad(seller: Seller) -> None:
    """Issue what customers who got an invoice are due, at its time; so the jobs go.

    A shop without a VAT number issues no credit note with VAT: they wait, as its page says.
    """
    credited = WriteOff.objects.filter(seller_id=seller.id, order__customer_invoice__isnull=False)
    due: list[tuple[datetime, Callable[..., CreditNote]]] = [
        (confirmed_at, partial(credit_customer, write_off_id=write_off_id))
        for write_off_id, confirmed_at in credited.values_list("id", "confirmed_at")
    ]
    orders = credited.values_list("order_id", flat=True).distinct()
    for received_at, restoration_id in (
        it for order_id in orders for it in restorations_to_invoice(seller.id, order_id)
    ):
        due.append((received_at, partial(invoice_paid_again, restoration_id=restoration_id)))
    for at, issue in sorted(due, key=itemgetter(0)):
        with suppress(SellerWithoutVatNumber):
            issue(seller_id=seller.id, now=at + POSTED)
    forget_waiting_jobs(seller, CREDIT_CUSTOMER)
    forget_waiting_jobs(seller, CREDIT_ORDER)


def forget_waiting_jobs(seller: Seller, task: str) -> None:
    """Delete the jobs of a task that wait: what they would do is done."""
    execute(
        "DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' AND args->>'seller' = %s",
        (task, str(seller.id)),
    )

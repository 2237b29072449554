"""Record that a sales invoice was paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.text import trimmed
from lostpost.events.record import record_events
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.reads import invoice_of
from lostpost.ledger.models import Kind
from lostpost.ledger.post_transfers import Posting, post_transfers

State = SalesInvoice.State


class InvoiceSettled(Conflict):
    """Nothing is to be paid on this invoice any more."""

    code = "invoice-settled"


@transaction.atomic(durable=True)
def mark_invoice_paid(*, seller_id: UUID, number: str, reference: str, by: Actor, now: datetime) -> SalesInvoice:
    """Record that the seller has the money, or has paid a debt, with the bank's reference, and book it.

    The same reference again changes nothing. Raises: InvoiceNotFound, InvoiceSettled, Rejected without a reference.
    """
    reference = " ".join(trimmed(reference).split())
    if not 1 <= len(reference) <= 200:
        raise Rejected(_("Write down the reference of the payment, up to 200 characters."))
    invoice = invoice_of(seller_id, number, lock=True)
    if invoice.state == State.PAID and invoice.reference == reference:
        return invoice
    if State.PAID not in SalesInvoice.MOVES[State(invoice.state)]:
        raise InvoiceSettled(_settled_sentence(invoice))
    paid = {"state": State.PAID, "paid_at": now, "reference": reference, "paid_by_name": by.name}
    for name, value in paid.items():
        setattr(invoice, name, value)
    SalesInvoice.objects.filter(seller_id=seller_id, id=invoice.id).update(**paid)
    kind = Kind.PAID_OUT if invoice.payable_minor < 0 else Kind.DEBT_PAID
    post_transfers(
        [Posting(kind, invoice.id, abs(invoice.payable_minor))],
        seller_id=seller_id,
        currency=invoice.currency,
        now=now,
    )
    data = {
        "number": invoice.number,
        "currency": invoice.currency,
        "payable_minor": invoice.payable_minor,
        "reference": reference,
    }
    record_events(seller_id, [("invoice.paid", data)], now)  # The last lock.
    return invoice


def _settled_sentence(invoice: SalesInvoice) -> str:
    values = {"number": invoice.number}
    if invoice.carried_to_id:
        invoices = SalesInvoice.objects.values_list("number", flat=True)
        values["to"] = invoices.get(seller_id=invoice.seller_id, id=invoice.carried_to_id)
        if invoice.payable_minor < 0:
            return (
                _("Sales invoice %(number)s was set off with %(to)s, as the seller owed us; it is not paid.") % values
            )
        return _("The debt of sales invoice %(number)s was carried over; it is paid with %(to)s.") % values
    if invoice.state == State.SETTLED:
        return _("On sales invoice %(number)s there is nothing to pay.") % values
    return _("Sales invoice %(number)s is paid already, with another reference.") % values

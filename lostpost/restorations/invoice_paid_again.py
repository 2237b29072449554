"""Issue the invoice over what a customer paid again: the counter-document of the credit note."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.invoicing.issue_credit_note import NoInvoiceToCredit, PaidAgain, issue_invoice_paid_again
from lostpost.invoicing.models import CreditNote
from lostpost.restorations.models import Restoration, RestorationLine


def invoice_paid_again(*, seller_id: UUID, restoration_id: UUID, now: datetime) -> CreditNote:
    """Issue the invoice over a restoration that is paid; safe to repeat. It comes to what was paid, to the cent.

    Consideration that is received after all makes VAT due again (Dutch VAT Act, art. 29(5)).
    Raises: NoInvoiceToCredit where the customer has no credit note of the write-off; SellerWithoutVatNumber.
    """
    restoration = Restoration.objects.get(seller_id=seller_id, id=restoration_id, state=Restoration.State.RECEIVED)
    note = CreditNote.objects.filter(seller_id=seller_id, write_off_id=restoration.write_off_id).first()
    if note is None or not restoration.amount_minor:
        raise NoInvoiceToCredit(
            _("No credit note is taken back by restoration %(number)s.") % {"number": restoration.number}
        )
    lines = RestorationLine.objects.filter(seller_id=seller_id, restoration_id=restoration_id)
    paid = [
        PaidAgain(line.write_off_line.order_item.item, line.quantity, line.refund_minor)
        for line in lines.select_related("write_off_line__order_item").order_by("id")
    ]
    if restoration.delivery_minor:
        paid.append(PaidAgain("", 1, restoration.delivery_minor))
    assert restoration.received_at
    return issue_invoice_paid_again(
        seller_id=seller_id,
        credit_note_id=note.id,
        restoration_id=restoration_id,
        paid=paid,
        happened_at=restoration.received_at,
        now=now,
    )


def restorations_to_invoice(seller_id: UUID, order_id: UUID) -> list[tuple[datetime, UUID]]:
    """Return the paid restorations of an order without an invoice, and when each was paid."""
    rows = Restoration.objects.filter(
        seller_id=seller_id, order_id=order_id, state=Restoration.State.RECEIVED, invoices__isnull=True
    )
    return [(at, row_id) for at, row_id in rows.values_list("received_at", "id") if at]

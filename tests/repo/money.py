"""A shop's money with one of everything that has a number: a refund, a restoration, a credit note and an invoice."""

from __future__ import annotations

from datetime import datetime, timedelta

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.policy import current_policy
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.periods import period_on
from lostpost.orders.models import Order, OrderItem
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.models import Restoration
from lostpost.restorations.restore_payment import restore_payment
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import all_of, silent_parcel
from tests.invoicing.rates import rates_known


def a_found_parcel(
    member: Actor, *, now: datetime, reference: str = "", customer_name: str = "Klaas Vaak"
) -> Restoration:
    """Write off, refund and credit what was lost; it was found, and the customer pays again (or agreed to)."""
    query = silent_parcel(member, quiet_days=9, now=now, customer_name=customer_name)
    Order.objects.filter(id=query.order_id).update(customer_invoice={"number": "2026-42", "issued_on": "2026-02-07"})
    OrderItem.objects.filter(order_id=query.order_id).update(vat_rate_bp=2100)
    result = write_off(query=query.number, selection=all_of(query), by=member, key=f"found-{query.number}", now=now)
    credit_customer(seller_id=result.seller_id, write_off_id=result.id, now=now)
    pia = Actor("Pia", ActorRole.FINANCE, user_id=0)
    mark_refund_paid(seller_id=result.seller_id, number=result.number, reference="BANK-1", by=pia, now=now)
    restored = restore_payment(
        seller_id=result.seller_id,
        write_off=result.number,
        selection=[],
        consent="I have it after all.",
        consented_at=now,
        reference=reference,
        by=pia,
        key=f"restore-{result.number}",
        now=now,
    )
    restoration: Restoration = Restoration.objects.get(id=restored.id, seller_id=result.seller_id)
    return restoration


def invoices_until(member: Actor, *, now: datetime, currency: str = "EUR", days: int = 40) -> list[SalesInvoice]:
    """Issue the invoices of the month that holds the day so long ago, and of those until the one that runs now."""
    zone = current_policy().zone
    day = (now - timedelta(days=days)).astimezone(zone).date()
    invoices = []
    while day <= now.astimezone(zone).date():
        period = period_on(day, "monthly", zone)
        later = period.ends_at + timedelta(hours=4)
        rates_known(later)
        invoice = issue_invoice(seller=member.seller, period=period, currency=currency, now=later)
        invoices += [invoice] if invoice else []
        day = period.to_on + timedelta(days=1)
    return invoices


def numbers_of(member: Actor, restored: Restoration, invoice: SalesInvoice) -> dict[str, str]:
    """Say what has which number, by the address that names it."""
    write_off_row = WriteOff.objects.get(seller_id=member.seller_id, id=restored.write_off_id)
    note = write_off_row.credit_notes.get()
    return {
        "desk:restoration": restored.number,
        "desk:invoice": invoice.number,
        "portal:invoice": invoice.number,
        "portal:invoice-file": invoice.number,
        "portal:credit-note-file": note.number,
    }

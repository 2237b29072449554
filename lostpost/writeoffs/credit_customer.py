"""Credit a customer who got an invoice for what was written off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lostpost.invoicing.issue_credit_note import Credited, NoInvoiceToCredit, issue_credit_note
from lostpost.invoicing.models import CreditNote
from lostpost.orders.models import OrderItem
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import WriteOffNotFound

CREDIT_CUSTOMER = "credit-note.issue"


def credit_customer(*, seller_id: UUID, write_off_id: UUID, now: datetime) -> CreditNote:
    """Issue the credit note of a write-off; safe to repeat. It comes to what the customer is refunded, to the cent.

    Delivery costs bear the rate of the goods that were paid most for. Units that were found and paid again are on the
    invoice for that payment, which others make: lost once more, they are not credited from the first one a second time.
    Raises: WriteOffNotFound, NoInvoiceToCredit.
    """
    made = WriteOff.objects.filter(seller_id=seller_id, id=write_off_id).first()
    if made is None:
        raise WriteOffNotFound(_("There is no such write-off in this shop."))
    lines = WriteOffLine.objects.filter(seller_id=seller_id, write_off_id=made.id).select_related("order_item")
    _require_on_the_invoice(made, lines)
    credited = [
        Credited(
            item=line.order_item.item,
            sku=line.order_item.sku,
            title=line.order_item.title,
            quantity=line.quantity,
            gross_minor=line.refund_minor,
            vat_rate_bp=line.order_item.vat_rate_bp or 0,
        )
        for line in lines.order_by("id")
    ]
    if made.delivery_refund_minor:
        credited.append(Credited("", "", "", 1, made.delivery_refund_minor, _main_rate_bp(made)))
    return issue_credit_note(
        seller_id=seller_id, order_id=made.order_id, write_off_id=made.id, credited=credited, now=now
    )


def _require_on_the_invoice(made: WriteOff, lines: Iterable[WriteOffLine]) -> None:
    """Refuse more units, or delivery costs once more, than the customer's invoice has. Raises: NoInvoiceToCredit."""
    earlier = WriteOff.objects.filter(seller_id=made.seller_id, order_id=made.order_id).exclude(id=made.id)
    earlier = earlier.filter(Q(confirmed_at__lt=made.confirmed_at) | Q(confirmed_at=made.confirmed_at, id__lt=made.id))
    before = list(earlier.values_list("id", "delivery_refund_minor"))
    units = Counter[UUID]()
    for line in WriteOffLine.objects.filter(seller_id=made.seller_id, write_off_id__in=[row[0] for row in before]):
        units[line.order_item_id] += line.quantity
    for line in lines:
        units[line.order_item_id] += line.quantity
    too_many = any(units[line.order_item_id] > line.order_item.quantity for line in lines)
    if too_many or (made.delivery_refund_minor and any(delivery for _id, delivery in before)):
        raise NoInvoiceToCredit(
            _(
                "Write-off %(number)s is about units that were found and paid again. The customer's invoice was "
                "credited for them before; credit the invoice that was made for the second payment."
            )
            % {"number": made.number}
        )


def _main_rate_bp(made: WriteOff) -> int:
    items = OrderItem.objects.filter(seller_id=made.seller_id, order_id=made.order_id)
    main = items.order_by("-paid_minor", "item").first()
    return (main.vat_rate_bp if main else None) or 0

"""Issue the customer's credit note for a write-off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lostpost.invoicing.issue_credit_note import Credited, NoInvoiceToCredit, issue_credit_note
from lostpost.invoicing.models import CreditNote, CreditNoteLine
from lostpost.orders.reads import main_vat_rate_bp
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import WriteOffNotFound

CREDIT_CUSTOMER = "credit-note.issue"


def credit_customer(*, seller_id: UUID, write_off_id: UUID, now: datetime) -> CreditNote:
    """Issue the credit note of a write-off; safe to repeat. It comes to what the customer is refunded, to the cent.

    Delivery costs bear the rate of the goods that were paid most for. Units that were paid again are on the invoice for
    that payment: written off once more, they are credited from it, and not from the first invoice a second time.
    Raises: WriteOffNotFound, NoInvoiceToCredit, SellerWithoutVatNumber.
    """
    write_off = WriteOff.objects.filter(seller_id=seller_id, id=write_off_id).first()
    if write_off is None:
        raise WriteOffNotFound(_("There is no such write-off in this shop."))
    lines = WriteOffLine.objects.filter(seller_id=seller_id, write_off_id=write_off.id).select_related(
        "order_item", "parcel_unit__parcel"
    )
    amends_number = _lost_again_of(write_off, lines)
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
    if write_off.delivery_refund_minor:
        rate_bp = main_vat_rate_bp(seller_id=seller_id, order_id=write_off.order_id)
        credited.append(Credited("", "", "", 1, write_off.delivery_refund_minor, rate_bp))
    return issue_credit_note(
        seller_id=seller_id,
        order_id=write_off.order_id,
        write_off_id=write_off.id,
        credited=credited,
        amends_number=amends_number,
        happened_at=write_off.confirmed_at,
        supplied_at=max((line.parcel_unit.parcel.shipped_at for line in lines), default=None),
        now=now,
    )


def write_offs_to_credit(seller_id: UUID, order_id: UUID) -> list[tuple[datetime, UUID]]:
    """Return the write-offs of an order without a credit note, and when each was confirmed."""
    credited = CreditNote.objects.filter(seller_id=seller_id, order_id=order_id, write_off_id__isnull=False)
    rows = WriteOff.objects.filter(seller_id=seller_id, order_id=order_id)
    rows = rows.exclude(id__in=list(credited.values_list("write_off_id", flat=True)))
    return list(rows.order_by("confirmed_at", "id").values_list("confirmed_at", "id"))


def _lost_again_of(write_off: WriteOff, lines: Iterable[WriteOffLine]) -> str:
    """Return the number of the invoice over what was paid again, where units or delivery costs of it are lost again.

    Empty where all of it stands on the customer's first invoice. Raises: NoInvoiceToCredit for more than was invoiced.
    """
    earlier = WriteOff.objects.filter(seller_id=write_off.seller_id, order_id=write_off.order_id).exclude(
        id=write_off.id
    )
    earlier = earlier.filter(
        Q(confirmed_at__lt=write_off.confirmed_at) | Q(confirmed_at=write_off.confirmed_at, id__lt=write_off.id)
    )
    before = list(earlier.values_list("id", "delivery_refund_minor"))
    units, again = Counter[str](), Counter[str]()
    for line in WriteOffLine.objects.filter(
        seller_id=write_off.seller_id, write_off_id__in=[row[0] for row in before]
    ).select_related("order_item"):
        units[line.order_item.item] += line.quantity
    for line in lines:
        units[line.order_item.item] += line.quantity
    most = {line.order_item.item: line.order_item.quantity for line in lines}
    if write_off.delivery_refund_minor:
        units[""], most[""] = 1 + sum(1 for _id, delivery in before if delivery), 1
    if all(units[item] <= most[item] for item in most):
        return ""
    invoices = CreditNote.objects.filter(
        seller_id=write_off.seller_id, order_id=write_off.order_id, restoration_id__isnull=False
    )
    numbers = dict(invoices.order_by("-issued_at", "-id").values_list("id", "number"))
    for paid in CreditNoteLine.objects.filter(seller_id=write_off.seller_id, credit_note_id__in=list(numbers)):
        again[paid.item] += paid.quantity
    if any(units[item] - again[item] > most[item] for item in most):
        raise NoInvoiceToCredit(
            _(
                "Write-off %(number)s is about units that were found and paid again. The customer's invoice was "
                "credited for them before, and there is no invoice over the second payment yet."
            )
            % {"number": write_off.number}
        )
    return next(iter(numbers.values()))

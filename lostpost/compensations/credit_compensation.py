"""Issue the customer's credit note for a compensation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lostpost.compensations.models import Compensation
from lostpost.invoicing.issue_credit_note import Credited, issue_credit_note
from lostpost.invoicing.models import CreditNote
from lostpost.orders.reads import main_vat_rate_bp
from lostpost.writeoffs.models import WriteOff


def credit_compensation(*, seller_id: UUID, compensation_id: UUID, now: datetime) -> CreditNote:
    """Issue the credit note of a compensation; safe to repeat. It takes back a part of the price, and no unit.

    Delivery costs bear the rate of the goods that were paid most for. Raises: NoInvoiceToCredit,
    SellerWithoutVatNumber.
    """
    compensation = Compensation.objects.select_related("order_item", "parcel_unit__parcel").get(
        seller_id=seller_id, id=compensation_id
    )
    item = compensation.order_item
    credited = []
    if compensation.items_minor:
        credited.append(Credited(item.item, item.sku, item.title, 1, compensation.items_minor, item.vat_rate_bp or 0))
    if compensation.delivery_minor:
        rate_bp = main_vat_rate_bp(seller_id=seller_id, order_id=compensation.order_id)
        credited.append(Credited("", "", "", 1, compensation.delivery_minor, rate_bp))
    return issue_credit_note(
        seller_id=seller_id,
        order_id=compensation.order_id,
        compensation_id=compensation.id,
        credited=credited,
        happened_at=compensation.granted_at,
        supplied_at=compensation.parcel_unit.parcel.shipped_at,
        now=now,
    )


def compensations_to_credit(seller_id: UUID, order_id: UUID) -> list[tuple[datetime, UUID]]:
    """Return the compensations of an order without a credit note, and when each was granted."""
    credited = CreditNote.objects.filter(seller_id=seller_id, order_id=order_id, compensation_id__isnull=False)
    rows = Compensation.objects.filter(seller_id=seller_id, order_id=order_id)
    rows = rows.exclude(id__in=list(credited.values_list("compensation_id", flat=True)))
    return list(rows.order_by("granted_at", "id").values_list("granted_at", "id"))


def orders_to_credit(seller_id: UUID) -> set[UUID]:
    """Return the orders of invoiced customers of which a write-off or a compensation has no credit note."""
    own = {"seller_id": seller_id, "order__customer_invoice__isnull": False, "credit_notes__isnull": True}
    orders = WriteOff.objects.filter(**own).values_list("order_id", flat=True)
    return {*orders, *Compensation.objects.filter(**own).values_list("order_id", flat=True)}

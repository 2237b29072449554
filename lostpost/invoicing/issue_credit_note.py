"""Take back, on the seller's behalf, what an invoice to a customer says of units that were lost or compensated.

A credit note is owed exactly where the customer got an invoice: business customers, sales across a border, and on
request; for other sales the seller's own correction is enough (VAT Directive art. 219 and 226: a document that changes
an invoice refers to it and says what changes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Rejected
from lostpost.core.money import net_of_gross
from lostpost.events.record import record_events
from lostpost.invoicing.content_hash import content_hash
from lostpost.invoicing.models import CreditNote, CreditNoteLine
from lostpost.invoicing.numbers import Series, lock_series, next_number
from lostpost.invoicing.parties import customer_party, seller_party
from lostpost.invoicing.vat_of_goods import GoodsForVat
from lostpost.orders.errors import OrderNotFound
from lostpost.orders.models import Order

CREDIT_ORDER = "credit-note.of-order"  # The job's name: of what was refunded before the customer's invoice was known.


class NoInvoiceToCredit(Rejected):
    """The customer has no invoice from the seller, so there is nothing to take back."""

    code = "no-invoice-to-credit"


class SellerWithoutVatNumber(Rejected):
    """The shop has no VAT number, so no document of it names VAT; the document waits for the number."""

    code = "seller-without-vat-number"


@dataclass(frozen=True, slots=True)
class Credited:
    """Units of one item, or the delivery costs (no item), with what the customer gets back for them, VAT included."""

    item: str
    sku: str
    title: str
    quantity: int
    gross_minor: int
    vat_rate_bp: int


@transaction.atomic(durable=True)
def issue_credit_note(
    *,
    seller_id: UUID,
    order_id: UUID,
    write_off_id: UUID | None = None,
    compensation_id: UUID | None = None,
    credited: Sequence[Credited],
    happened_at: datetime,
    supplied_at: datetime | None,
    now: datetime,
) -> CreditNote:
    """Issue the credit note of a write-off or of a compensation, once: a repeat returns the existing one.

    Args: `happened_at`: when that was decided; the note is dated that day, or the invoice's if that is later.
    `supplied_at`: when the last of these units was handed over to the carrier.
    Raises: OrderNotFound, NoInvoiceToCredit, SellerWithoutVatNumber.
    """
    seller = Seller.objects.get(id=seller_id)
    order = Order.objects.filter(seller_id=seller_id, id=order_id).first()
    if order is None:
        raise OrderNotFound(_("There is no such order in this shop."))
    if not order.customer_invoice:
        raise NoInvoiceToCredit(
            _("The customer of order %(number)s has no invoice, so none is credited.") % {"number": order.number}
        )
    if not any(each.gross_minor for each in credited):
        raise NoInvoiceToCredit(_("Nothing was paid for these units, so nothing is credited."))
    goods = _goods(seller, order)
    if not seller.legal.get("vat_number") and goods.needs_number(each.vat_rate_bp for each in credited):
        raise SellerWithoutVatNumber(
            _("%(seller)s has no VAT number, so no credit note of it names VAT. Put the number into its legal data.")
            % {"seller": seller.name}
        )
    lock_series(seller, Series.CREDIT_NOTE)  # Held until commit: two asking at once issue one.
    of = {"write_off_id": write_off_id, "compensation_id": compensation_id}
    if earlier := CreditNote.objects.filter(seller_id=seller_id, **of).first():
        return earlier
    invoice_issued_on = date.fromisoformat(order.customer_invoice["issued_on"])
    zone = current_policy().zone
    happened_on = happened_at.astimezone(zone).date()
    note = CreditNote(
        seller_id=seller_id,
        number=next_number(seller, Series.CREDIT_NOTE),
        **of,
        order_id=order.id,
        invoice_number=order.customer_invoice["number"],
        invoice_issued_on=invoice_issued_on,
        currency=order.currency,
        issued_on=max(happened_on, invoice_issued_on),  # Nothing is credited before it was invoiced.
        issued_at=now,
        supplied_on=supplied_at.astimezone(zone).date() if supplied_at else None,
        delivered_to=goods.delivered_to,
        supplier=goods.supplier,
        customer=goods.customer,
    )
    nets = _nets(credited, _credited_before(order))
    lines = [_line(note, place, goods, *each) for place, each in enumerate(zip(credited, nets, strict=True), 1)]
    note.net_minor = sum(line.net_minor for line in lines)
    note.vat_minor = sum(line.vat_minor for line in lines)
    note.total_minor = note.net_minor + note.vat_minor
    note.save(force_insert=True)
    CreditNoteLine.objects.bulk_create(lines)
    record_events(seller_id, [("credit-note.issued", _event_data(note, lines, order))], now)
    return note


def _credited_before(order: Order) -> dict[tuple[str, int], tuple[int, int]]:
    """Return what earlier credit notes of the order come to, VAT included and excluded, by item and rate."""
    notes = CreditNote.objects.filter(seller_id=order.seller_id, order_id=order.id)
    lines = CreditNoteLine.objects.filter(
        seller_id=order.seller_id, credit_note_id__in=list(notes.values_list("id", flat=True))
    )
    sums = lines.values_list("item", "vat_rate_bp").annotate(net=Sum("net_minor"), vat=Sum("vat_minor"))
    return {(item, rate_bp): (net + vat, net) for item, rate_bp, net, vat in sums.order_by()}


def _nets(credited: Sequence[Credited], before: Mapping[tuple[str, int], tuple[int, int]]) -> list[int]:
    """Take the VAT out of what each item comes to in all its credit notes, not part by part.

    So the parts of an item take back exactly the VAT of all of it: each part is what it adds to those before it, the
    last one the rest; and it is never more than a cent beside its own.

    Args: `before`: as `_credited_before` returns it.
    """
    sums, nets = dict(before), []
    for each in credited:
        key = (each.item, each.vat_rate_bp)
        gross_minor, net_minor = sums.get(key, (0, 0))
        gross_minor += each.gross_minor
        net = min(max(net_of_gross(gross_minor, each.vat_rate_bp) - net_minor, 0), each.gross_minor)
        sums[key] = (gross_minor, net_minor + net)
        nets.append(net)
    return nets


def _goods(seller: Seller, order: Order) -> GoodsForVat:
    told = (order.customer_invoice or {}).get("vat_category", "")
    return GoodsForVat(seller_party(seller), customer_party(order), order.customer_country, told)


def _line(note: CreditNote, place: int, goods: GoodsForVat, credited: Credited, net_minor: int) -> CreditNoteLine:
    return CreditNoteLine(
        seller_id=note.seller_id,
        credit_note_id=note.id,
        place=place,
        item=credited.item,
        sku=credited.sku,
        title=credited.title,
        quantity=credited.quantity,
        vat_category=goods.category(credited.vat_rate_bp),
        vat_rate_bp=credited.vat_rate_bp,
        net_minor=net_minor,
        vat_minor=credited.gross_minor - net_minor,
    )


def _event_data(note: CreditNote, lines: Sequence[CreditNoteLine], order: Order) -> dict[str, Any]:
    return {
        "number": note.number,
        "order_number": order.number,
        "invoice_number": note.invoice_number,
        "total_minor": note.total_minor,
        "currency": note.currency,
        "sha256": content_hash(note, lines),
    }

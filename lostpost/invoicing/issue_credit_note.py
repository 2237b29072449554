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
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Rejected
from lostpost.core.money import net_of_gross
from lostpost.core.vat import STANDARD, ZERO_RATED
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
    """The shop has no VAT number, so no document of it names VAT; what is due waits for the number."""

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


@dataclass(frozen=True, slots=True)
class PaidAgain:
    """Units of one item, or the delivery costs (no item), with what the customer paid again for them, VAT included."""

    item: str
    quantity: int
    gross_minor: int


@transaction.atomic(durable=True)
def issue_credit_note(
    *,
    seller_id: UUID,
    order_id: UUID,
    write_off_id: UUID | None = None,
    compensation_id: UUID | None = None,
    credited: Sequence[Credited],
    amends_number: str = "",
    happened_at: datetime,
    supplied_at: datetime | None,
    now: datetime,
) -> CreditNote:
    """Issue the credit note of a write-off or of a compensation, once: a repeat returns the existing one.

    Args: `amends_number`: of the invoice over what was paid again, where that is lost again. `happened_at`: when it
    was decided; the note is dated that day, or the invoice's if that is later.
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
        amends_number=amends_number,
        currency=order.currency,
        issued_on=max(happened_on, invoice_issued_on),  # Nothing is credited before it was invoiced.
        issued_at=now,
        supplied_on=supplied_at.astimezone(zone).date() if supplied_at else None,
        delivered_to=goods.delivered_to,
        supplier=goods.supplier,
        customer=goods.customer,
    )
    nets = _nets(credited, _credited_before(order))
    categories = [goods.category(each.vat_rate_bp) for each in credited]
    lines = [_line(note, place, *each) for place, each in enumerate(zip(credited, categories, nets, strict=True), 1)]
    return _save(note, lines, order)


@transaction.atomic(durable=True)
def issue_invoice_paid_again(
    *,
    seller_id: UUID,
    credit_note_id: UUID,
    restoration_id: UUID,
    paid: Sequence[PaidAgain],
    happened_at: datetime,
    now: datetime,
) -> CreditNote:
    """Issue the invoice over units that were credited and are paid again, once: a repeat returns the existing one.

    It takes back, of each item, the VAT that credit notes of the order gave too much then: after all of it is paid
    again, the customer's invoice stands as it was. Rate and category are those of the credit note.

    Args: `happened_at`: when it was paid; the invoice is dated that day, or the credit note's if that is later.
    Raises: SellerWithoutVatNumber.
    """
    seller = Seller.objects.get(id=seller_id)
    note = CreditNote.objects.select_related("order").get(seller_id=seller_id, id=credit_note_id)
    if note.vat_minor and not seller.legal.get("vat_number"):
        raise SellerWithoutVatNumber(
            _("%(seller)s has no VAT number, so no invoice of it names VAT. Put the number into its legal data.")
            % {"seller": seller.name}
        )
    lock_series(seller, Series.CREDIT_NOTE)  # Held until commit: what is credited of the order stands still.
    if earlier := CreditNote.objects.filter(seller_id=seller_id, restoration_id=restoration_id).first():
        return earlier
    of_note = {line.item: line for line in CreditNoteLine.objects.filter(seller_id=seller_id, credit_note_id=note.id)}
    credited, categories = [], []
    for each in paid:
        line = of_note[each.item]
        credited.append(Credited(line.item, line.sku, line.title, each.quantity, each.gross_minor, line.vat_rate_bp))
        categories.append(line.vat_category or (STANDARD if line.vat_rate_bp else ZERO_RATED))
    invoice = CreditNote(
        seller_id=seller_id,
        number=next_number(seller, Series.INVOICE_PAID_AGAIN),
        restoration_id=restoration_id,
        order_id=note.order_id,
        invoice_number=note.invoice_number,
        invoice_issued_on=note.invoice_issued_on,
        amends_number=note.number,
        currency=note.currency,
        issued_on=max(happened_at.astimezone(current_policy().zone).date(), note.issued_on),
        issued_at=now,
        supplied_on=note.supplied_on,
        delivered_to=note.delivered_to,
        supplier=seller_party(seller),
        customer=customer_party(note.order),
    )
    nets = _nets(credited, _credited_before(note.order), sign=-1)
    lines = [_line(invoice, place, *each) for place, each in enumerate(zip(credited, categories, nets, strict=True), 1)]
    return _save(invoice, lines, note.order)


def _save(note: CreditNote, lines: Sequence[CreditNoteLine], order: Order) -> CreditNote:
    """Insert a document with its sums and its lines, and announce it."""
    note.net_minor = sum(line.net_minor for line in lines)
    note.vat_minor = sum(line.vat_minor for line in lines)
    note.total_minor = note.net_minor + note.vat_minor
    note.save(force_insert=True)
    CreditNoteLine.objects.bulk_create(lines)
    kind = "invoice-paid-again.issued" if note.is_invoice else "credit-note.issued"
    record_events(note.seller_id, [(kind, _event_data(note, lines, order))], note.issued_at)
    return note


def _credited_before(order: Order) -> dict[tuple[str, int], tuple[int, int]]:
    """Return what earlier credit notes of the order come to, VAT included and excluded, by item and rate.

    Less what was invoiced again.
    """
    notes = {note.id: note for note in CreditNote.objects.filter(seller_id=order.seller_id, order_id=order.id)}
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for line in CreditNoteLine.objects.filter(seller_id=order.seller_id, credit_note_id__in=list(notes)):
        sign = -1 if notes[line.credit_note_id].is_invoice else 1
        gross_minor, net_minor = sums.get((line.item, line.vat_rate_bp), (0, 0))
        gross_minor += sign * (line.net_minor + line.vat_minor)
        sums[line.item, line.vat_rate_bp] = (gross_minor, net_minor + sign * line.net_minor)
    return sums


def _nets(
    credited: Sequence[Credited], before: Mapping[tuple[str, int], tuple[int, int]], *, sign: int = 1
) -> list[int]:
    """Take the VAT out of what each item comes to in all its credit notes, not part by part.

    So the parts of an item take back exactly the VAT of all of it: each part is what it adds to those before it, the
    last one the rest; and it is never more than a cent beside its own.

    Args: `before`: as `_credited_before` returns it. `sign`: -1 where it is invoiced again, which takes off.
    """
    sums, nets = dict(before), []
    for each in credited:
        key = (each.item, each.vat_rate_bp)
        gross_minor, net_minor = sums.get(key, (0, 0))
        gross_minor += sign * each.gross_minor
        added = sign * (net_of_gross(gross_minor, each.vat_rate_bp) - net_minor)
        net = min(max(added, 0), each.gross_minor)
        sums[key] = (gross_minor, net_minor + sign * net)
        nets.append(net)
    return nets


def _goods(seller: Seller, order: Order) -> GoodsForVat:
    stated = (order.customer_invoice or {}).get("vat_category", "")
    return GoodsForVat(seller_party(seller), customer_party(order), order.customer_country, stated)


def _line(note: CreditNote, place: int, credited: Credited, category: str, net_minor: int) -> CreditNoteLine:
    return CreditNoteLine(
        seller_id=note.seller_id,
        credit_note_id=note.id,
        place=place,
        item=credited.item,
        sku=credited.sku,
        title=credited.title,
        quantity=credited.quantity,
        vat_category=category,
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
        **({"credit_note": note.amends_number} if note.is_invoice else {}),
    }

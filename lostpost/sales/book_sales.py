"""Book sales, returns and corrections: the difference to what was booked before, item by item.

The amounts of an item follow from its order, its parcels, its returns and its write-offs, so booking again books
nothing, and late or wrong data is corrected by the next booking. The caller has locked the orders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from lostpost.accounts.vat_treatment import ShopForVat, commission_treatment
from lostpost.core.money import rounded_rate
from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, fetch, insertion, json_rows, sql_file
from lostpost.core.vat import REVERSE_CHARGE, STANDARD, VatTreatment
from lostpost.eligibility.policy import Policy
from lostpost.ledger.models import Kind
from lostpost.ledger.post_transfers import Posting, post_transfers
from lostpost.sales.models import Sale
from lostpost.sales.sale_differences import NOTHING, Amounts, Item, SaleDifference, Sold, Units, sale_differences

_SOLD_AND_BOOKED = sql_file(__name__, "sold_and_booked")
_RATE_ITEMS = """
    UPDATE lostpost_orderitem item
       SET commission_vat_rate_bp = row.rate, commission_vat_category = row.category
      FROM jsonb_to_recordset(%(rates)s::jsonb) AS row (id uuid, rate int, category text)
     WHERE item.seller_id = %(seller_id)s AND item.id = row.id
"""
_SIGNED = (  # Of turnover, commission and its VAT: how more of it is booked, and how less.
    (Kind.TURNOVER, Kind.TURNOVER_REVERSED),
    (Kind.COMMISSION, Kind.COMMISSION_REVERSED),
    (Kind.COMMISSION_VAT, Kind.COMMISSION_VAT_REVERSED),
)


def book_sales(seller_id: UUID, orders: Collection[UUID], cause: Sale.Cause, now: datetime) -> None:
    """Book what these orders' items and delivery costs come to, as far as it is not booked yet.

    Args: `cause`: what the caller took in: parcels (handed over), returns, or orders (changed).
    """
    if not orders:
        return
    sales: list[dict[str, Any]] = []
    rates: list[dict[str, Any]] = []
    postings: dict[str, list[Posting]] = defaultdict(list)
    shop, sold = _read(seller_id, orders)
    for order_id, order in sold.items():
        rates += [
            {"id": item.id, "rate": item.vat.rate_bp, "category": item.vat.category}
            for item in order.items.values()
            if item.first_booked
        ]
        for item, currency, difference in sale_differences(order, cause, now):
            sale_id = uuid7()
            sales.append(_row(sale_id, order_id, item, currency, difference, shop))
            postings[currency] += _postings(sale_id, difference, item.vat)
    if not sales:
        return
    same = {"seller_id": seller_id, "booked_at": now}
    execute(
        f"WITH rated AS ({_RATE_ITEMS}) {insertion(Sale, tuple(sales[0]), same=tuple(same))}",
        {**same, "rates": json_rows(rates), "rows": json_rows(sales)},
    )
    for currency, of_currency in postings.items():
        post_transfers(of_currency, seller_id=seller_id, currency=currency, now=now)


def _read(seller_id: UUID, orders: Collection[UUID]) -> tuple[ShopForVat, dict[UUID, Sold]]:
    """Read the shop, the orders as they stand, and what was booked of them, in one statement."""
    ((lines, booked, values, shop_values),) = fetch(_SOLD_AND_BOOKED, {"seller": seller_id, "orders": list(orders)})
    shop = ShopForVat(**shop_values)
    vat_now = commission_treatment(shop, rate_bp=Policy.from_values(values or {}).commission_vat_rate_bp)
    sold: dict[UUID, Sold] = {}
    for order_id, currency, delivery_minor, *line, parcel, shipped_at, quantity, returned in lines or ():
        order = sold.setdefault(UUID(order_id), Sold(currency, delivery_minor))
        if (item := order.items.get(line[1])) is None:
            item = order.items[line[1]] = _item(line, vat_now)
        if parcel:
            item.units.append(Units(parcel, datetime.fromisoformat(shipped_at), quantity, returned))
    for order_id, name, parcel, currency, quantity, *amounts, rate_bp, category in booked or ():
        rows = sold[UUID(order_id)].booked[name, currency]
        rows.quantities[parcel] = rows.quantities.get(parcel, 0) + quantity
        vat = VatTreatment(category, rate_bp)
        rows.by_vat[vat] = rows.by_vat.get(vat, NOTHING).plus(Amounts(*amounts))
    return shop, sold


def _item(line: list[Any], vat_now: VatTreatment) -> Item:
    item_id, name, title, sku, quantity, paid, commission, rate_bp, category, lost, *given_back = line
    vat = vat_now if rate_bp is None else VatTreatment(category or STANDARD, rate_bp)
    return Item(
        UUID(item_id),
        name,
        title,
        sku,
        quantity,
        Amounts(paid, commission, rounded_rate(commission, vat.rate_bp)),
        vat,
        lost=lost,
        given_back=Amounts(*given_back),
        rated=rate_bp is not None,
    )


def _row(
    sale_id: UUID, order_id: UUID, item: Item, currency: str, difference: SaleDifference, shop: ShopForVat
) -> dict[str, Any]:
    turnover, commission, vat = difference.amounts
    return {
        "id": sale_id,
        "order_id": order_id,
        "item": item.name,
        "parcel": difference.parcel,
        "title": item.title,
        "sku": item.sku,
        "cause": difference.cause.value,
        "quantity": difference.quantity,
        "turnover_minor": turnover,
        "commission_minor": commission,
        "commission_vat_minor": vat,
        "commission_vat_rate_bp": item.vat.rate_bp,
        "commission_vat_category": item.vat.category,
        "vat_number": shop.number_elsewhere if item.vat.category == REVERSE_CHARGE else "",
        "currency": currency,
        "effective_at": difference.effective_at,
    }


def _postings(sale_id: UUID, difference: SaleDifference, vat: VatTreatment) -> list[Posting]:
    turnover, *commission = (
        more if amount > 0 else less for amount, (more, less) in zip(difference.amounts, _SIGNED, strict=True)
    )
    when = difference.effective_at
    return [
        Posting(turnover, sale_id, abs(difference.amounts.turnover_minor), effective_at=when),
        *(
            Posting(kind, sale_id, abs(amount), vat=vat, effective_at=when)
            for kind, amount in zip(commission, difference.amounts[1:], strict=True)
        ),
    ]

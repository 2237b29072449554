"""Three lamps of one order: written off, returned, paid again."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from lostpost.audit.verify import verify
from lostpost.orders.models import OrderItem
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.restore_payment import restore_payment
from lostpost.sales.models import Sale
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, an_item, an_order
from tests.money.books import assert_credit_notes_add_up, assert_money_is_right, assert_self_checks_agree

SHARES = [33_33, 4_26, 89]  # Of 100.00, 12.79 commission and 2.69 VAT on it; 0.01, 0.01 and 0.02 are left over.


class Lamps:
    """An order of three lamps for 100.00, each in a parcel of its own."""

    def __init__(self, anna: Any, fien: Any, **order: Any) -> None:
        self.anna, self.fien = anna, fien
        item = an_item(quantity=3, paid_minor=100_00, commission_minor=12_79, vat_rate_bp=2100)
        self.order = an_order(anna.seller, item, placed_days=20, **order)
        self.parcels = [a_parcel(self.order, units={"1": 1}, code=f"P-{n}", shipped_days=19).code for n in (1, 2, 3)]
        self.query = a_query(self.order, anna)
        self.count = 0

    def lose(self, *which: int) -> WriteOff:
        """Write lamps off and pay the refund."""
        self.count += 1
        selection = [SelectedUnits(f"P-{n}", "1", 1) for n in which]
        preview = preview_write_off(query=self.query.number, selection=selection, by=self.anna, now=NOW)
        request: dict[str, Any] = {"query": self.query.number, "by": self.anna, "now": NOW, "token": preview.token}
        recorded = write_off(selection=selection, key=f"write-off-{self.count}", **request)
        mark_refund_paid(
            seller_id=recorded.seller_id, number=recorded.number, reference=f"B-{self.count}", by=self.fien, now=NOW
        )
        return recorded

    def give_back(self, which: int, status: str = "received") -> None:
        a_return(self.order, {(f"P-{which}", "1"): 1}, code=f"R-{which}", status=status)

    def find(self, write_off: WriteOff, which: int, *, paid: bool = True) -> Any:
        """Let the customer pay again for a lamp that came after all."""
        self.count += 1
        return restore_payment(
            seller_id=write_off.seller_id,
            write_off=write_off.number,
            selection=[SelectedUnits(f"P-{which}", "1", 1)],
            consent="It came after all.",
            consented_at=NOW,
            reference="tr_1" if paid else "",
            by=self.fien,
            key=f"restore-{self.count}",
            now=NOW,
        )

    def sold(self) -> list[int]:
        """Return turnover, commission and VAT as booked by hand-overs and returns."""
        names = ("turnover_minor", "commission_minor", "commission_vat_minor")
        rows = Sale.objects.filter(seller_id=self.order.seller_id, order_id=self.order.id, item="1")
        return list(rows.aggregate(*map(Sum, names)).values())

    def left(self) -> list[int]:
        """Return turnover, commission and VAT that are booked for the units left."""
        item = OrderItem.objects.get(seller_id=self.order.seller_id, order_id=self.order.id, item="1")
        refunded = (
            item.refunded_minor - item.paid_again_minor,
            item.commission_back_minor,
            item.commission_vat_back_minor,
        )
        return [sold - back for sold, back in zip(self.sold(), refunded, strict=True)]

    def assert_books_are_right(self) -> None:
        assert list(verify(self.anna.seller)) == []
        assert_self_checks_agree(self.anna.seller)
        assert_money_is_right(self.anna.seller)
        assert_credit_notes_add_up(self.anna.seller)

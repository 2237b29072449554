"""A shop as a person would note it on paper, step by step: what the rules of the state machine go by."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from lostpost.orders.data import ReturnData
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from tests.cast import NOW
from tests.writeoffs.paper import Sale


class ShopOnPaper(RuleBasedStateMachine):
    """What is known of the shop beside the database."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around._from_testcase = True  # type: ignore[attr-defined]  # Lets durable commands run inside it.
        self.around.__enter__()
        self.now = NOW
        self.sales: dict[str, Sale] = {}
        self.returns: dict[str, ReturnData] = {}
        self.queries: dict[str, str] = {}  # Number: order number.
        self.confirmed: list[tuple[dict[str, Any], WriteOff]] = []
        self.owed: dict[str, tuple[int, str]] = {}  # Refund number: amount, currency.
        self.refunds: dict[str, str] = {}  # Refund number: state.
        self.lost: dict[str, Counter[tuple[str, str]]] = {}  # By write-off: units not paid again, by parcel and item.
        self.paid_again: Counter[str] = Counter()  # By currency.
        self.policy: dict[str, Any] = {
            "quiet_days": 3,
            "allow_after_delivery": False,
            "refund_delivery_costs": "whole-order",
        }
        self.keys = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys:08}"

    def note_on_paper(self, sale: Sale, made: WriteOff, picks: list[SelectedUnits]) -> None:
        expected = 0
        for pick in picks:
            worth = sale.next_worth(pick.item, pick.quantity)
            expected += worth
            sale.given[pick.item] += worth
            sale.decided.add(pick.item)
            sale.boxes[pick.parcel].gone[pick.item] += pick.quantity
        whole = all(sale.left(it.item) == it.quantity_cancelled for it in sale.data.items)
        delivery = 0
        if whole and not sale.delivery_refunded and self.policy["refund_delivery_costs"] == "whole-order":
            delivery = sale.data.delivery_costs_minor
            sale.delivery_refunded = bool(delivery)
        self.lost[made.number] = Counter({(pick.parcel, pick.item): pick.quantity for pick in picks})
        assert (made.refund_minor, made.delivery_refund_minor) == (expected + delivery, delivery)
        self.owed[made.number] = (made.refund_minor, made.currency)
        self.refunds[made.number] = "requested" if made.refund_minor else "confirmed"

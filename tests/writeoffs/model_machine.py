"""A state machine that keeps the reference model of a shop beside the database."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from lostpost.accounts.policy import change_policy
from lostpost.orders.data import ReturnData
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from tests.cast import NOW
from tests.writeoffs.reference_model import Sale


class ModelMachine(RuleBasedStateMachine):
    """The state of the model, and what each write-off changes in it."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around._from_testcase = True  # type: ignore[attr-defined]  # Lets durable commands run inside it.
        self.around.__enter__()
        no_limits = {"daily_write_off_count_max": 0, "daily_write_off_minor_max": 0}
        change_policy(values=no_limits, reason="Limits are looked at in tests/holds", by="Olga", now=NOW)
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

    def record_in_model(self, sale: Sale, write_off: WriteOff, selection: list[SelectedUnits]) -> None:
        expected = 0
        for units in selection:
            worth = sale.next_worth(units.item, units.quantity)
            expected += worth
            sale.refunded_minor[units.item] += worth
            sale.decided.add(units.item)
            sale.boxes[units.parcel].written_off[units.item] += units.quantity
        everything_written_off = all(sale.left(it.item) == it.quantity_cancelled for it in sale.data.items)
        delivery = 0
        if (
            everything_written_off
            and not sale.delivery_refunded
            and self.policy["refund_delivery_costs"] == "whole-order"
        ):
            delivery = sale.data.delivery_costs_minor
            sale.delivery_refunded = bool(delivery)
        self.lost[write_off.number] = Counter({(units.parcel, units.item): units.quantity for units in selection})
        assert (write_off.refund_minor, write_off.delivery_refund_minor) == (expected + delivery, delivery)
        self.owed[write_off.number] = (write_off.refund_minor, write_off.currency)
        self.refunds[write_off.number] = "requested" if write_off.refund_minor else "confirmed"

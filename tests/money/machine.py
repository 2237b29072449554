"""A shop whose commands hypothesis puts in any order: what it has, and that at the end all of it is invoiced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.core.errors import Refused
from lostpost.orders.data import OrderData, ParcelData, ReturnData
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from tests.cast import NOW
from tests.money.announced import ended_periods, issue_as_announced
from tests.money.books import (
    assert_credit_notes_add_up,
    assert_everything_is_invoiced,
    assert_money_is_right,
    assert_self_checks_agree,
    assert_statements_and_specifications_are_complete,
)
from tests.money.shops import HOME

CURRENCIES = ["EUR", "BRL", "JPY"]
T = TypeVar("T")


def attempt(command: Callable[[], T]) -> T | None:
    """Run a command that may be refused; the invariants check that a refusal leaves no row."""
    try:
        return command()
    except Refused:
        return None


class ShopMachine(RuleBasedStateMachine):
    """One shop that sells in three currencies, in a transaction that is rolled back."""

    seller: Seller
    fien: Actor

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around._from_testcase = True  # type: ignore[attr-defined]  # Lets durable commands run inside it.
        self.around.__enter__()
        self.now = NOW
        self.keys = 0
        self.orders: dict[str, OrderData] = {}
        self.queries: dict[str, str] = {}  # Order: query.
        self.parcels: dict[str, ParcelData] = {}
        self.returns: dict[str, ReturnData] = {}
        self.write_offs: list[tuple[WriteOff, list[SelectedUnits]]] = []
        self.restorations: list[str] = []
        self.place, self.cadence, self.rate_bp = HOME, "monthly", 2100
        self.charged: dict[tuple[str, str], tuple[str, int]] = {}  # Item: category and rate, as first booked.

    def teardown(self) -> None:
        """Invoice everything, check once more, and roll back."""
        try:
            if hasattr(self, "seller"):
                self.invoice_everything()
        finally:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys:08}"

    # What comes in

    def one_of(self, data: st.DataObject, rows: Any) -> Any:
        choices = list(rows.values()) if isinstance(rows, dict) else list(rows)
        return choices[data.draw(st.integers(0, len(choices) - 1))]

    def of_finance(self, number: str) -> dict[str, Any]:
        return {"seller_id": self.seller.id, "number": number, "by": self.fien, "now": self.now}

    def invoice_everything(self) -> None:
        self.now += timedelta(days=62)
        for currency in CURRENCIES:
            issue_as_announced(self.seller, ended_periods(self.seller, self.now)[-1], currency, self.now)
        assert_everything_is_invoiced(self.seller)
        assert_money_is_right(self.seller)
        assert_credit_notes_add_up(self.seller)
        assert_statements_and_specifications_are_complete(self.seller)
        assert_self_checks_agree(self.seller)

"""Armed write-offs, whatever comes in which order: each is carried out or disarmed, and no money goes twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.armed_write_offs.arm_write_off import arm_write_off
from lostpost.armed_write_offs.disarm_write_off import disarm_write_off
from lostpost.armed_write_offs.execute_armed import armed_to_look_at, execute_armed
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.audit.verify import verify
from lostpost.core.errors import Refused
from lostpost.customer_queries.receive_message import receive_message
from lostpost.orders.models import Parcel, ParcelUnit
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_return, a_scan, silent_parcel
from tests.searching import examples

pytestmark = pytest.mark.django_db

UNITS = 3
ACTS = ("arm", "arm", "arm", "wait", "wait", "scan", "old-scan", "message", "return", "policy", "confirm", "disarm")
State = ArmedWriteOff.State


class Play:
    """A parcel of three units that was scanned a day ago, and everybody who may do something about it."""

    def __init__(self, seller: Actor) -> None:
        self.seller, self.now, self.numbers = seller, NOW, count(1)
        self.query = silent_parcel(seller, quiet_days=1, quantity=UNITS, paid_minor=100_01, delivery_costs_minor=4_95)
        self.parcel = Parcel.objects.get(order_id=self.query.order_id)

    def do(self, act: str, size: int) -> None:
        """Do it, or be refused."""
        self.now += timedelta(minutes=10)
        number = next(self.numbers)
        wish: dict[str, Any] = {
            "query": self.query.number,
            "selection": [SelectedUnits(self.parcel.code, "1", size)],
            "by": self.seller,
            "key": f"step-number-{number}",
            "now": self.now,
        }
        acts: dict[str, Callable[[], Any]] = {
            "arm": lambda: arm_write_off(**wish),
            "confirm": lambda: write_off(**wish),
            "wait": lambda: self.wait(size),
            "scan": lambda: a_scan(self.parcel, days=0, now=self.now, scan_id=f"{number}"),
            "old-scan": lambda: a_scan(self.parcel, days=1.5, now=self.now, scan_id=f"{number}"),
            "message": lambda: receive_message(
                seller_id=self.seller.seller_id, number=self.query.number, message="Where is it?", now=self.now
            ),
            "return": lambda: a_return(
                self.query.order, {(self.parcel.code, "1"): 1}, code=f"R-{number}", now=self.now
            ),
            "policy": lambda: change_policy(values={"pickup_days": 10 + number}, reason="test", by="op", now=self.now),
            "disarm": lambda: disarm_write_off(armed_id=self.standing().id, by=self.seller, now=self.now),
        }
        acts[act]()

    def wait(self, days: int) -> None:
        """Let days go by, with the job looking twice at the end of them."""
        self.now += timedelta(days=days)
        for _again in range(2):
            for name in armed_to_look_at(now=self.now, most=9):
                execute_armed(seller_id=name.seller_id, armed_id=name.id, clock=lambda: self.now)

    def standing(self) -> ArmedWriteOff:
        armed = ArmedWriteOff.objects.filter(state=State.ARMED).first()
        if armed is None:
            raise Refused
        return armed

    def check(self) -> None:
        """Hold that each has one end, and that units and money are those of the write-offs."""
        ended = list(ArmedWriteOff.objects.exclude(state=State.ARMED))
        executed = [armed for armed in ended if armed.state == State.EXECUTED]
        assert len({armed.write_off_id for armed in executed}) == len(executed)
        for armed in executed:
            assert armed.write_off_id
            lines = WriteOffLine.objects.filter(write_off_id=armed.write_off_id)
            assert sum(line.quantity for line in lines) == sum(units[2] for units in armed.units)
            assert WriteOff.objects.get(id=armed.write_off_id).refund_minor == armed.refund_minor
        unit = ParcelUnit.objects.get(parcel_id=self.parcel.id)
        assert sum(line.quantity for line in WriteOffLine.objects.all()) == unit.quantity_written_off <= UNITS
        paid_minor = sum(refund.amount_minor for refund in Refund.objects.all())
        assert paid_minor == sum(each.refund_minor for each in WriteOff.objects.all()) <= 100_01 + 4_95


def as_of_a_test() -> transaction.Atomic:
    """Open a savepoint inside which durable commands run."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    return around


@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, UNITS)), min_size=3, max_size=9))
@example(acts=[("arm", 1), ("wait", 3), ("arm", 2), ("wait", 3)])
@example(acts=[("arm", 3), ("old-scan", 1), ("wait", 3), ("arm", 3), ("wait", 3)])
@example(acts=[("arm", 2), ("wait", 1), ("message", 1), ("arm", 2), ("wait", 1), ("arm", 3), ("wait", 2)])
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_has_one_end_and_no_money_goes_twice(anna, acts):
    with as_of_a_test():
        play = Play(anna)
        for act, size in acts:
            with suppress(Refused), as_of_a_test():
                play.do(act, size)
            play.check()
        play.wait(4)
        assert not ArmedWriteOff.objects.filter(state=State.ARMED).exists()
        play.check()
        assert [str(each) for each in verify(anna.seller)] == []
        transaction.set_rollback(True)

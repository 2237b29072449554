"""An armed write-off on its day, beside a scan, a disarm and a person's own confirmation at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from lostpost.armed_write_offs.arm_write_off import arm_write_off
from lostpost.armed_write_offs.disarm_write_off import disarm_write_off
from lostpost.armed_write_offs.execute_armed import execute_armed
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.audit.verify import verify
from lostpost.core.errors import Refused
from lostpost.customer_queries.models import TimelineEntry
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, all_of, silent_parcel
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)
DUE = NOW + timedelta(days=2)
ORDERS = 6


def test_each_is_written_off_once_or_not_at_all_whoever_comes_first(anna, bram):
    queries = [silent_parcel(anna, quiet_days=1) for _number in range(ORDERS)]
    armed = [
        arm_write_off(query=query.number, selection=all_of(query), by=bram, key=f"arm-{query.number}", now=NOW)
        for query in queries
    ]
    jobs = [partial(execute_armed, seller_id=each.seller_id, armed_id=each.id, clock=lambda: DUE) for each in armed]
    others: list[Callable[[], Any]] = [
        partial(a_scan, queries[0].order.parcels.get(), days=0, now=DUE),
        partial(a_scan, queries[1].order.parcels.get(), days=1.5, now=DUE),
        *(partial(disarm_write_off, armed_id=each.id, by=anna, now=DUE) for each in armed[2:4]),
        *(
            partial(write_off, query=query.number, selection=all_of(query), by=anna, key=f"by-{query.number}", now=DUE)
            for query in queries[4:]
        ),
    ]

    ran = together(*jobs, *jobs, *others)

    assert all(isinstance(each.refusal, Refused) or each.done for each in ran)
    for job in jobs:
        job()
    ended = list(ArmedWriteOff.objects.order_by("armed_at", "id"))
    assert {each.state for each in ended} <= {"executed", "disarmed"}
    by_bram = WriteOff.objects.filter(by_name="Bram")
    assert {each.write_off_id for each in ended if each.state == "executed"} == set(
        by_bram.values_list("id", flat=True)
    )
    for query, each in zip(queries, ended, strict=True):
        assert WriteOff.objects.filter(query_id=query.id).count() == int(
            each.state == "executed" or query in queries[4:]
        )
    noted = TimelineEntry.objects.filter(kind__in=["write-off.carried-out", "write-off.disarmed"])
    assert noted.count() == ORDERS
    assert Refund.objects.count() == WriteOff.objects.count()
    assert list(verify(anna.seller)) == []

"""Parcels that came after they had been written off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.insight.false_losses import FalseLosses, false_losses
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, all_of, silent_parcel


@pytest.mark.django_db
def test_false_losses_are_parcels_that_came_after_their_write_off(anna):
    for number, status in enumerate(["delivered", "in_transit", ""]):
        query = silent_parcel(anna, quiet_days=9, number=f"F-{number}")
        write_off(query=query.number, selection=all_of(query), by=anna, key=f"write-off-{number}", now=NOW)
        if status:
            a_scan(query.order.parcels.get(), days=0, status=status, now=NOW + timedelta(days=2))
    assert false_losses(since=NOW) == [FalseLosses("dpd", "DPD", 0, 3, 1)]


@pytest.mark.django_db
def test_a_delivery_that_the_decision_did_not_know_is_a_false_loss_too(anna, carla):
    """The scan was made two days before the write-off, and came two days after it."""
    query = silent_parcel(anna, quiet_days=9)
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    a_scan(query.order.parcels.get(), days=4, status="delivered", now=NOW + timedelta(days=2))
    assert false_losses(since=NOW, seller_id=anna.seller_id) == [FalseLosses("dpd", "DPD", 0, 1, 1)]
    assert false_losses(since=NOW, seller_id=carla.seller_id) == []

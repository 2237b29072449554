"""An override counts for what it was decided on, this once."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from lostpost.core.clock import rfc3339
from lostpost.eligibility.facts import facts_from_json
from lostpost.orders.models import OrderItem, Parcel, ParcelUnit
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.models import WriteOffLine
from lostpost.writeoffs.selection import NotEligible, SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, all_of, silent_parcel, user_of
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db


@pytest.fixture
def overridden(anna) -> Any:
    """Return a query about two units of an order of 72 days ago, which Partnerservice lets through."""
    query = silent_parcel(anna, quiet_days=70, quantity=2, paid_minor=50_00)
    override(query)
    return query


def override(query, **changes):
    parcel = Parcel.objects.get(seller_id=query.seller_id, order_id=query.order_id)
    assert parcel.last_scanned_at
    values = {
        "id": "1",
        "codes": ["order-too-old"],
        "quantity": 2,
        "until": "2026-03-20T12:00:00+00:00",
        "reason": "The carrier admits it.",
        "proposed_by": "Pia",
        "confirmed_by": "Otto",
        "ordered": 2,
        "paid_minor": 50_00,
        "updated_at": rfc3339(parcel.last_scanned_at),
        **changes,
    }
    ParcelUnit.objects.filter(seller_id=query.seller_id, parcel_id=parcel.id).update(override=values)


def lifted(query):
    (unit,) = assess_order(query.order, now=NOW).units
    return [refusal.code for refusal in unit.assessment.lifted]


def test_a_write_off_by_an_override_keeps_it_in_its_facts_and_uses_it_up(anna, overridden):
    (units,) = all_of(overridden)
    one = [SelectedUnits(units.parcel, units.item, 1)]

    write_off(query=overridden.number, selection=one, by=anna, key="the-first-one", now=NOW)

    line = WriteOffLine.objects.get(seller_id=anna.seller_id)
    facts = facts_from_json(line.facts)
    assert facts.override
    assert (facts.override.proposed_by, facts.override.confirmed_by) == ("Pia", "Otto")
    with pytest.raises(NotEligible):
        write_off(query=overridden.number, selection=one, by=anna, key="the-second-one", now=NOW)


def test_an_override_ends_with_a_newer_update_of_the_parcel(overridden):
    assert lifted(overridden) == ["order-too-old"]

    a_scan(Parcel.objects.get(seller_id=overridden.seller_id), days=5)

    assert lifted(overridden) == []


@pytest.mark.parametrize("change", [{"paid_minor": 60_00}, {"quantity": 3}])
def test_an_override_ends_with_another_amount_or_quantity(overridden, change):
    OrderItem.objects.filter(seller_id=overridden.seller_id).update(**change)

    assert lifted(overridden) == []


def test_the_write_off_screen_says_who_lifted_what_and_why(client, anna):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=70, quantity=2, paid_minor=50_00, now=now)
    override(query, until=rfc3339(now + timedelta(days=7)))
    client.force_login(user_of(anna))

    page = Read(client.get(reverse("portal:write-off", kwargs={"seller": "lampenhuis", "number": query.number})))

    assert "decided by Pia and Otto: “The carrier admits it.”" in page.text
    assert "You can write off until day 60" in page.text
    assert "Not possible" not in page.text

"""Rows of one seller: no other seller's row can be pointed at, whatever the code does."""

from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from lostpost.core.ownership import cross_seller, crossing, uuid7
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.events.models import Event
from lostpost.orders.models import OrderItem, Parcel, ParcelUnit
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel

POINTING = [
    (OrderItem, "order_id"),
    (Parcel, "order_id"),
    (ParcelUnit, "parcel_id"),
    (ParcelUnit, "order_item_id"),
    (CustomerQuery, "order_id"),
    (TimelineEntry, "query_id"),
    (Mail, "query_id"),
    (Refund, "order_id"),
    (Refund, "query_id"),
    (WriteOff, "order_id"),
    (WriteOff, "query_id"),
    (WriteOff, "refund_id"),
    (WriteOffLine, "write_off_id"),
    (WriteOffLine, "parcel_unit_id"),
    (WriteOffLine, "order_item_id"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "column"), POINTING, ids=[f"{model.__name__}.{column}" for model, column in POINTING]
)
def test_another_sellers_row_cannot_be_pointed_at(anna, carla, model, column):
    for member in (anna, carla):
        query = silent_parcel(member)
        write_off(query=query.number, selection=all_of(query), by=member, key="the-write-off", now=NOW)
    hers = model.objects.filter(seller_id=carla.seller_id).values_list(column, flat=True).first()
    assert hers

    with pytest.raises(IntegrityError), transaction.atomic():  # At once: not deferred to the commit.
        model.objects.filter(seller_id=anna.seller_id).update(**{column: hers})


@pytest.mark.django_db
def test_a_row_without_a_seller_is_refused():
    """By its own key to the seller, or by the one to a parent of the same seller."""
    with pytest.raises(IntegrityError, match="event_of_its_seller"), transaction.atomic():
        Event.objects.create(seller_id=uuid7(), sequence=1, type="refund.paid", at=NOW, data={})
    with pytest.raises(IntegrityError, match="mail_belongs_to_a_query_of_its_seller"), transaction.atomic():
        Mail.objects.create(
            seller_id=uuid7(), query_id=uuid7(), kind="message", to="k@example.com", language="en", queued_at=NOW
        )


@pytest.mark.django_db
def test_a_seller_with_rows_stays(anna):
    silent_parcel(anna)

    with pytest.raises(IntegrityError), transaction.atomic():
        type(anna.seller).objects.filter(id=anna.seller_id)._raw_delete("default")


def test_ids_are_ordered_by_creation():
    ids = [uuid7() for _n in range(5000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {it.version for it in ids} == {7}


def test_a_read_over_all_sellers_ends_with_its_block():
    assert crossing() == ""
    with suppress(KeyError), cross_seller("a test"):
        assert crossing() == "a test"
        with cross_seller("within"):
            assert crossing() == "within"
        assert crossing() == "a test"
        raise KeyError
    assert crossing() == ""

"""The models of customer queries."""

import pytest

from lostpost.customer_queries.models import CustomerQuery
from tests.cast import silent_parcel

pytestmark = pytest.mark.django_db


def test_a_query_about_the_entire_order_has_no_item(anna):
    query = silent_parcel(anna, quiet_days=4, paid_minor=10_00)
    with_item = CustomerQuery.objects.select_related("order_item").filter(seller_id=anna.seller_id)
    CustomerQuery.objects.filter(seller_id=anna.seller_id).update(order_item_id=None)
    (numbers,) = with_item
    assert (numbers.number, numbers.order_item) == (query.number, None)

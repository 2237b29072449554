"""What the tables of customer queries promise to whoever reads them."""

import pytest

from lostpost.customer_queries.models import CustomerQuery
from tests.cast import silent_parcel

pytestmark = pytest.mark.django_db


def test_a_query_about_the_whole_order_is_found_with_and_without_its_item(anna):
    query = silent_parcel(anna, quiet_days=4, paid_minor=10_00)
    with_item = CustomerQuery.objects.select_related("order_item").filter(seller_id=anna.seller_id)
    CustomerQuery.objects.filter(seller_id=anna.seller_id).update(order_item_id=None)
    (found,) = with_item
    assert (found.number, found.order_item) == (query.number, None)

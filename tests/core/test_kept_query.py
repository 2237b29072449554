"""A kept queryset returns what the queryset returns, and is spelled once."""

from datetime import datetime
from uuid import UUID

import pytest
from django.db.models import Q

from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from tests.cast import NOW, silent_parcel

pytestmark = pytest.mark.django_db
SPELLED: list[str] = []


def opened(seller_id, number, since):
    SPELLED.append(number)
    rows = CustomerQuery.objects.select_related("order").order_by("-number")
    return rows.filter(Q(number=number) | Q(opened_at__gte=since), seller_id=seller_id)[:5]


def test_it_returns_the_rows_of_its_queryset_with_what_they_point_at(anna, carla, django_assert_num_queries):
    query, other = silent_parcel(anna, quiet_days=5), silent_parcel(anna, quiet_days=6)
    silent_parcel(carla, quiet_days=5)
    kept = KeptQuery(opened, seller_id=UUID, number=str, since=datetime)
    wanted = {"seller_id": anna.seller_id, "number": query.number}
    SPELLED.clear()

    with django_assert_num_queries(3):
        (one,) = kept(**wanted, since=datetime.max.replace(tzinfo=NOW.tzinfo))
        both = kept(**wanted, since=datetime.min.replace(tzinfo=NOW.tzinfo))
        assert one.order.number == query.order.number  # Read with it.
        assert kept(seller_id=UUID(int=0), number="' OR 1=1", since=NOW) == []

    assert one == CustomerQuery.objects.get(seller_id=anna.seller_id, number=query.number)
    assert vars(one).keys() == vars(CustomerQuery.objects.select_related("order").get(pk=one.pk)).keys()
    assert [it.number for it in both] == sorted((query.number, other.number), reverse=True)
    assert len(SPELLED) == 1
    kept_rows = kept._spelled.rows  # Threads share it, so a call leaves nothing in it.
    assert kept_rows._result_cache is None
    assert "get_compiler" not in vars(kept_rows.query)
    both[0].subject = "Changed"
    assert kept(**wanted, since=datetime.min.replace(tzinfo=NOW.tzinfo))[0].subject != "Changed"


def test_columns_and_values_are_read_as_a_queryset_reads_them(anna):
    query = silent_parcel(anna, quiet_days=5)
    rows = TimelineEntry.objects.order_by("at", "id").values_list("kind", "data", "at", named=True)
    kept = KeptQuery(
        lambda user_id, **own: rows.filter(by_user_id=user_id, **own), seller_id=UUID, query_id=UUID, user_id=int
    )
    own = {"seller_id": anna.seller_id, "query_id": query.id}

    assert kept(**own, user_id=anna.user_id) == list(rows.filter(**own, by_user_id=anna.user_id)) != []
    assert kept(**own, user_id=1 + anna.user_id) == []


@pytest.mark.parametrize("value", [None, ["1"], 1])
def test_a_value_that_would_make_another_statement_is_refused(value):
    kept = KeptQuery(lambda number: CustomerQuery.objects.filter(number=number), number=str)

    with pytest.raises(TypeError, match="number must be str, not"):
        kept(number=value)


def test_a_parameter_that_stands_nowhere_is_found():
    kept = KeptQuery(lambda number, at: CustomerQuery.objects.filter(number=number), number=str, at=datetime)

    with pytest.raises(AssertionError, match=r"\['at'\] stand nowhere"):
        kept(number="1", at=NOW)


def test_a_list_of_ids_is_one_value_whatever_its_length(anna):
    queries = [silent_parcel(anna, quiet_days=5) for _ in range(2)]
    kept = KeptQuery(
        lambda ids, seller_id: CustomerQuery.objects.filter(seller_id=seller_id, id__any=ids).values_list(
            "id", flat=True
        ),
        ids=list,
        seller_id=UUID,
    )
    ids = [query.id for query in queries]

    assert set(kept(ids=[*ids, UUID(int=1)], seller_id=anna.seller_id)) == set(ids)
    assert kept(ids=ids[:1], seller_id=anna.seller_id) == ids[:1]
    assert kept(ids=[], seller_id=anna.seller_id) == []

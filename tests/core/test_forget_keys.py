"""Keys are kept for as long as is promised, and no longer."""

from datetime import timedelta

import pytest

from lostpost.core.forget_keys import forget_keys
from lostpost.core.idempotency import IdempotencyKey, claim
from lostpost.core.ownership import uuid7
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def used(member, key, *, days):
    at = NOW - timedelta(days=days)
    claim(key, scope="test", seller_id=member.seller_id, content=[key], result_id=uuid7(), now=at)


def left(member):
    return set(IdempotencyKey.objects.filter(seller_id=member.seller_id).values_list("key", flat=True))


def test_a_key_of_more_than_ninety_days_is_forgotten_and_a_younger_one_is_not(anna, carla):
    used(anna, "of-91-days", days=91)
    used(carla, "of-91-days", days=91)
    used(anna, "of-89-days", days=89)
    used(anna, "of-today", days=0)

    assert forget_keys(seller_id=anna.seller_id, now=NOW) == 1

    assert left(anna) == {"of-89-days", "of-today"}
    assert left(carla) == {"of-91-days"}, "each shop's own"


def test_all_old_ones_go_though_in_batches(anna, django_assert_num_queries):
    for index in range(7):
        used(anna, f"old-{index:06}", days=91)
    used(anna, "of-today", days=0)

    with django_assert_num_queries(3):
        assert forget_keys(seller_id=anna.seller_id, now=NOW, batch=3) == 7

    assert left(anna) == {"of-today"}


def test_a_young_one_among_the_oldest_stays(anna):
    """As after a correction of a server's clock."""
    used(anna, "of-today", days=0)
    for index in range(3):
        used(anna, f"old-{index:06}", days=91)

    assert forget_keys(seller_id=anna.seller_id, now=NOW, batch=3) == 2
    assert forget_keys(seller_id=anna.seller_id, now=NOW, batch=3) == 1
    assert left(anna) == {"of-today"}

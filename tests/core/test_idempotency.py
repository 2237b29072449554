"""A key for each wish: claimed once, with what it was for."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from lostpost.core.errors import Rejected
from lostpost.core.idempotency import (
    IdempotencyClaim,
    IdempotencyKey,
    InProgress,
    KeyReused,
    claim,
    fingerprint,
    keeps_answer,
    lock_number,
)
from lostpost.core.ownership import uuid7
from tests.cast import NOW


@pytest.fixture
def ask(anna):
    def claimed(key="a-key-0001", *, scope="test", seller=anna.seller_id, content=("a", 1), result_id=None):
        return claim(key, scope=scope, seller_id=seller, content=list(content), result_id=result_id or uuid7(), now=NOW)

    return claimed


@pytest.mark.django_db
def test_the_first_claim_succeeds_and_later_ones_get_its_result(ask):
    result_id = uuid7()

    assert ask(result_id=result_id) is None
    assert ask() == result_id
    assert ask() == result_id


@pytest.mark.django_db
def test_a_key_belongs_to_its_scope_seller_and_content(ask, carla):
    ask()

    assert ask(scope="other") is None
    assert ask(seller=carla.seller_id) is None
    with pytest.raises(KeyReused):
        ask(content=("a", 2))


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 7, "x" * 65, "1234567\x00", "12345678\ud800"])
def test_an_invalid_key_is_refused(ask, key):
    with pytest.raises(Rejected):
        ask(key)
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 8, "x" * 64, "ключ-желания", "a b\tc\nd e", "'; DROP TABLE x"])
def test_a_key_may_be_any_eight_to_sixty_four_characters(ask, key):
    result_id = uuid7()

    assert ask(key, result_id=result_id) is None
    assert ask(key) == result_id


@pytest.mark.django_db
def test_a_claim_is_rolled_back_with_its_transaction(ask):
    with suppress(RuntimeError), transaction.atomic():
        ask()
        raise RuntimeError

    assert ask() is None


@pytest.mark.django_db
def test_the_database_stores_each_key_once(anna, ask):
    ask()
    key = IdempotencyKey.objects.get(seller_id=anna.seller_id)
    for values, constraint in (
        ({}, "idempotency_key_used_once"),
        ({"key": "short"}, "idempotency_key_8_to_64_long"),
    ):
        row = {"key": key.key, "scope": key.scope, "content": key.content, "made_id": uuid7(), "used_at": NOW, **values}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            IdempotencyKey.objects.create(seller_id=anna.seller_id, **row)


NAMES = st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
)


@given(VALUES)
def test_the_same_content_has_the_same_fingerprint_whatever_its_order_of_names(content):
    def turned(value):
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(it) for it in value] if isinstance(value, list) else value

    assert fingerprint(content) == fingerprint(turned(content))
    assert len(fingerprint(content)) == 64


@given(st.lists(NAMES, min_size=2, max_size=4))
def test_other_content_has_another_fingerprint(words):
    assert fingerprint(words) != fingerprint([*words, ""])
    assert fingerprint(words) != fingerprint(["".join(words)])
    assert fingerprint([NOW]) != fingerprint([NOW + timedelta(microseconds=1)])


@transaction.atomic
@keeps_answer("test")
def a_command(*, key, by, meanwhile=lambda: None):
    claim(key, scope="test", seller_id=by.seller_id, content="a wish", result_id=uuid7(), now=NOW)
    meanwhile()
    return "done"


@pytest.mark.django_db
def test_a_key_is_stored_once_with_its_answer(anna):
    key = IdempotencyClaim("a-key-0001", answer=str.upper)
    a_command(key=key, by=anna)

    assert key.stored == "DONE"
    assert IdempotencyKey.objects.get(seller_id=anna.seller_id, key="a-key-0001").answer == "DONE"


@pytest.mark.django_db
def test_a_key_that_a_caller_without_an_answer_used_meanwhile_is_refused(anna, ask):
    with pytest.raises(KeyReused):
        a_command(key=IdempotencyClaim("a-key-0001", answer=str), by=anna, meanwhile=ask)

    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_key_that_another_transaction_holds_is_refused_at_once(anna):
    key = IdempotencyClaim("a-key-0001", answer=str)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (lock_number(key, scope="test", seller_id=anna.seller_id),))
    with pytest.raises(InProgress):
        a_command(key=key, by=anna)
    other.close()  # As a process does that dies.

    assert not IdempotencyKey.objects.exists()
    a_command(key=key, by=anna)
    assert key.stored == "done"

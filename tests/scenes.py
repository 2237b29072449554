"""Scenes that the tests of a module share: written once, and what each of the tests begins with.

A fixture of the module writes the rows inside `written_once()`, in a transaction that ends with the module; the
transaction of a test is a savepoint in it, so each finds them as they were written. What a test gets of the scene is a
copy (`copy.deepcopy`) where it may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone, translation

from tests.one_seller import each_statement_names_its_seller

COMMITTING = {"transactional_db", "live_server"}


@pytest.fixture(scope="module")
def written_once(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Let fixtures of the module write rows for all of its tests, none of which may commit."""
    committing = [item.name for item in request.session.items if commits(item, request.node)]
    assert not committing, f"these commit, and would keep what is written once for others: {committing}"

    @contextmanager
    def writing() -> Iterator[None]:
        with (
            django_db_blocker.unblock(),
            translation.override("en"),
            timezone.override(None),
            each_statement_names_its_seller(),
        ):
            yield

    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # Lets durable commands run inside it.
    with django_db_blocker.unblock():
        around.__enter__()
    yield writing
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def commits(item: pytest.Item, module: pytest.Module) -> bool:
    """Tell whether a test of the module writes what others see."""
    if item.getparent(pytest.Module) is not module:
        return False
    marker = item.get_closest_marker("django_db")
    committing = COMMITTING & set(getattr(item, "fixturenames", ()))
    return bool(committing or (marker and marker.kwargs.get("transaction")))

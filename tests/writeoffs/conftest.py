"""Fixtures for the tests of write-offs."""

import pytest


@pytest.fixture
def lamps(anna, fien):
    from tests.writeoffs.lamps import Lamps  # Not before the cast is there.

    return Lamps(anna, fien)

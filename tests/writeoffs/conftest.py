"""What the tests of write-offs share."""

import pytest


@pytest.fixture
def lamps(anna, fien):
    from tests.writeoffs.lamps import Lamps  # Not before the cast is there.

    return Lamps(anna, fien)

"""What several modules of these tests begin with."""

from typing import Any

import pytest


@pytest.fixture(scope="module")
def platform_and_lost_parcel(written_once: Any) -> Any:
    """The machine of a platform in which a parcel of Lampenhuis is lost."""
    from tests.api.machine import a_lost_parcel, a_platform  # Not before Django is set up.

    with written_once():
        machine = a_platform()
        a_lost_parcel(machine)
    return machine

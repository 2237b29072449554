"""Relay addresses in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.relay.scene import Relay

DOMAIN = "relay.example"


@pytest.fixture
def relay_domain(settings) -> str:
    settings.RELAY_DOMAIN = DOMAIN
    return DOMAIN


@pytest.fixture
def relay(relay_domain, anna) -> Relay:
    from tests.relay.scene import Relay  # Once the people of the tests are there.

    return Relay(anna)

"""A shop of Anna's that is connected to bol, and the server that answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lostpost.connectors.sales_channels.connect_channel import connect_channel
from lostpost.sales_channels.models import SalesChannel
from tests.connectors.sales_channels.bol_server import BolServer, bol_server


@pytest.fixture(scope="session")
def one_bol() -> Iterator[BolServer]:
    with bol_server(BolServer()) as server:
        yield server


@pytest.fixture
def bol(one_bol: BolServer, settings: Any) -> BolServer:
    """Begin with a bol that knows nothing."""
    url = one_bol.url
    one_bol.__init__(url=url)  # type: ignore[misc]  # The same server for all tests.
    settings.LOSTPOST_BOL_URL, settings.LOSTPOST_BOL_LOGIN_URL = url, f"{url}/token"
    return one_bol


@pytest.fixture
def channel(lampenhuis: Any, bol: BolServer) -> SalesChannel:
    from tests.cast import NOW  # Not before the cast is on: see tests/conftest.py.

    values = {"client_id": "id-1", "client_secret": "secret-1"}
    row, _new = connect_channel(seller=lampenhuis, platform="bol", values=values, prefix=None, by="Anna", now=NOW)
    SalesChannel.objects.update(progress={"orders": {"day": "2026-03-08", "done": {}}})  # Not three months.
    return row

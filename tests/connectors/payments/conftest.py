"""A shop whose orders were paid at Mollie or Stripe, and the providers themselves."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.payments.servers import KEY, MollieServer, Server, StripeServer, serving


@pytest.fixture(params=["mollie", "stripe"])
def server(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    from lostpost.connectors.payments import mollie, stripe

    server: Server = {"mollie": MollieServer, "stripe": StripeServer}[request.param]()
    for module in (mollie, stripe):
        monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    with serving(server):
        settings.PAYMENT_KEYS = {**settings.PAYMENT_KEYS, server.name: KEY}
        settings.PAYMENT_URLS = {**settings.PAYMENT_URLS, server.name: server.url}
        yield server


@pytest.fixture
def scene(anna: Any, server: Server) -> Any:
    from tests.connectors.payments.scene import Scene  # Not before the cast is on.

    return Scene(anna, server)


@pytest.fixture
def refund(scene: Any) -> Any:
    return scene.written_off()

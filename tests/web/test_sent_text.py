"""Addresses with text in them that no database can hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.api.machine import a_machine_of
from tests.cast import user_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["orders/", "customer-queries/", "finance/statement/", "finance/refunds/", ""])
def test_a_query_with_nul_finds_nothing_and_breaks_nothing(anna: Any, page: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(user_of(anna))
    for query in ("q=%00", "q=a%00b", "%00=1", "after=%00", "state=%00", "show=%00"):
        assert client.get(f"/shops/lampenhuis/{page}?{query}").status_code == 200


@pytest.mark.parametrize("desk", ["requests", "refunds", "invoices", "restorations", "self-check"])
def test_at_a_desk_too(pia: Any, fien: Any, desk: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(user_of(pia if desk == "requests" else fien))
    assert client.get(f"/desk/{desk}/?state=%00&after=%00&show=%00&q=%00").status_code == 200


@pytest.mark.parametrize(
    "path", ["/shops/%00/", "/shops/lampenhuis/orders/%00/", "/accounts/email/confirm/%00/", "/%00"]
)
def test_a_path_with_nul_is_not_found(anna: Any, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(user_of(anna))
    assert client.get(path).status_code in (404, 410)


def test_the_api_returns_a_problem(anna: Any) -> None:
    machine = a_machine_of("lampenhuis", read_only=True)
    paths = ("/orders?q=%00", "/customer-queries?q=%00", "/orders/%00", "/events?after=%00")
    for path in (*paths, "/write-offs?order_number=%00", "/refunds?state=%00", "/invoices?after=%00"):
        answer = machine.call("get", path)
        assert answer.status_code in (200, 400, 404, 422), path
        assert answer.headers["Content-Type"].startswith(("application/json", "application/problem+json"))

"""Rates fetched from a server on loopback, as the European Central Bank publishes them."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from lostpost.accounts.policy import change_policy
from lostpost.invoicing.models import ExchangeRate
from lostpost.jobs.exchange_rates import fetch_exchange_rates
from tests.invoicing.test_national_currency import FILE

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(settings):
    answer: list[Any] = [200, FILE]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_arguments):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.LOSTPOST_ECB_URL = f"http://127.0.0.1:{server.server_port}/eurofxref-daily.xml"
    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


def test_rates_are_fetched_if_the_policy_allows_it_and_kept_once(bank):
    fetch_exchange_rates(0)
    assert not ExchangeRate.objects.exists()
    change_policy(values={"fetch_exchange_rates": True}, reason="audit", by="Fien", now=timezone.now())

    fetch_exchange_rates(0)
    fetch_exchange_rates(0)

    rates = {row.currency: str(row.per_euro.normalize()) for row in ExchangeRate.objects.all()}
    assert rates == {"USD": "1.0832", "JPY": "162.85"}
    assert ExchangeRate.objects.count() == 2


@pytest.mark.parametrize("answer", [[503, b""], [200, b"<html/>"], None])
def test_a_bank_that_is_away_changes_nothing(bank, answer, settings, caplog):
    change_policy(values={"fetch_exchange_rates": True}, reason="audit", by="Fien", now=timezone.now())
    if answer:
        bank[:] = answer
    else:
        settings.LOSTPOST_ECB_URL = "http://127.0.0.1:9/"

    fetch_exchange_rates(0)

    assert not ExchangeRate.objects.exists()
    assert "no exchange rates came" in caplog.text

"""What WooCommerce tells by webhook: its signature, its doubles, and its webhooks that it disables without a word."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from lostpost.connectors.sales_channels.connect_channel import connect_channel
from lostpost.connectors.sales_channels.woocommerce.hooks import is_signed_by_shop
from lostpost.orders.models import Order, OrderItem
from lostpost.sales_channels.channel_news import forget_news
from lostpost.sales_channels.hook_secret import hook_secret_of
from lostpost.sales_channels.models import ChannelNews, SalesChannel
from lostpost.texts.sales_channels import channel_state, channel_text
from tests.connectors.sales_channels.channels import run_once
from tests.connectors.sales_channels.woo_server import WooServer, woo_order, woo_server

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    with woo_server(WooServer()) as answering:
        yield answering


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def woo(server, settings):
    server.__init__(url=server.url)
    settings.WEBHOOKS_TO_PRIVATE = True
    return server


@pytest.fixture
def channel(lampenhuis, woo, now):
    values = {"site": woo.url, "consumer_key": "ck_1", "consumer_secret": "cs_1"}
    connect_channel(seller=lampenhuis, platform="woocommerce", values=values, prefix=None, by="Anna", now=now)
    run_once(SalesChannel.objects.get(), now)
    return SalesChannel.objects.select_related("seller").get()


@pytest.fixture
def tell(client, channel):
    """Send what the shop would; return the status."""

    def send(content, *, secret="", body=b"", **headers):
        body = body or json.dumps(content).encode()
        key = (secret or hook_secret_of(channel)).encode()
        signature = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
        headers = {"X-WC-Webhook-Signature": signature, "X-WC-Webhook-Delivery-ID": "the same", **headers}
        address = f"/api/sales-channels/lampenhuis/{channel.id}"
        return client.post(address, body, content_type="application/json", headers=headers).status_code

    return send


def test_the_signature_is_of_the_raw_body():
    headers = {"X-WC-Webhook-Signature": "en4THJwWKqJL/tYCQfQWFGlVM0gRIxIeo4lPXTmHnqM="}
    assert is_signed_by_shop(b'{"n":1}', headers, "k1")
    assert not is_signed_by_shop(b'{"n": 1}', headers, "k1")
    assert not is_signed_by_shop(b'{"n":1}', {}, "k1")


def test_an_order_that_changed_is_fetched_as_it_is_now_whatever_was_told(tell, woo, channel, now):
    """Two deliveries in one second have the same id; late ones tell of what was before."""
    woo.orders[727] = woo_order(total="29.15")
    later = {"id": 727, "date_modified_gmt": "2026-03-08T12:05:00"}
    assert [tell(later), tell({"id": 727, "date_modified_gmt": "2026-03-08T12:00:00"}), tell(later)] == [200] * 3
    assert ChannelNews.objects.count() == 2
    assert SalesChannel.objects.get().next_run_at <= timezone.now()

    woo.asked.clear()
    run_once(channel, timezone.now())

    assert sum(path.startswith("/wp-json/wc/v3/orders/727") for path in woo.asked) == 1
    assert OrderItem.objects.get().paid_minor == 24_20
    assert not ChannelNews.objects.filter(taken_at=None).exists()
    assert forget_news(now=timezone.now() + timedelta(days=8)) == 2


def test_what_is_not_signed_leaves_nothing_and_the_first_ping_is_answered(tell, client, channel):
    assert tell({"id": 727}, secret="another") == 401
    assert tell({"id": 727}, **{"X-WC-Webhook-Signature": ""}) == 401
    assert tell({}, body=b"webhook_id=12") == 200
    assert tell({}, body=b"webhook_id=12&id=727", secret="another") == 401
    assert client.post(f"/api/sales-channels/nobody/{channel.id}", b"{}", content_type="text/plain").status_code == 404
    assert not ChannelNews.objects.exists()
    assert tell({}, body=b"[]") == 200  # Signed, and tells of no order.
    assert not ChannelNews.objects.exists()


def test_webhooks_are_made_and_enabled_again_and_it_is_said(woo, channel, now):
    address = f"/api/sales-channels/lampenhuis/{channel.id}"
    assert {hook["topic"] for hook in woo.hooks} == {"order.created", "order.updated", "order.deleted"}
    assert all(hook["delivery_url"].endswith(address) for hook in woo.hooks)
    assert {hook["secret"] for hook in woo.hooks} == {hook_secret_of(channel)}
    assert channel.hook_secret not in (hook["secret"] for hook in woo.hooks)

    woo.hooks[1]["status"] = "disabled"
    woo.orders[727] = woo_order()  # Nobody told of it.
    run_once(channel, now + timedelta(hours=25))

    row = SalesChannel.objects.get()
    assert [hook["status"] for hook in woo.hooks] == ["active"] * 3
    assert "it was enabled again" in channel_text(row)
    assert Order.objects.get().number == "727"
    run_once(channel, now + timedelta(hours=50))
    assert channel_text(SalesChannel.objects.get()) == "The last run went well."


def test_a_key_that_may_only_read_still_fetches(woo, channel, now):
    woo.may_write = False
    woo.hooks[0]["status"] = "disabled"
    run_once(channel, now + timedelta(hours=25))
    row = SalesChannel.objects.get()
    assert (channel_state(row), row.problem) == ("failing", "")
    assert "enable it there" in channel_text(row)
    woo.hooks.clear()
    run_once(channel, now + timedelta(hours=50))
    assert channel_state(SalesChannel.objects.get()) == "working"
    assert "every ten minutes instead of at once" in channel_text(SalesChannel.objects.get())

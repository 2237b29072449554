"""E-mail next to slow webhooks: one shop's partners do not block the others."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lostpost.core.jobs import Job, defer
from lostpost.core.queues import WATCH
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import MOST_WEBHOOKS, put_webhook
from lostpost.events.record import record_events
from lostpost.jobs.upkeep import RESCUE
from lostpost.jobs.webhooks import DELIVER, look_for_work
from tests.cast import a_query, an_order

pytestmark = pytest.mark.django_db(transaction=True)

HOLD_SECONDS = 10.0  # Less than a delivery may take: an address that is let go answers in time.


class SlowPartner:
    """A server that answers only once it is released; counts the requests that it held at once."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.in_time: list[bool] = []
        self.held, self.held_most, lock = 0, 0, threading.Lock()
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                with lock:
                    partner.held += 1
                    partner.held_most = max(partner.held, partner.held_most)
                self.rfile.read(int(self.headers["Content-Length"]))
                partner.in_time.append(partner.let_go.wait(HOLD_SECONDS))
                with lock:
                    partner.held -= 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def slow_partner(settings):
    settings.WEBHOOKS_TO_PRIVATE = True
    partner = SlowPartner()
    yield partner
    partner.let_go.set()
    partner.server.shutdown()
    partner.server.server_close()


def order_of(task: str, **arguments: Any) -> list[int]:
    """Return the positions of a task's jobs, with these arguments, among all that were done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT job.task_name = %s AND job.args @> %s::jsonb FROM procrastinate_events event"
            " JOIN procrastinate_jobs job ON job.id = event.job_id WHERE event.type = 'succeeded' ORDER BY event.id",
            [task, json.dumps(arguments)],
        )
        return [place for place, (is_asked_for,) in enumerate(cursor.fetchall()) if is_asked_for]


def test_mail_leaves_while_twenty_slow_addresses_of_another_shop_are_sent_to(anna, carla, running, slow_partner, work):
    # Given Carla's twenty webhooks, each with an event to come, and none of their addresses answers
    now = timezone.now()
    for n in range(MOST_WEBHOOKS):
        put_webhook(seller_id=carla.seller_id, name=f"slow-{n}", url=slow_partner.url, after=None, by="Carla", now=now)
    record_events(carla.seller_id, [("order.created", {"order_number": "1"})], now)
    look_for_work(timestamp=0)

    # When Anna writes to a customer, and it is time to look for what dead workers left
    a_query(an_order(anna.seller, now=now), anna, now=now)
    defer(Job(RESCUE, WATCH, {"timestamp": 0}))
    running.when_received = slow_partner.let_go.set  # The addresses answer once the e-mail is out.
    work()

    # Then the e-mail left while the first address was being waited for, and so was what had been left looked after
    assert len(running.received) == 1
    assert slow_partner.in_time == [True] * MOST_WEBHOOKS
    # (that the clock asks for once more, should a whole ten minutes end meanwhile, does not count)
    assert max(order_of("mail.send") + order_of(RESCUE, timestamp=0)) < max(order_of(DELIVER))
    # And Carla's partners were served one after the other, all of them
    assert slow_partner.held_most == 1
    assert set(Webhook.objects.values_list("delivered", flat=True)) == {1}

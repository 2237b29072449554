"""Orders paid at a provider, written off, and the jobs that follow, done as a worker does them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from mollie.utils.webhooks import SignatureValidator
from procrastinate.contrib.django.models import ProcrastinateJob
from stripe import WebhookSignature

from lostpost.accounts.actor import Actor
from lostpost.audit.verify import verify
from lostpost.connectors.payments.carry_out import carry_out, look_up
from lostpost.connectors.payments.provider import RetryableError
from lostpost.customer_queries.models import TimelineEntry
from lostpost.ledger.models import Transfer
from lostpost.refunds.models import Refund
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel
from tests.connectors.payments.servers import Payment, Server

SECRET = "whsec_for-tests"
DONE = {"mollie": "refunded", "stripe": "succeeded"}
FAILED = {"mollie": "failed", "stripe": "failed"}
ALIVE = ("pending", "processing", "queued", "refunded", "succeeded", "requires_action")


@dataclass
class Scene:
    """Anna's shop and the provider of her customers' payments."""

    anna: Actor
    server: Server
    now: datetime = NOW

    def written_off(self, *, paid_minor: int = 25_00, currency: str = "EUR", units: Any = None, **order: Any) -> Refund:
        """Sell for an amount that was paid at the provider, lose the parcel, write it off."""
        number = len(self.server.payments) + 1
        name = f"tr_{number:06}" if self.server.name == "mollie" else f"ch_{number:06}"
        intent = "" if self.server.name == "mollie" or number % 2 else f"pi_{number:06}"
        if units is None:
            units = f"{paid_minor / 100:.2f}" if self.server.name == "mollie" else paid_minor
        self.server.payments[name] = Payment(name, units, currency, intent)
        payment = {"payment_provider": self.server.name, "payment_reference": intent or name, **order}
        query = silent_parcel(self.anna, paid_minor=paid_minor, currency=currency, **payment)
        result = write_off(
            query=query.number, selection=all_of(query), by=self.anna, key=f"write-off-{number}", now=self.now
        )
        return Refund.objects.get(seller_id=self.anna.seller_id, id=result.refund_id)

    def carry_out(self, refund: Refund, *, later: timedelta = timedelta()) -> Refund | RetryableError:
        """Run the refund's job once; return the refund, or the error that made it wait."""
        self.now += later
        try:
            carry_out(seller_id=refund.seller_id, refund_id=refund.id, clock=lambda: self.now)
        except RetryableError as error:
            return error
        finally:
            refund.refresh_from_db()
        return refund

    def look_up(self, refund: Refund, *, later: timedelta = timedelta()) -> Refund:
        self.now += later
        look_up(seller_id=refund.seller_id, refund_id=refund.id, clock=lambda: self.now)
        refund.refresh_from_db()
        return refund

    def do_hints(self, refund: Refund) -> int:
        """Run the look-ups that webhooks have deferred, and count them."""
        jobs = ProcrastinateJob.objects.filter(task_name="refund.look-up", status="todo", args__refund=str(refund.id))
        ids = list(jobs.values_list("id", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [ids])
        for _job in ids:
            self.look_up(refund)
        return len(ids)

    def webhook(self, refund: Refund, *, at: float | None = None) -> int:
        """Send the provider's own kind of webhook about the payment; return our answer's status."""
        refund_event = self.server.refunds[-1] if self.server.refunds else {}
        if self.server.name == "mollie":
            return Client().post("/api/payments/mollie", {"id": refund.payment_reference}).status_code
        return self.stripe_event(refund_event, at=at)

    def stripe_event(self, about: dict[str, Any], *, at: float | None = None, secret: str = SECRET) -> int:
        body = json.dumps({"id": "evt_1", "object": "event", "type": "refund.updated", "data": {"object": about}})
        signed = WebhookSignature.generate_signature_header(body, secret, timestamp=int(at or time.time()))
        sent = Client().post("/api/payments/stripe", body, "application/json", headers={"Stripe-Signature": signed})
        return sent.status_code

    def mollie_event(self, about: dict[str, Any], *, secret: str = SECRET) -> int:
        body = json.dumps({"resource": "event", "type": "refund.refunded", "_embedded": {"entity": about}})
        signed = f"sha256={SignatureValidator.create_signature(body, secret)}"
        sent = Client().post("/api/payments/mollie", body, "application/json", headers={"X-Mollie-Signature": signed})
        return sent.status_code

    def timeline_kinds(self, refund: Refund) -> list[str]:
        entries = TimelineEntry.objects.filter(
            seller_id=refund.seller_id, query_id=refund.query_id, kind__startswith="refund."
        )
        return [kind.removeprefix("refund.") for kind in entries.order_by("at", "id").values_list("kind", flat=True)]

    def booked(self, refund: Refund) -> list[tuple[str, int]]:
        kinds = ("refund_paid", "refund_bounced")
        rows = Transfer.objects.filter(seller_id=refund.seller_id, kind__in=kinds).order_by("booked_at", "id")
        return list(rows.values_list("kind", "amount_minor"))

    def living_refunds(self) -> list[dict[str, Any]]:
        """Return the provider's refunds by which customers get money."""
        return [refund for refund in self.server.refunds if refund["status"] in ALIVE]

    def assert_whole(self) -> None:
        assert list(verify(self.anna.seller)) == []

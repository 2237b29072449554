"""Webhooks of payment providers. Their content is not trusted: refunds are looked up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import stripe
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from mollie.utils.webhooks import InvalidSignatureException, SignatureValidator

from lostpost.connectors.payments.hints import defer_lookups
from lostpost.web.problems import Problem

LARGEST_BODY = 256 * 1024
TAKEN = 200  # The same whether the payment is known or not, to reveal nothing.


@csrf_exempt
@require_POST
def mollie(request: HttpRequest) -> HttpResponse:
    """Take Mollie's webhooks: the payment's own, with nothing but an id, and the signed ones with a snapshot."""
    body = _body(request)
    if request.headers.get(SignatureValidator.SIGNATURE_HEADER) is not None:
        try:
            payload = body.decode()
            signed = SignatureValidator.validate(
                payload,
                [secret for secret in [settings.PAYMENT_WEBHOOK_SECRETS["mollie"]] if secret],
                request.headers[SignatureValidator.SIGNATURE_HEADER].split(","),
            )
        except (InvalidSignatureException, UnicodeDecodeError, TypeError) as wrong:
            raise _unsigned() from wrong
        if not signed:
            raise _unsigned()
        defer_lookups(provider="mollie", names=_named_by_mollie(_json(body)))
    else:
        defer_lookups(provider="mollie", names=request.POST.getlist("id")[:1])
    return HttpResponse(status=TAKEN)


@csrf_exempt
@require_POST
def stripe_events(request: HttpRequest) -> HttpResponse:
    """Take Stripe's events, signed with the endpoint's secret."""
    body = _body(request)
    try:
        stripe.WebhookSignature.verify_header(
            body,
            request.headers.get("Stripe-Signature"),
            settings.PAYMENT_WEBHOOK_SECRETS["stripe"] or None,
            stripe.Webhook.DEFAULT_TOLERANCE,
        )
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError) as wrong:
        raise _unsigned() from wrong
    defer_lookups(provider="stripe", names=_named_by_stripe(_json(body)))
    return HttpResponse(status=TAKEN)


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise Problem(413, "body-too-large", "The body is larger than 256 KiB.")
    return request.body


def _unsigned() -> Problem:
    return Problem(400, "not-signed", "The signature is missing, wrong or too old.")


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Problem(400, "malformed-body", "The body is not JSON.") from wrong
    return value if isinstance(value, dict) else {}


def _named_by_stripe(event: dict[str, Any]) -> list[str]:
    """Return the ids of the payment in an event's object: a refund, a charge or a payment intent."""
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if not isinstance(about, dict):
        return []
    return list(_texts(about.get("payment_intent"), about.get("charge"), about.get("id")))


def _named_by_mollie(event: dict[str, Any]) -> list[str]:
    """Return the payment of a snapshot, alone or within an event."""
    embedded = event.get("_embedded")
    within = embedded.get("entity") if isinstance(embedded, dict) else None
    about = within if isinstance(within, dict) else event
    return list(_texts(about.get("paymentId"), about.get("id")))


def _texts(*values: object) -> Iterator[str]:
    """Give the texts among the values; what was expanded has its name within."""
    for value in values:
        name = value.get("id") if isinstance(value, dict) else value
        if isinstance(name, str):
            yield name

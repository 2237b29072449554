"""Which payment providers we are connected to."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from lostpost.connectors.payments.mollie import Mollie
from lostpost.connectors.payments.provider import Provider, RetryableError
from lostpost.connectors.payments.stripe import Stripe
from lostpost.refunds.gateway import PROVIDERS, is_connected

_MADE_BY: dict[str, Callable[[str, str], Provider]] = {"mollie": Mollie, "stripe": Stripe}
assert set(_MADE_BY) == set(PROVIDERS)


def provider_named(name: str) -> Provider:
    """Return a provider. Raises RetryableError if we have no key of it, or none any more."""
    if not is_connected(name):
        raise RetryableError(f"There is no key of {PROVIDERS[name]}.", code="not-connected")
    return _MADE_BY[name](settings.PAYMENT_KEYS[name], settings.PAYMENT_URLS[name])

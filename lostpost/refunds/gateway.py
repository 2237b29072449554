"""Gateways that carry refunds out: which one a refund uses, and the jobs that it defers."""

from __future__ import annotations

import re
from typing import Protocol
from uuid import UUID

from django.conf import settings

from lostpost.core.jobs import Job
from lostpost.core.queues import REFUNDS

SEND_REFUND, LOOK_UP_REFUND = "refund.send", "refund.look-up"
QUEUE = REFUNDS
PROVIDERS = {"mollie": "Mollie", "stripe": "Stripe"}  # By the name in orders; the value is the brand name.
_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,200}")


class Gateway(Protocol):
    """Carries refunds out, on the original means of payment."""

    @property
    def name(self) -> str:
        """Name as refunds and orders keep it."""
        ...

    def job(self, *, seller_id: UUID, refund_id: UUID) -> Job | None:
        """Return the job that will carry the refund out, committed with its request; None where a person does it.

        The job must be safe to repeat: refund and attempt are the key under which it is paid at most once.
        """


class ManualGateway:
    """Finance pays each refund at the bank, from a list, and records the reference."""

    name = "manual"

    def job(self, *, seller_id: UUID, refund_id: UUID) -> Job | None:
        """Return no job: finance works from the list."""
        return None


class ProviderGateway:
    """A payment provider gives the money back on the payment that it took."""

    def __init__(self, name: str) -> None:
        assert name in PROVIDERS
        self.name = name

    def job(self, *, seller_id: UUID, refund_id: UUID) -> Job | None:
        """Return the job that asks the provider."""
        return refund_job(SEND_REFUND, seller_id=seller_id, refund_id=refund_id)


def gateway_of_new_refunds(provider: str = "", reference: str = "") -> Gateway:
    """Return the gateway for an order's payment: its provider if we are connected to it, else the manual one.

    Args: `reference`: the provider's id of the payment; without it there is no payment to refund.
    """
    if is_connected(provider) and _REFERENCE.fullmatch(reference):
        return ProviderGateway(provider)
    return ManualGateway()


def is_connected(provider: str) -> bool:
    """Whether we have a key of the provider."""
    return bool(settings.PAYMENT_KEYS.get(provider))


def refund_job(task: str, *, seller_id: UUID, refund_id: UUID) -> Job:
    """Return a job about one refund."""
    return Job(task, QUEUE, {"seller": str(seller_id), "refund": str(refund_id)})

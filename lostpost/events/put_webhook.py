"""Register a webhook, change it, rotate its secret, resume or remove it."""

from __future__ import annotations

import base64
import re
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.sealed import KeyMissing, seal, unseal
from lostpost.events.models import EventCounter, Webhook

NAME = "^[a-z0-9][a-z0-9-]{0,63}$"
MOST_WEBHOOKS = 20
MOST_SECRETS = 5
OVERLAP = timedelta(hours=24)  # How long an old secret signs too: time to deploy the new one everywhere.


class WebhookNotFound(NotFound):
    """There is no such webhook in this shop."""


class TooManyWebhooks(Conflict):
    """The shop has as many addresses as it may."""

    code = "too-many-webhooks"


class NameRefused(Rejected):
    """A webhook cannot be called that."""


@transaction.atomic(durable=True)
def put_webhook(
    *, seller_id: UUID, name: str, url: str, after: int | None, by: str, now: datetime
) -> tuple[Webhook, bool]:
    """Register an address under a name, or change it; return whether it is new. A repeat changes nothing.

    A new one gets the events that follow number `after`; without it, those from now on.

    Raises: NameRefused, TooManyWebhooks.
    """
    if not re.fullmatch(NAME, name):
        raise NameRefused(
            _("Name it with small letters, digits and hyphens, 64 at most, beginning with a letter or a digit.")
        )
    EventCounter.objects.get_or_create(seller_id=seller_id, defaults={"last": 0})
    counter = EventCounter.objects.select_for_update().get(seller_id=seller_id)  # One registration at a time.
    known = Webhook.objects.filter(seller_id=seller_id, name=name).first()
    if known:
        if known.url != url:
            _move(known, url, now)
        return known, False
    if Webhook.objects.filter(seller_id=seller_id).count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks(
            _("A shop has at most %(most)d webhooks. Remove one that is not needed.") % {"most": MOST_WEBHOOKS}
        )
    webhook = Webhook(
        seller_id=seller_id,
        name=name,
        url=url,
        secrets=[{"sealed": seal(new_secret()), "until": None}],
        delivered=counter.last if after is None else min(after, counter.last),
        next_attempt_at=now,
        made_at=now,
        made_by=by,
    )
    webhook.save(force_insert=True)
    return webhook, True


def _move(webhook: Webhook, url: str, now: datetime) -> None:
    """Change the address of a webhook, which has not failed yet; a parked one waits until it is resumed."""
    values: dict[str, object] = {"url": url, "slow": False}
    if webhook.state == Webhook.State.ACTIVE:
        values |= {"failures": 0, "failing_since": None, "problem": "", "next_attempt_at": now}
    for field, value in values.items():
        setattr(webhook, field, value)
    Webhook.objects.filter(seller_id=webhook.seller_id, id=webhook.id).update(**values)


@transaction.atomic(durable=True)
def remove_webhook(*, seller_id: UUID, name: str) -> None:
    """Remove a webhook with its secrets. Raises WebhookNotFound."""
    if not Webhook.objects.filter(seller_id=seller_id, name=name).delete()[0]:
        raise no_such_webhook(name)


@transaction.atomic(durable=True)
def rotate_secret(*, seller_id: UUID, name: str, now: datetime) -> Webhook:
    """Give a webhook a new secret; the one before signs too for a day. Raises WebhookNotFound."""
    webhook = _lock(seller_id, name)
    older = [
        {**each, "until": each["until"] or (now + OVERLAP).isoformat()}
        for each in webhook.secrets
        if each["until"] is None or datetime.fromisoformat(each["until"]) > now
    ]
    webhook.secrets = [{"sealed": seal(new_secret()), "until": None}, *older][:MOST_SECRETS]
    Webhook.objects.filter(seller_id=seller_id, id=webhook.id).update(secrets=webhook.secrets)
    return webhook


@transaction.atomic(durable=True)
def resume_webhook(*, seller_id: UUID, name: str, now: datetime) -> Webhook:
    """Send again to an address that was parked, or at once to one that waits; from where it stopped.

    Raises: WebhookNotFound.
    """
    webhook = _lock(seller_id, name)
    if webhook.failures:
        values = {"state": Webhook.State.ACTIVE, "failures": 0, "failing_since": None, "next_attempt_at": now}
        for field, value in values.items():
            setattr(webhook, field, value)
        Webhook.objects.filter(seller_id=seller_id, id=webhook.id).update(**values)
    return webhook


def newest_secret(webhook: Webhook) -> str:
    """Return the newest secret, to be shown once. Raises KeyMissing."""
    return unseal(webhook.secrets[0]["sealed"])


def live_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """Return the secrets that sign now, newest first; of older ones, those that can still be read.

    Raises: KeyMissing if the newest cannot be: nothing would be signed as its owner expects.
    """
    readable = [newest_secret(webhook)]
    for each in webhook.secrets[1:]:
        if datetime.fromisoformat(each["until"]) > now:
            with suppress(KeyMissing):  # It was replaced, and the newest signs in its place.
                readable.append(unseal(each["sealed"]))
    return readable


def old_secret_until(webhook: Webhook, now: datetime) -> datetime | None:
    """Return until when an older secret signs along; none if the newest signs alone."""
    ends = [datetime.fromisoformat(each["until"]) for each in webhook.secrets[1:]]
    return max((end for end in ends if end > now), default=None)


def new_secret() -> str:
    """Make a secret as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def no_such_webhook(name: str) -> WebhookNotFound:
    """Return the refusal of a name that no webhook of the shop has."""
    return WebhookNotFound(_("There is no webhook “%(name)s” in this shop.") % {"name": name})


def _lock(seller_id: UUID, name: str) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(seller_id=seller_id, name=name).first()
    if webhook is None:
        raise no_such_webhook(name)
    return webhook

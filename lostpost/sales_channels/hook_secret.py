"""The secret with which a platform signs what it tells of a channel, and how its webhooks fare."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from lostpost.core.sealed import KeyMissing, seal, unseal
from lostpost.sales_channels.models import SalesChannel


@transaction.atomic(durable=True)
def put_hook_secret(*, channel: SalesChannel) -> str:
    """Return the secret of a channel's webhooks, made the first time, and again where no key opens it."""
    row = SalesChannel.objects.select_for_update().get(seller_id=channel.seller_id, id=channel.id)
    if secret := hook_secret_of(row):
        return secret
    secret = secrets.token_urlsafe(32)
    SalesChannel.objects.filter(seller_id=row.seller_id, id=row.id).update(hook_secret=seal(secret))
    return secret


def hook_secret_of(row: SalesChannel) -> str:
    """Return the secret; nothing where there is none that can be read."""
    with suppress(KeyMissing):
        return unseal(row.hook_secret) if row.hook_secret else ""
    return ""


@transaction.atomic(durable=True)
def note_hooks(*, channel: SalesChannel, problem: str, now: datetime) -> None:
    """Note how the platform's webhooks fare. Args: `problem`: a code of `texts.sales_channels`, or nothing."""
    rows = SalesChannel.objects.filter(seller_id=channel.seller_id, id=channel.id)
    rows.update(hooks_checked_at=now, hook_problem=problem)

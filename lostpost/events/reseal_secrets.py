"""Seal a webhook's secrets with the key in use, after the secret key of the installation was changed."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lostpost.core.sealed import reseal
from lostpost.events.models import Webhook


@transaction.atomic(durable=True)
def reseal_secrets(*, seller_id: UUID, webhook_id: UUID) -> None:
    """Seal each secret again; nothing changes for the receiver, and nothing if the webhook was removed meanwhile.

    Raises: KeyMissing if one of them cannot be read; then all stay as they are.
    """
    webhook = Webhook.objects.select_for_update().filter(seller_id=seller_id, id=webhook_id).first()
    if webhook is not None:
        sealed = [{**each, "sealed": reseal(each["sealed"])} for each in webhook.secrets]
        Webhook.objects.filter(seller_id=seller_id, id=webhook_id).update(secrets=sealed)

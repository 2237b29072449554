"""Encrypt the secrets in the database again, so that a former secret key can be removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lostpost.core.ownership import cross_seller
from lostpost.core.sealed import KeyMissing
from lostpost.events.models import Webhook
from lostpost.events.reseal_secrets import reseal_secrets


class Command(BaseCommand):
    """`lostpost reseal`; safe to repeat."""

    help = "Seal the secrets of webhooks again with the key in use, after LOSTPOST_SECRET_KEY was changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Seal them one webhook after the other, and name those that no key opens."""
        with cross_seller("every webhook has secrets"):
            webhooks = list(Webhook.objects.select_related("seller").order_by("seller__code", "name"))
        lost = [f"{webhook.seller.code}/{webhook.name}" for webhook in webhooks if not self.resealed(webhook)]
        self.stdout.write(f"{len(webhooks) - len(lost)} webhooks are sealed with the key in use.")
        if lost:
            raise CommandError(
                f"No key opens the secrets of {', '.join(lost)}. Add the key they were sealed with to "
                "LOSTPOST_SECRET_KEY_FALLBACKS, or let their owners make new secrets."
            )

    def resealed(self, webhook: Webhook) -> bool:
        """Encrypt the secrets of one webhook again; return whether that was possible."""
        try:
            reseal_secrets(seller_id=webhook.seller_id, webhook_id=webhook.id)
        except KeyMissing:
            return False
        return True

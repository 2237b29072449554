"""Encrypt the secrets in the database again, so that a former secret key can be removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connector_accounts.put_connector_account import reseal_connector_account
from lostpost.core.ownership import cross_seller
from lostpost.core.sealed import KeyMissing
from lostpost.events.models import Webhook
from lostpost.events.reseal_secrets import reseal_secrets
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.put_sales_channel import reseal_channel
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.put_tracking_source import reseal_source_secrets


class Command(BaseCommand):
    """`lostpost reseal`; safe to repeat."""

    help = "Seal the secrets of webhooks and accounts again with the key in use, after LOSTPOST_SECRET_KEY was changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Seal them one webhook after the other, and name those that no key opens."""
        with cross_seller("every webhook has secrets"):
            webhooks = list(Webhook.objects.select_related("seller").order_by("seller__code", "name"))
            sources = list(TrackingSource.objects.select_related("seller").order_by("seller__code", "source"))
            channels = list(SalesChannel.objects.select_related("seller").order_by("seller__code", "platform"))
        lost = [f"{each.seller.code}/{each.name}" for each in webhooks if not webhook_resealed(each)]
        lost += [f"{each.seller.code}/{each.source}" for each in sources if not source_resealed(each)]
        lost += [f"{each.seller.code}/{each.account}" for each in channels if not channel_resealed(each)]
        accounts = list(ConnectorAccount.objects.order_by("connector", "made_at"))
        lost += [f"the account with {each.connector}" for each in accounts if not account_resealed(each)]
        count = len(webhooks) + len(sources) + len(channels) + len(accounts) - len(lost)
        self.stdout.write(f"{count} webhooks and accounts are sealed with the key in use.")
        if lost:
            raise CommandError(
                f"No key opens the secrets of {', '.join(lost)}. Add the key they were sealed with to "
                "LOSTPOST_SECRET_KEY_FALLBACKS, or let their owners make new secrets."
            )


def webhook_resealed(webhook: Webhook) -> bool:
    """Encrypt the secrets of one webhook again; return whether that was possible."""
    try:
        reseal_secrets(seller_id=webhook.seller_id, webhook_id=webhook.id)
    except KeyMissing:
        return False
    return True


def source_resealed(row: TrackingSource) -> bool:
    """Encrypt the secrets of one source of scans again; return whether that was possible."""
    try:
        reseal_source_secrets(seller_id=row.seller_id, source_id=row.id)
    except KeyMissing:
        return False
    return True


def channel_resealed(row: SalesChannel) -> bool:
    """Encrypt the credentials of one sales channel again; return whether that was possible."""
    try:
        reseal_channel(seller_id=row.seller_id, channel_id=row.id)
    except KeyMissing:
        return False
    return True


def account_resealed(account: ConnectorAccount) -> bool:
    """Encrypt what opens an account again; return whether that was possible."""
    try:
        reseal_connector_account(account_id=account.id)
    except KeyMissing:
        return False
    return True

"""Seal the secrets of webhooks, which stood in the database as they are; and remember when each took something last."""

from collections.abc import Callable
from typing import Any

from django.db import migrations, models

from lostpost.core.ownership import cross_seller
from lostpost.core.sealed import seal, unseal


def seal_secrets(apps: Any, schema_editor: Any) -> None:
    rewrite(apps, lambda each: {"sealed": seal(each["secret"]), "until": each["until"]})


def unseal_secrets(apps: Any, schema_editor: Any) -> None:
    rewrite(apps, lambda each: {"secret": unseal(each["sealed"]), "until": each["until"]})


def rewrite(apps: Any, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write every secret anew; at most twenty webhooks of a shop, so a row at a time."""
    Webhook = apps.get_model("lostpost", "Webhook")
    with cross_seller("the secrets of all webhooks are written anew"):
        for seller_id, webhook_id, kept in list(Webhook.objects.values_list("seller_id", "id", "secrets")):
            written = [changed(each) for each in kept]
            Webhook.objects.filter(seller_id=seller_id, id=webhook_id).update(secrets=written)


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0006_webhooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="delivered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(seal_secrets, unseal_secrets),
    ]

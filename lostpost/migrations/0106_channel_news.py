"""What platforms tell by webhook, and the secret with which they sign it."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0099_next_job_of_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="saleschannel",
            name="hook_problem",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="saleschannel",
            name="hook_secret",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="saleschannel",
            name="hooks_checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="saleschannel",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="ChannelNews",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("channel_id", models.UUIDField()),
                ("reference", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=150)),
                ("told_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.ForeignObject(
                        from_fields=("seller_id", "channel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="news",
                        to="lostpost.saleschannel",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.seller",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("taken_at__isnull", True)),
                        fields=["seller", "channel_id", "told_at"],
                        name="channel_news_to_take",
                    ),
                    models.Index(fields=["told_at"], name="channel_news_by_age"),
                ],
                "constraints": [
                    lostpost.core.ownership.OwnedForeignKey(
                        "channel_id", name="channel_news_of_a_channel_of_its_seller", to="SalesChannel"
                    ),
                    models.UniqueConstraint(fields=("seller", "channel_id", "key"), name="channel_news_once"),
                ],
            },
        ),
    ]

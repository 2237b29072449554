"""First messages to customers that are not sent, with their files."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0062_postcodes_and_senders"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactDraft",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("order_id", models.UUIDField()),
                ("user_id", models.BigIntegerField()),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("item", models.CharField(blank=True, max_length=64)),
                ("text", models.TextField(blank=True)),
                ("leave_open", models.BooleanField(null=True)),
                ("seen_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_drafts",
                        to="lostpost.order",
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
        ),
        migrations.CreateModel(
            name="ContactFile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("draft_id", models.UUIDField()),
                ("name", models.CharField(max_length=100)),
                ("media_type", models.CharField(max_length=30)),
                ("size_bytes", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("stored_at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignObject(
                        from_fields=("seller_id", "draft_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="lostpost.contactdraft",
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
        ),
        migrations.AddIndex(
            model_name="contactdraft",
            index=models.Index(fields=["seller", "seen_at"], name="contact_draft_oldest_first"),
        ),
        migrations.AddConstraint(
            model_name="contactdraft",
            constraint=lostpost.core.ownership.OfItsSeller(name="contact_draft_of_its_seller"),
        ),
        migrations.AddConstraint(
            model_name="contactdraft",
            constraint=lostpost.core.ownership.OwnedForeignKey(
                "order_id", name="contact_draft_belongs_to_an_order_of_its_seller", to="Order"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactdraft",
            constraint=models.UniqueConstraint(
                fields=("seller", "order_id", "user_id"), name="contact_draft_one_for_each_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactfile",
            constraint=lostpost.core.ownership.OfItsSeller(name="contact_file_of_its_seller"),
        ),
        migrations.AddConstraint(
            model_name="contactfile",
            constraint=lostpost.core.ownership.OwnedForeignKey(
                "draft_id", name="contact_file_belongs_to_a_draft_of_its_seller", to="ContactDraft"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactfile",
            constraint=models.UniqueConstraint(fields=("seller", "draft_id", "sha256"), name="contact_file_kept_once"),
        ),
        migrations.AddConstraint(
            model_name="contactfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("size_bytes__gt", 0)), name="contact_file_size_positive"
            ),
        ),
    ]

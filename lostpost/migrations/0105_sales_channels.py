"""Shops' accounts at the platforms on which they sell; a shipping method that nobody has said."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0096_claims_of_polls"),
    ]

    operations = [
        migrations.CreateModel(
            name="CarrierName",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lostpost.core.ownership.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name_normalised", models.TextField()),
                ("name", models.CharField(max_length=64)),
                ("carrier", models.CharField(blank=True, max_length=64)),
                ("first_at", models.DateTimeField()),
                ("mapped_at", models.DateTimeField(null=True)),
                ("mapped_by", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name_normalised",), name="carrier_name_once")],
            },
        ),
        migrations.CreateModel(
            name="SalesChannel",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
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
                ("platform", models.CharField(max_length=20)),
                ("account", models.CharField(max_length=200)),
                ("prefix", models.CharField(blank=True, max_length=16)),
                ("credentials", models.TextField()),
                ("token", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused")], default="active", max_length=10
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=200)),
                ("progress", models.JSONField(default=dict)),
                ("next_run_at", models.DateTimeField()),
                ("lease", models.UUIDField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=40)),
                ("problem_detail", models.CharField(blank=True, max_length=300)),
                ("orders", models.BigIntegerField(default=0)),
                ("parcels", models.BigIntegerField(default=0)),
                ("returns", models.BigIntegerField(default=0)),
                ("scans", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active")), fields=["next_run_at"], name="sales_channel_due"
                    )
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="sales_channel_of_its_seller"),
                    models.UniqueConstraint(
                        fields=("seller", "platform", "account"), name="sales_channel_once_per_shop"
                    ),
                    models.UniqueConstraint(fields=("seller", "prefix"), name="sales_channel_prefix_once_per_shop"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "paused"])), name="sales_channel_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease__isnull", True), ("leased_until__isnull", True)),
                            models.Q(("lease__isnull", False), ("leased_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="sales_channel_lease_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
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
                ("channel_id", models.UUIDField()),
                (
                    "channel",
                    models.ForeignObject(
                        from_fields=("seller_id", "channel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refused_records",
                        to="lostpost.saleschannel",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("reference", models.CharField(max_length=100)),
                ("order_reference", models.CharField(max_length=100)),
                ("reason", models.CharField(max_length=500)),
                ("first_refused_at", models.DateTimeField()),
                ("refused_at", models.DateTimeField()),
                ("retry_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "channel_id", "order_reference"], name="refused_record_of_order")
                ],
                "constraints": [
                    lostpost.core.ownership.OwnedForeignKey(
                        "channel_id", name="refused_record_of_a_channel_of_its_seller", to="SalesChannel"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "channel_id", "kind", "reference"), name="refused_record_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["order", "parcel", "return", "scan"])),
                        name="refused_record_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchedShipment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
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
                ("channel_id", models.UUIDField()),
                (
                    "channel",
                    models.ForeignObject(
                        from_fields=("seller_id", "channel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watched_shipments",
                        to="lostpost.saleschannel",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("reference", models.CharField(max_length=64)),
                ("parcel_code", models.CharField(max_length=64)),
                ("due_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "channel_id", "due_at"], name="watched_shipment_due")],
                "constraints": [
                    lostpost.core.ownership.OwnedForeignKey(
                        "channel_id", name="watched_shipment_of_a_channel_of_its_seller", to="SalesChannel"
                    ),
                    models.UniqueConstraint(fields=("seller", "channel_id", "reference"), name="watched_shipment_once"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="parcel",
            name="parcel_shipping_method_known",
        ),
        migrations.AlterField(
            model_name="parcel",
            name="shipping_method",
            field=models.CharField(
                choices=[
                    ("own", "Own"),
                    ("logistics_via_platform", "Logistics"),
                    ("shipping_via_platform", "Shipping"),
                    ("label_via_platform", "Label"),
                    ("unknown", "Unknown"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "shipping_method__in",
                        ["own", "logistics_via_platform", "shipping_via_platform", "label_via_platform", "unknown"],
                    )
                ),
                name="parcel_shipping_method_known",
            ),
        ),
    ]

"""Days of shops with what was written off on them, holds on write-offs, and the requests about these."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0032_customer_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="WriteOffDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("day", models.DateField()),
                ("write_offs", models.PositiveIntegerField()),
                ("amounts", models.JSONField()),
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
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="write_off_day_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "day"), name="write_off_day_counted_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="hold_id",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("daily-count", "Write-offs in a day"),
                            ("daily-amount", "Amount in a day"),
                            ("order", "This order"),
                            ("shop", "The shop"),
                        ],
                        max_length=20,
                    ),
                ),
                ("query_id", models.UUIDField()),
                ("order_id", models.UUIDField(null=True)),
                ("day", models.DateField(null=True)),
                ("figures", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[("held", "On hold"), ("upheld", "Upheld"), ("released", "Released")],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_user_id", models.BigIntegerField(null=True)),
                ("settled_by_name", models.CharField(blank=True, max_length=200)),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="lostpost.customerquery",
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
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="hold_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="hold_came_up_in_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="hold_is_on_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True),
                            ("kind__in", ["daily-count", "daily-amount"]),
                        ),
                        fields=("seller", "day"),
                        name="hold_stands_once_in_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("state", "released"), _negated=True), ("kind", "order")),
                        fields=("seller", "order_id"),
                        name="hold_stands_once_on_an_order",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("state", "released"), _negated=True), ("kind", "shop")),
                        fields=("seller",),
                        name="hold_stands_once_on_a_shop",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["daily-count", "daily-amount"]),
                                ("day__isnull", False),
                                ("order_id", None),
                            ),
                            models.Q(
                                ("day", None),
                                ("kind", "order"),
                                ("order_id__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                ("day", None),
                                ("kind", "shop"),
                                ("order_id", None),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hold_has_what_its_kind_needs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "held")),
                            models.Q(("settled_at__isnull", False), ("state__in", ["upheld", "released"])),
                            _connector="OR",
                        ),
                        name="hold_settled_has_its_time",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="hold_of_query"),
                    models.Index(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True), ("day__isnull", False), _connector="OR"
                        ),
                        fields=["seller", "day"],
                        name="hold_that_may_stop",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="hold",
            field=models.ForeignObject(
                from_fields=("seller_id", "hold_id"),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="lostpost.hold",
                to_fields=("seller_id", "id"),
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("hold_id__isnull", False)), fields=["seller", "hold_id"], name="request_of_hold"
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=lostpost.core.ownership.OwnedForeignKey(
                "hold_id", name="request_is_about_a_hold_of_its_seller", to="Hold"
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hold_id__isnull", False), ("kind__in", ["hold", "appeal"])),
                    models.Q(models.Q(("kind__in", ["hold", "appeal"]), _negated=True), ("hold_id", None)),
                    _connector="OR",
                ),
                name="request_about_a_hold_names_it",
            ),
        ),
    ]

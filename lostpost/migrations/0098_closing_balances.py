"""Closing balances: months of the ledger that have ended are added up once."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0091_carrier_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosingBalance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("until_at", models.DateTimeField()),
                ("currency", models.CharField(max_length=3)),
                ("debit", models.CharField(max_length=20)),
                ("credit", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=40)),
                ("transfers", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
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
                    lostpost.core.ownership.OfItsSeller(name="closing_balance_of_its_seller"),
                    models.UniqueConstraint(
                        fields=("seller", "until_at", "currency", "debit", "credit", "kind"),
                        name="closing_balance_added_up_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("transfers__gt", 0)),
                        name="closing_balance_of_some_transfers",
                    ),
                ],
            },
        ),
    ]

"""Silences of parcels, and their counts, for the odds that a silent parcel still comes."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0084_files_of_held_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="SilenceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carrier_normalised", models.TextField()),
                ("country", models.CharField(max_length=2)),
                ("silent_days", models.PositiveIntegerField()),
                ("end_days", models.PositiveIntegerField()),
                ("outcome", models.CharField(max_length=9)),
                ("parcels", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("carrier_normalised", "country", "silent_days", "end_days", "outcome"),
                        name="silence_count_unique",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id",
                        "parcel_id",
                        "began_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("parcel_id", models.UUIDField()),
                ("began_at", models.DateTimeField()),
                ("carrier_normalised", models.TextField()),
                ("country", models.CharField(max_length=2)),
                ("silent_days", models.PositiveIntegerField(null=True)),
                ("end_days", models.PositiveIntegerField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=9)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "parcel",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="silences",
                        to="lostpost.parcel",
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
                    models.Index(condition=models.Q(("outcome", "")), fields=["began_at"], name="silence_without_end"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["began_at"], name="silence_by_day_of_all"),
                ],
                "constraints": [
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_id", name="silence_of_a_parcel_of_its_seller", to="Parcel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["", "delivered", "returned"])), name="silence_outcome_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end_days__isnull", True), ("outcome", "")),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("end_days__isnull", False)),
                            _connector="OR",
                        ),
                        name="silence_ends_with_its_outcome",
                    ),
                ],
            },
        ),
    ]

"""What a customer is asked to declare about a parcel, and has signed."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0048_secrets_seen_by"),
    ]

    operations = [
        migrations.CreateModel(
            name="Declaration",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("query_id", models.UUIDField()),
                ("parcel_id", models.UUIDField()),
                ("language", models.CharField(max_length=2)),
                ("sentence", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_user_id", models.BigIntegerField(default=0)),
                ("asked_by_name", models.CharField(max_length=200)),
                ("signed_name", models.CharField(blank=True, max_length=200)),
                ("signed_on", models.DateField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("content_deleted_at", models.DateTimeField(null=True)),
                (
                    "parcel",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.parcel",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("content_deleted_at", None)),
                        fields=["seller", "asked_at"],
                        name="declaration_oldest_first",
                    )
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="declaration_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="declaration_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_id", name="declaration_is_about_a_parcel_of_its_seller", to="Parcel"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "query_id", "parcel_id"), name="declaration_once_for_each_parcel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["nl", "fr", "de", "en"])),
                        name="declaration_language_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at", None), ("signed_name", ""), ("signed_on", None)),
                            models.Q(("signed_at__isnull", False), ("signed_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="declaration_signed_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content_deleted_at__isnull", False), ("sentence", ""), ("signed_name", "")),
                            models.Q(
                                ("content_deleted_at", None),
                                models.Q(("sentence", ""), _negated=True),
                                models.Q(
                                    ("signed_at", None), models.Q(("signed_name", ""), _negated=True), _connector="OR"
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="declaration_has_its_words_until_their_time_is_over",
                    ),
                ],
            },
        ),
    ]

"""What VIES answered about the VAT numbers of shops."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0049_compensations"),
    ]

    operations = [
        migrations.CreateModel(
            name="VatNumberCheck",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("vat_number", models.CharField(max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("valid", "valid"), ("invalid", "not valid"), ("unreachable", "no answer")],
                        max_length=20,
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("answer", models.JSONField(default=dict)),
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
                    models.Index(fields=["seller", "vat_number", "-checked_at"], name="vat_number_check_newest_first")
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="vat_number_check_of_its_seller"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome__in", ["valid", "invalid"]), ("problem", "")),
                            models.Q(
                                ("outcome", "unreachable"), ("reference", ""), models.Q(("problem", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="vat_number_check_has_an_answer_or_a_problem",
                    ),
                ],
            },
        ),
    ]

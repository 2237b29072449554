"""How many customers a shop answers on a day, and how many of them in time."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0047_customer_links_masked"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerDay",
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
                ("day", models.DateField()),
                ("answers", models.PositiveIntegerField()),
                ("in_time", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="answer_day_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "day"), name="answer_day_counted_once"),
                    models.CheckConstraint(
                        condition=models.Q(("in_time__lte", models.F("answers"))),
                        name="answer_day_in_time_are_answers",
                    ),
                ],
            },
        ),
    ]

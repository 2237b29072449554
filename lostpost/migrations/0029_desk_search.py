"""Indexes with which Partnerservice searches all shops and counts their losses."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0035_attachments"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(fields=["number"], name="customer_query_by_number"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    models.Func(
                        django.db.models.functions.text.Lower("number"),
                        output_field=models.TextField(),
                        template="reverse(translate(%(expressions)s, '_.:-', ''))",
                    ),
                    "C",
                ),
                name="order_by_number_of_all",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Lower("customer_email"), "C"
                ),
                name="order_by_email_of_all",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.comparison.Collate("customer_name_normalised", "C"),
                name="order_by_name_of_all",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["placed_at"], name="order_placed_at_of_all"),
        ),
        migrations.AddIndex(
            model_name="writeoff",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["confirmed_at"], name="write_off_by_day_of_all"),
        ),
    ]

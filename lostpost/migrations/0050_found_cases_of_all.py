"""Indexes for the desk's list of found parcels, and for its search."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0058_national_vat"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="foundcase",
            index=models.Index(fields=["state", "opened_at", "id"], name="found_case_of_all_by_state"),
        ),
        migrations.AddIndex(
            model_name="foundcase",
            index=models.Index(fields=["seller", "order_id"], name="found_case_of_order"),
        ),
    ]

"""Lists of compensations, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0060_delivery_costs_waived"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="compensation",
            index=models.Index(fields=["seller", "granted_at", "id"], name="compensation_newest_first"),
        ),
    ]

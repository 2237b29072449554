"""Parcels are marked once they fell silent, so that the radar finds them in that order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0070_claim_days_of_queries"),
    ]

    operations = [
        migrations.AddField(
            model_name="parcel",
            name="silent_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(
                    ("delivered", False),
                    ("shipping_method", "own"),
                    ("silent_since__isnull", False),
                    ("written_off", False),
                ),
                fields=["seller", "silent_since", "id"],
                name="parcel_silent_in_its_shop",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(
                    ("delivered", False),
                    ("shipping_method", "own"),
                    ("silent_since__isnull", False),
                    ("written_off", False),
                ),
                fields=["silent_since", "id"],
                name="parcel_silent_of_all",
            ),
        ),
        migrations.AddIndex(
            model_name="parcelunit",
            index=models.Index(
                condition=models.Q(("override__isnull", False)),
                fields=["seller", "parcel_id"],
                name="parcel_unit_with_override",
            ),
        ),
    ]

"""Parcels that were handed over at the same instant stand in an index in their order, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0075_invoices_over_what_was_paid_again"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="parcel",
            name="parcel_silent_candidates",
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(("delivered", False), ("shipping_method", "own"), ("written_off", False)),
                fields=["seller", "shipped_at", "id"],
                name="parcel_silent_candidates",
            ),
        ),
    ]

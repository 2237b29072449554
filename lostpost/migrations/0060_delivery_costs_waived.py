"""Delivery costs that a customer agreed to pay again are waived where they do not keep everything."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0059_set_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="restoration",
            name="delivery_waived_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="restoration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delivery_waived_minor", 0),
                    models.Q(("delivery_minor", 0), ("delivery_waived_minor__gt", 0)),
                    _connector="OR",
                ),
                name="restoration_pays_or_waives_delivery_costs",
            ),
        ),
    ]

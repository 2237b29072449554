"""Orders have the postcode of their delivery; incoming e-mail is counted by its sender."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0068_given_back_of_units"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="customer_postal_code",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AddField(
            model_name="order",
            name="customer_postal_code_normalised",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddIndex(
            model_name="incomingmail",
            index=models.Index(
                django.db.models.functions.text.Lower("envelope_sender"),
                models.F("received_at"),
                name="incoming_mail_of_sender",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("customer_postal_code_normalised", ""), _negated=True),
                fields=["customer_country", "customer_postal_code_normalised"],
                name="order_by_postcode_of_all",
            ),
        ),
    ]

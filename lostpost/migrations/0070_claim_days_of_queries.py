"""Worklists are sorted by the last day on which the carrier takes a claim."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0063_held_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="customerquery",
            name="claim_until",
            field=models.DateTimeField(
                db_default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "handled"), _negated=True),
                fields=["seller", "state", "claim_until", "id"],
                name="customer_query_by_claim",
            ),
        ),
    ]

from django.db import migrations, models
from django.db.models import UniqueConstraint


class Migration(migrations.Migration):
    """Number the bounces of a refund: paid again within the same attempt, it can come back once more."""

    dependencies = [
        ("lostpost", "0020_scans_held_by_their_parcels"),
    ]

    operations = [
        migrations.AddField("refundbounce", "number", models.PositiveIntegerField(default=1, db_default=1)),
        migrations.RunSQL(
            """
            UPDATE lostpost_refundbounce bounce
               SET number = counted.number
              FROM (SELECT id, row_number() OVER (PARTITION BY seller_id, refund_id ORDER BY attempt) AS number
                      FROM lostpost_refundbounce) counted
             WHERE counted.id = bounce.id
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint("refundbounce", "refund_bounced_once_for_each_attempt"),
        migrations.AddConstraint(
            "refundbounce", UniqueConstraint(fields=["seller", "refund_id", "number"], name="refund_bounces_numbered")
        ),
    ]

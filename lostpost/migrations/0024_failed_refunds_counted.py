from django.db import migrations, models

FILL = """
    UPDATE lostpost_customerquery query
       SET refunds_failed = failed.refunds
      FROM (SELECT seller_id, query_id, count(*) AS refunds
              FROM lostpost_refund WHERE state = 'failed' GROUP BY seller_id, query_id) failed
     WHERE query.seller_id = failed.seller_id AND query.id = failed.query_id
"""


class Migration(migrations.Migration):
    """Count a query's failed refunds, which were read off its timeline before."""

    dependencies = [
        ("lostpost", "0023_rate_on_write_off_lines"),
    ]

    operations = [
        migrations.AddField("customerquery", "refunds_failed", models.PositiveIntegerField(default=0, db_default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
